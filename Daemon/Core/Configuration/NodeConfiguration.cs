using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>A member of the cluster.</summary>
public sealed record NodeConfiguration
{
    public required string Name { get; init; }

    /// <summary>Unique, 1 or greater.</summary>
    public required int Id { get; init; }

    /// <summary>0 to 255.</summary>
    public int Votes { get; init; } = 1;

    /// <summary>Tried in order; after the last, the first again.</summary>
    public ImmutableArray<FenceMethod> FenceMethods { get; init; } = [];
}
