namespace ClusterTools.Engines.Corosync;

/// <summary>The sender takes no part any more, of its own accord.</summary>
internal sealed record Leave(Round Round) : Message(Round);
