namespace ClusterTools.Contract;

/// <summary>Something that was asked for: <c>GET /v1/operations/{id}</c>.</summary>
public sealed class Operation
{
    /// <summary>The request id.</summary>
    public string Id { get; set; } = "";

    /// <summary>Name of the grant and the beginning of the certificate's fingerprint.</summary>
    public string Who { get; set; } = "";

    /// <summary>Such as <c>group.relocate</c>.</summary>
    public string Kind { get; set; } = "";

    /// <summary>The group or node.</summary>
    public string Target { get; set; } = "";

    public OperationPhase Phase { get; set; }

    /// <summary>What came of it, with a remedy when it failed.</summary>
    public string Message { get; set; } = "";

    /// <summary>Index of the event that began it.</summary>
    public long Began { get; set; }

    /// <summary>Index of the event that ended it.</summary>
    public long? Ended { get; set; }

    /// <summary>When it began.</summary>
    public DateTimeOffset? BeganAt { get; set; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>Warnings, in the answer to a change of the configuration.</summary>
    public IReadOnlyList<ConfigurationProblem>? Problems { get; set; }
}

public enum OperationPhase
{
    Running,
    Succeeded,
    Failed,
}
