using System.Text.Json.Serialization;

namespace ClusterTools.Core;

/// <summary>Something that was asked for.</summary>
public sealed record OperationState
{
    /// <summary>The request id.</summary>
    public required string Id { get; init; }

    public required string Who { get; init; }

    /// <summary>What was asked for.</summary>
    [JsonConverter(typeof(OperationKindConverter))]
    public required OperationKind Kind { get; init; }

    /// <summary>The group or node.</summary>
    public required string Target { get; init; }

    public required OperationPhase Phase { get; init; }

    /// <summary>It failed at once, and nothing was changed.</summary>
    public bool Refused { get; init; }

    /// <summary>What came of it, with a remedy when it failed.</summary>
    public string Message { get; init; } = "";

    /// <summary>Index of the event that began it, and of the one that ended it.</summary>
    public required long Began { get; init; }

    public long? Ended { get; init; }

    /// <summary>The same by the clocks of those who proposed these events, in milliseconds since 1970-01-01 UTC; 0: not told.</summary>
    public long BeganAt { get; init; }

    public long EndedAt { get; init; }
}
