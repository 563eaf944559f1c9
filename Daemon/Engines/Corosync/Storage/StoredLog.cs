namespace ClusterTools.Engines.Corosync.Storage;

/// <summary>What a node's disk holds.</summary>
/// <param name="Log">The log.</param>
/// <param name="Promised">The highest epoch that was promised.</param>
/// <param name="Committed">The last entry that is known to be committed; there may be more.</param>
internal sealed record StoredLog(LogImage Log, long Promised, long Committed);
