namespace ClusterTools.Guests;

/// <summary>What a guest does while it moves.</summary>
public enum MigrationKind
{
    /// <summary>It runs on, but for a moment at the end.</summary>
    Live,

    /// <summary>It stands still until it is there, and goes on there; when the migration fails, here.</summary>
    Suspended,

    /// <summary>It is off; its definition moves.</summary>
    Definition,
}
