namespace ClusterTools.Engines.Corosync;

/// <summary>Entries of the best log for those that lack them.</summary>
internal sealed record EntriesSent(Round Round, IReadOnlyList<LogEntry> Entries) : Message(Round);
