namespace ClusterTools.Engines.Corosync;

/// <summary>The log on disk begins with this snapshot.</summary>
/// <param name="Number">The write's.</param>
/// <param name="Start">Where it begins.</param>
/// <param name="KeepsRest">What stands behind that stays; otherwise the log is nothing but the snapshot from here on.</param>
internal sealed record WriteStart(long Number, LogBase Start, bool KeepsRest) : DiskWrite(Number);
