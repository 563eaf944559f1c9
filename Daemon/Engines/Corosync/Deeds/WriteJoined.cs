namespace ClusterTools.Engines.Corosync;

/// <summary>Remembers on disk that this log holds, up to here, all that its view has.</summary>
internal sealed record WriteJoined(long Number) : DiskWrite(Number);
