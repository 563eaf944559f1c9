using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>One way to cut a node off; every device of it must succeed.</summary>
public sealed record FenceMethod
{
    public required string Name { get; init; }

    public ImmutableArray<FenceStep> Steps { get; init; } = [];
}
