using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>Names of what came, changed and went.</summary>
public sealed record NameDifference
{
    public ImmutableArray<string> Added { get; init; } = [];

    public ImmutableArray<string> Changed { get; init; } = [];

    public ImmutableArray<string> Removed { get; init; } = [];
}
