using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>What an event script is to be told and asked (FEATURES B11). It is called once at a time.</summary>
public sealed record EventScriptState
{
    /// <summary>Of the script.</summary>
    public required string Name { get; init; }

    /// <summary>Events that it has not been told yet, oldest first; at most <see cref="Cluster.MaxScriptEvents"/>.</summary>
    public ImmutableList<JournalEntry> Events { get; init; } = [];

    /// <summary>How many events it will never be told, since its last call.</summary>
    public int Missed { get; init; }

    /// <summary>Groups that wait for its word, and it has not been asked yet.</summary>
    public ImmutableSortedSet<string> Placing { get; init; } = Names.None;

    /// <summary>The call that has not been answered.</summary>
    public EventScriptCall? Call { get; init; }
}

/// <summary>A recorded call of an event script.</summary>
/// <param name="Id">Of the action.</param>
/// <param name="Node">Who runs it.</param>
/// <param name="Events">What it is told.</param>
/// <param name="Placing">Groups that it is asked about.</param>
/// <param name="Until">Cluster time at which the default counts, answer or not.</param>
public sealed record EventScriptCall(ActionId Id, string Node, ImmutableList<JournalEntry> Events, ImmutableSortedSet<string> Placing, long Until);

/// <summary>What an event script answers about one group.</summary>
/// <param name="Group">The group.</param>
/// <param name="Node">Where it is to run; null: by the domain's rules.</param>
/// <param name="Operation">What is to be done with it; null: it is placed on <paramref name="Node"/>, or moved there.</param>
public sealed record EventScriptDecision(string Group, string? Node = null, GroupOperation? Operation = null);

/// <summary>Where an event script wants a group that is being placed.</summary>
/// <param name="Script">Its name.</param>
/// <param name="Node">The node; null: the default counts.</param>
public sealed record PlacementVerdict(string Script, string? Node);
