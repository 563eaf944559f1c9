namespace ClusterTools.Engines.Corosync;

/// <summary>Appends an entry to the log on disk. Writes have numbers; what is stored is told by them.</summary>
internal sealed record WriteEntry(long Number, LogEntry Entry, UInt128 Digest) : DiskWrite(Number);
