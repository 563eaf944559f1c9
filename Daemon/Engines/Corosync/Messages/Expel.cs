namespace ClusterTools.Engines.Corosync;

/// <summary>A process does not answer within its limit: those that are left decide without it.</summary>
internal sealed record Expel(Round Round, Peer Peer, string Reason) : Message(Round);
