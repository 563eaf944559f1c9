namespace ClusterTools.Engines.Corosync.QuorumDisk;

/// <summary>What a quorum disk is.</summary>
/// <param name="Disk">Named at random when it was formatted, so that another one in its place is known.</param>
/// <param name="Cluster">Whose it is.</param>
internal sealed record DiskHeader(UInt128 Disk, string Cluster);
