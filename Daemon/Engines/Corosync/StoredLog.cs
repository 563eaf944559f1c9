namespace ClusterTools.Engines.Corosync;

/// <summary>What a node's disk holds.</summary>
/// <param name="Log">The log.</param>
/// <param name="Promised">The highest epoch that was promised.</param>
/// <param name="Committed">The last entry that is known to be committed; there may be more.</param>
/// <param name="IsJoined">It was in a view with all that the view has.</param>
internal sealed record StoredLog(LogImage Log, long Promised, long Committed, bool IsJoined);
