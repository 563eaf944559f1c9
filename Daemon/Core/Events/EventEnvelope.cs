namespace ClusterTools.Core;

/// <summary>An event with who proposed it and when. This, as JSON, is the payload of an entry in the engine's log.</summary>
public sealed record EventEnvelope
{
    /// <summary>Node that proposed it.</summary>
    public required string Origin { get; init; }

    /// <summary>Its life.</summary>
    public required long Incarnation { get; init; }

    /// <summary>Cluster time as the proposer reckons it, in milliseconds.</summary>
    public required long Time { get; init; }

    /// <summary>Milliseconds since 1970-01-01 UTC; for people only, decides nothing.</summary>
    public long WallTime { get; init; }

    public required ClusterEvent Event { get; init; }
}
