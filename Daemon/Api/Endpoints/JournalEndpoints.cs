using System.Globalization;
using System.Text.Json;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Node;

namespace ClusterTools.Api;

/// <summary>The journal of decisions.</summary>
internal sealed class JournalEndpoints(Changes changes, WriterBudget writers, ApiServerOptions options)
{
    private const int DefaultLimit = 100;

    private const int MostEntries = 1000;

    public IEnumerable<Route> Routes() =>
    [
        new("GET", "/v1/journal", AccessRole.Viewer, Read, "after", "before", "limit", "group", "node", "since", "severity"),
        new("POST", "/v1/journal", AccessRole.Operator, Write, "wait"),
    ];

    private static Task Read(ApiRequest request)
    {
        long? after = request.Number("after", 0, long.MaxValue);
        int limit = (int)(request.Number("limit", 1, MostEntries) ?? DefaultLimit);
        string? group = request.Query("group");
        string? node = request.Query("node");
        long since = Since(request);
        JournalSeverity least = request.Word<JournalSeverity>(
            "severity", "Use information, warning or error: it and what is worse is given.")
            ?? JournalSeverity.Information;
        Journal journal = request.Node.Journal;
        long before = request.Number("before", 1, long.MaxValue) ?? long.MaxValue;
        IEnumerable<JournalRecord> fitting = journal.Read(after ?? 0, Journal.MemoryLimit).Where(r =>
            r.Sequence < before
            && (group is null || r.Entry.Group == group)
            && (node is null || r.Entry.Node == node)
            && r.Entry.WallTime >= since
            && r.Entry.Severity >= least);

        // Without a place to begin at, the newest are what is asked for.
        bool forward = after is not null;
        (List<Contract.JournalEntry> page, bool more) = Page(forward ? fitting : fitting.Reverse(), limit);
        if (!forward)
        {
            page.Reverse();
        }

        return request.AnswerAsync(new Contract.JournalPage
        {
            Node = request.Node.Name,
            Last = journal.Last,
            More = forward && more,
            Before = !forward && more ? page[0].Sequence : null,
            Entries = page,
        });
    }

    /// <summary>So many, or as many as an answer holds.</summary>
    private static (List<Contract.JournalEntry> Page, bool More) Page(IEnumerable<JournalRecord> records, int limit)
    {
        List<Contract.JournalEntry> page = [];
        long bytes = 0;
        foreach (JournalRecord record in records)
        {
            Contract.JournalEntry entry = StateViews.JournalEntry(record);
            bytes += JsonSerializer.SerializeToUtf8Bytes(entry, ApiJson.Strict.GetTypeInfo<Contract.JournalEntry>()).Length;
            if (page.Count == limit || (page.Count > 0 && bytes > Pages.MostBytes))
            {
                return (page, true);
            }

            page.Add(entry);
        }

        return (page, false);
    }

    private static long Since(ApiRequest request)
    {
        if (request.Query("since") is not { } text)
        {
            return 0;
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset since)
            ? since.ToUnixTimeMilliseconds()
            : throw Problems.BadRequest("Query parameter since is not a time.", "Use ISO 8601, such as 2026-01-31T08:00:00Z.");
    }

    private async Task Write(ApiRequest request)
    {
        Contract.JournalWriteRequest body = await request.ReadAsync<Contract.JournalWriteRequest>(options.MaxBody).ConfigureAwait(false);
        string id = request.RequestId(body.RequestId);
        string message = Words.Checked(body.Message, "message", TextLimits.Message) ?? "";
        if (string.IsNullOrWhiteSpace(message))
        {
            throw Problems.BadRequest(
                "The message is empty.", $"Give 1 to {TextLimits.Message} characters in 'message', in one line.", place: "message");
        }

        if (body.Group is { } group && !request.State.Groups.ContainsKey(group))
        {
            throw Problems.NotFound("group", group, "Get-ClusterGroup", request.State.Groups.Keys);
        }

        if (body.Node is { } node && !request.State.Nodes.ContainsKey(node))
        {
            throw Problems.NotFound("node", node, "Get-ClusterNode", request.State.Nodes.Keys);
        }

        writers.Take(request, id, message.Length);
        await changes.RunAsync(
            request,
            new MessageWritten(id, request.Caller.Who, (JournalSeverity)body.Severity, message, body.Group, body.Node),
            OperationKind.JournalWrite,
            null).ConfigureAwait(false);
    }
}
