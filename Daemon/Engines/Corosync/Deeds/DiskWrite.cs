namespace ClusterTools.Engines.Corosync;

/// <summary>Something for the disk.</summary>
/// <param name="Number">One more than that of the write before; what is stored is told by it.</param>
internal abstract record DiskWrite(long Number) : Deed;
