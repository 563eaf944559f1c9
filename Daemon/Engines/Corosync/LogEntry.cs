namespace ClusterTools.Engines.Corosync;

/// <summary>What stands in the log; an index and an epoch name it, and never two.</summary>
internal abstract record LogEntry(long Index, long Epoch);
