namespace ClusterTools.Core;

/// <summary>A finished fencing (FEATURES C4).</summary>
public sealed record FenceRecord
{
    public required string Target { get; init; }

    public required bool Success { get; init; }

    /// <summary>Nothing was cut off: an operator has said that the node is down.</summary>
    public bool Confirmed { get; init; }

    /// <summary>Cluster time of the decision and of the end, in milliseconds.</summary>
    public required long Started { get; init; }

    public required long Ended { get; init; }

    /// <summary>Milliseconds since 1970-01-01 UTC; for people.</summary>
    public long WallTime { get; init; }

    public string? Method { get; init; }

    public string? Executor { get; init; }

    /// <summary>Who asked; null when the cluster decided.</summary>
    public string? Who { get; init; }

    public required Cause Why { get; init; }

    public string Message { get; init; } = "";
}
