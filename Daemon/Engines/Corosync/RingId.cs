namespace ClusterTools.Engines.Corosync;

/// <summary>Names one gathering of the group's processes: a digest of what each of them has said in it, and never before.</summary>
internal readonly record struct RingId(UInt128 Digest);
