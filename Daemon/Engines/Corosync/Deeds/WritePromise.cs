namespace ClusterTools.Engines.Corosync;

/// <summary>Remembers on disk that an epoch is about to be opened: no other one of its number will be.</summary>
internal sealed record WritePromise(long Number, long Epoch) : DiskWrite(Number);
