using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>What is known of a group on its owner: what is not stopped there, and how its actions went.</summary>
public sealed record InstanceState
{
    /// <summary>Nothing of it is there.</summary>
    public static InstanceState None { get; } = new();

    /// <summary>Resources that are not stopped on the owner.</summary>
    public ImmutableSortedDictionary<string, ResourcePhase> Resources { get; init; } = ClusterConfiguration.Sorted<ResourcePhase>();

    /// <summary>Non-critical resources given up until the group is repaired or restarted.</summary>
    public ImmutableSortedSet<string> Abandoned { get; init; } = Names.None;

    /// <summary>Failed starts in a row on the owner, by resource, that are tried again there.</summary>
    public ImmutableSortedDictionary<string, int> StartTries { get; init; } = ClusterConfiguration.Sorted<int>();

    /// <summary>Failed stops in a row on the owner, by resource, that are tried again.</summary>
    public ImmutableSortedDictionary<string, int> StopTries { get; init; } = ClusterConfiguration.Sorted<int>();

    /// <summary>A stop that is tried again because nobody knows what came of it.</summary>
    public UnansweredStop? StopAgain { get; init; }

    /// <summary>Status checks on the owner that are not answered, by <c>resource</c> or <c>resource at depth n</c>.</summary>
    public ImmutableSortedDictionary<string, UnansweredCheck> Checks { get; init; } = ClusterConfiguration.Sorted<UnansweredCheck>();

    /// <summary>Resources whose start on the owner said that they can't run there: a stop that says the same has nothing to stop.</summary>
    public ImmutableSortedSet<string> Refused { get; init; } = Names.None;

    /// <summary>Resources that could not be stopped, while the others still are.</summary>
    public ImmutableSortedSet<string> Stuck { get; init; } = Names.None;

    /// <summary>A final action that is to be carried out.</summary>
    public FinalDecision? Final { get; init; }
}
