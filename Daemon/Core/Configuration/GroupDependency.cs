namespace ClusterTools.Core.Configuration;

/// <summary>What one group needs of another (FEATURES B9).</summary>
public sealed record GroupDependency
{
    /// <summary>Name of the other group.</summary>
    public required string Group { get; init; }

    public DependencyMode Require { get; init; }

    public Colocation Colocation { get; init; }
}
