namespace ClusterTools.Engines.Corosync;

/// <summary>The sender's log is as the best one, on its disk.</summary>
internal sealed record Ready(Round Round) : Message(Round);
