namespace ClusterTools.Engines.Corosync;

/// <summary>Said by the member with the best log: up to where each other member's log is the same.</summary>
/// <param name="Round">The round.</param>
/// <param name="Common">Index of the last common entry by member; null: they part before the best log begins.</param>
internal sealed record Line(Round Round, IReadOnlyDictionary<Peer, long?> Common) : Message(Round);
