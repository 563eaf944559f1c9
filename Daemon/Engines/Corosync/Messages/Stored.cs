namespace ClusterTools.Engines.Corosync;

/// <summary>Everything up to this index is on the sender's disk.</summary>
internal sealed record Stored(Round Round, long Index) : Message(Round);
