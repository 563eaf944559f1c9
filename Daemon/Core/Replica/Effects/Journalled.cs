using System.Collections.Immutable;

namespace ClusterTools.Core;

/// <summary>Decisions for the journal.</summary>
public sealed record Journalled(ImmutableList<JournalEntry> Entries) : Effect;
