using System.Collections.Immutable;

namespace ClusterTools.Core;

/// <summary>A recorded call of an event script.</summary>
/// <param name="Id">Of the action.</param>
/// <param name="Node">Who runs it.</param>
/// <param name="Events">What it is told.</param>
/// <param name="Placing">Groups that it is asked about.</param>
/// <param name="Until">Cluster time at which the default counts, answer or not.</param>
public sealed record EventScriptCall(
    ActionId Id, string Node, ImmutableList<JournalEntry> Events, ImmutableSortedSet<string> Placing, long Until);
