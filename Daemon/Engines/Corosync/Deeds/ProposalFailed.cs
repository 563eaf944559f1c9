namespace ClusterTools.Engines.Corosync;

/// <summary>What this node has proposed is not committed, or nobody knows.</summary>
internal sealed record ProposalFailed(long Number, Exception Error) : Deed;
