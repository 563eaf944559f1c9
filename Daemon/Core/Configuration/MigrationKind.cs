namespace ClusterTools.Core.Configuration;

/// <summary>What a guest does while it moves to another host.</summary>
public enum MigrationKind
{
    /// <summary>It runs on, but for a moment at the end.</summary>
    Live,

    /// <summary>It stands still until it is there, and goes on there; when the migration fails, where it was.</summary>
    Suspended,
}
