namespace ClusterTools.Engines.Corosync;

/// <summary>Something that a decision waits for has come: the next round begins.</summary>
internal sealed record Reconsider(Round Round) : Message(Round);
