namespace ClusterTools.Engines.Corosync.QuorumDisk;

/// <summary>All slots, read after the own one was written.</summary>
/// <param name="Disk">What the disk was named at random when it was formatted.</param>
/// <param name="Number">Of the mark that was written before; 0: nothing was.</param>
/// <param name="Started">When the reading began.</param>
/// <param name="Slots">That were ever written.</param>
internal sealed record DiskReading(UInt128 Disk, long Number, long Started, IReadOnlyList<DiskSlot> Slots);
