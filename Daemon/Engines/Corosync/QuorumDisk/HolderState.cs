namespace ClusterTools.Engines.Corosync.QuorumDisk;

/// <summary>What is seen, on the disk, of the node that holds it.</summary>
internal enum HolderState : byte
{
    Alive,

    /// <summary>It misses beats.</summary>
    Quiet,

    /// <summary>It has missed so many that others may take the disk.</summary>
    Silent,
}
