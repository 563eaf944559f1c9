namespace ClusterTools.Core.Configuration;

/// <summary>Where a resource stands in its group's tree.</summary>
public sealed record ResourcePlace
{
    /// <summary>The resource that it stands below; empty: none; null: not said.</summary>
    public string? Parent { get; init; }

    /// <summary>The sibling that it stands before.</summary>
    public string? Before { get; init; }

    /// <summary>The sibling that it stands behind.</summary>
    public string? After { get; init; }

    internal bool IsUnsaid => Parent is null && Before is null && After is null;
}
