using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>Where a group may and should run (FEATURES B1).</summary>
public sealed record FailoverDomain
{
    public required string Name { get; init; }

    /// <summary>Members are preferred by priority, 1 first.</summary>
    public bool Ordered { get; init; }

    /// <summary>The group runs on members only.</summary>
    public bool Restricted { get; init; }

    /// <summary>The group does not move back when a better member returns.</summary>
    public bool NoFailback { get; init; }

    /// <summary>Node name to priority, 1 (best) to 100, or 0 for a member without one.</summary>
    public ImmutableSortedDictionary<string, int> Members { get; init; } = ClusterConfiguration.Sorted<int>();
}
