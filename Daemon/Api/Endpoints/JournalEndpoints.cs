using System.Globalization;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Node;

namespace ClusterTools.Api;

/// <summary>The journal of decisions.</summary>
internal sealed class JournalEndpoints(Changes changes, ApiServerOptions options)
{
    private const int DefaultLimit = 100;

    private const int MostEntries = 1000;

    private const int LongestMessage = 4000;

    public IEnumerable<Route> Routes() =>
    [
        new("GET", "/v1/journal", AccessRole.Viewer, Read, "after", "limit", "group", "node", "since", "severity"),
        new("POST", "/v1/journal", AccessRole.Operator, Write, "wait"),
    ];

    private static Task Read(ApiRequest request)
    {
        long? after = request.Number("after", 0, long.MaxValue);
        int limit = (int)(request.Number("limit", 1, MostEntries) ?? DefaultLimit);
        string? group = request.Query("group");
        string? node = request.Query("node");
        long since = Since(request);
        JournalSeverity least = request.Word<JournalSeverity>("severity", "Use information, warning or error: it and what is worse is given.") ?? JournalSeverity.Information;
        Journal journal = request.Node.Journal;
        IEnumerable<JournalRecord> fitting = journal.Read(after ?? 0, Journal.MemoryLimit).Where(r =>
            (group is null || r.Entry.Group == group)
            && (node is null || r.Entry.Node == node)
            && r.Entry.WallTime >= since
            && r.Entry.Severity >= least);

        // Without a place to begin at, the newest are what is asked for.
        JournalRecord[] taken = [.. after is null ? fitting.TakeLast(limit) : fitting.Take(limit + 1)];
        bool more = taken.Length > limit;
        return request.AnswerAsync(new Contract.JournalPage
        {
            Node = request.Node.Name,
            Last = journal.Last,
            More = more,
            Entries = [.. taken.Take(limit).Select(StateViews.JournalEntry)],
        });
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
        if (string.IsNullOrWhiteSpace(body.Message) || body.Message.Length > LongestMessage || body.Message.Any(char.IsControl))
        {
            throw Problems.BadRequest(
                "The message is empty, too long or not plain text.", $"Give 1 to {LongestMessage} characters in 'message', in one line.", place: "message");
        }

        if (body.Group is { } group && !request.State.Groups.ContainsKey(group))
        {
            throw Problems.NotFound("group", group, "/v1/groups", request.State.Groups.Keys);
        }

        if (body.Node is { } node && !request.State.Nodes.ContainsKey(node))
        {
            throw Problems.NotFound("node", node, "/v1/nodes", request.State.Nodes.Keys);
        }

        await changes.RunAsync(
            request,
            new MessageWritten(id, request.Caller.Who, (JournalSeverity)body.Severity, body.Message, body.Group, body.Node),
            "journal.write",
            null).ConfigureAwait(false);
    }
}
