namespace ClusterTools.Engines.Corosync;

/// <summary>What this node has proposed is committed.</summary>
internal sealed record ProposalCommitted(long Number, long Index) : Deed;
