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
