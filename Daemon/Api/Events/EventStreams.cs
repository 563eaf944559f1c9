using System.Collections.Immutable;
using ClusterTools.Core.Configuration;
using ClusterTools.Node;

namespace ClusterTools.Api;

/// <summary>The live event stream (server-sent events, as in the HTML standard): who may open one, and how many.</summary>
internal sealed class EventStreams(StateFeed feed, ApiServerOptions options)
{
    private static readonly ImmutableArray<string> Kinds = ["journal", "operation", "state"];

    private readonly Budget open = new(options.MaxStreamsOfOne, options.MaxStreams);

    public long Count => open.Held;

    public IEnumerable<Route> Routes() => [new("GET", "/v1/events", AccessRole.Viewer, RunAsync, "group", "node", "kinds", "after")];

    private async Task RunAsync(ApiRequest request)
    {
        string[] kinds = request.Query("kinds")?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            ?? [.. Kinds];
        if (kinds.FirstOrDefault(k => !Kinds.Contains(k)) is not null || kinds.Length == 0)
        {
            throw Problems.BadRequest(
                "Query parameter kinds has an unknown word.", $"Use some of {string.Join(",", Kinds)}, or leave it out.");
        }

        string? resume = request.Http.Request.Headers.TryGetValue("Last-Event-ID", out var values)
            ? values.ToString()
            : request.Query("after");
        Journal journal = request.Node.Journal;
        (long after, long fromIndex) = resume is null ? (journal.Last, 0) : Place(request.Node, journal, resume);
        if (open.Take(request.Caller.Fingerprint, request.Caller.IsAdministrator, 1) is { } limit)
        {
            throw Problems.TooManyStreams(limit);
        }

        try
        {
            using var stream = new EventStream(request, feed, options, kinds, request.Query("group"), request.Query("node"));
            await stream.RunAsync(after, fromIndex).ConfigureAwait(false);
        }
        finally
        {
            open.Return(request.Caller.Fingerprint, 1);
        }
    }

    /// <summary>
    /// Where to go on: exactly, in this node's own journal; by event index when the id is another node's or another life's.
    /// </summary>
    private static (long After, long FromIndex) Place(IClusterNode node, Journal journal, string resume)
    {
        string[] parts = resume.Split(':');
        if (parts.Length != 3
            || !long.TryParse(parts[1], System.Globalization.NumberStyles.None, null, out long sequence)
            || !long.TryParse(parts[2], System.Globalization.NumberStyles.None, null, out long index))
        {
            throw Problems.BadRequest(
                "The id to go on after is not one of this stream's.", "Send the last id that was received, or leave it out to begin now.",
                place: "Last-Event-ID");
        }

        bool known = parts[0] == node.Name && sequence <= journal.Last
            && (sequence == 0 || journal.Read(sequence - 1, 1) is not [{ Sequence: var there, Entry.Index: var its }] || there != sequence
                || its == index);
        return known ? (sequence, 0) : (0, index);
    }
}
