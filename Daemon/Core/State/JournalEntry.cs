namespace ClusterTools.Core;

/// <summary>A decision or an event in words.</summary>
public sealed record JournalEntry
{
    /// <summary>Index of the event that caused it.</summary>
    public required long Index { get; init; }

    /// <summary>Milliseconds of cluster time.</summary>
    public required long Time { get; init; }

    /// <summary>Milliseconds since 1970-01-01 UTC by the proposer's clock; for people only, 0 when unknown.</summary>
    public long WallTime { get; init; }

    public required JournalSeverity Severity { get; init; }

    /// <summary>A stable word for programs: <c>node.lost</c>, <c>group.start</c> …</summary>
    public required string Kind { get; init; }

    public required string Message { get; init; }

    public string? Node { get; init; }

    public string? Group { get; init; }

    public string? Resource { get; init; }

    /// <summary>Who asked; null when the cluster decided by itself.</summary>
    public string? Who { get; init; }
}
