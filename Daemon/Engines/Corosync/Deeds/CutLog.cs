namespace ClusterTools.Engines.Corosync;

/// <summary>Takes back what stands behind an index on disk: it was never committed.</summary>
internal sealed record CutLog(long Number, long Last) : DiskWrite(Number);
