namespace ClusterTools.Core;

/// <summary>
/// Leave the cluster and end the daemon. For maintenance as soon as nothing is under way here; it is said again with each event until then.
/// </summary>
public sealed record LeaveCluster(LeaveCause Cause) : Effect;
