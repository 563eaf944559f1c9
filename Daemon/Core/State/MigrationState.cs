using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>
/// A guest on its way from one node to another. Where its group has no pending action for it the migration is in doubt: the node that it
/// left is lost, or has begun a new life, and both ends are asked before anything else is done.
/// </summary>
public sealed record MigrationState
{
    public required string From { get; init; }

    public required string To { get; init; }

    /// <summary>The life of the node that it goes to.</summary>
    public required long ToIncarnation { get; init; }

    public required MigrationKind Kind { get; init; }

    /// <summary>Why it moves.</summary>
    public required Cause Why { get; init; }

    /// <summary>Who asked for it; null: the cluster decided by itself.</summary>
    public string? Who { get; init; }

    /// <summary>It is to end, and to stay where it is.</summary>
    public bool Ends { get; init; }

    /// <summary>Cluster time of its beginning.</summary>
    public long Since { get; init; }

    /// <summary>The same in milliseconds since 1970-01-01 UTC, for people; 0: not known.</summary>
    public long SinceWall { get; init; }

    /// <summary>How far it was when that was told last; null: not told yet.</summary>
    public MigrationFigures? Figures { get; init; }
}
