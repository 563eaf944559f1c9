namespace ClusterTools.Core;

/// <summary>A small document that the cluster keeps for a runbook.</summary>
public sealed record RunbookState
{
    public required string Name { get; init; }

    /// <summary>Index of the event that changed it last: grows with every change, and no name ever has one twice.</summary>
    public required long Version { get; init; }

    /// <summary>Who changed it last.</summary>
    public required string Who { get; init; }

    public required string Content { get; init; }
}
