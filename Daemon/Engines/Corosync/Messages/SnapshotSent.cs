namespace ClusterTools.Engines.Corosync;

/// <summary>Where the best log begins, for those whose log ends before that.</summary>
internal sealed record SnapshotSent(Round Round, LogBase Start) : Message(Round);
