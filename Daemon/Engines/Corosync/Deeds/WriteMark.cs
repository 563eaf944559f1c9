using ClusterTools.Engines.Corosync.QuorumDisk;

namespace ClusterTools.Engines.Corosync;

/// <summary>Writes the own slot of the quorum disk at once, and then reads all slots.</summary>
/// <param name="Number">One more than that of the mark before; what was read after it is told by it.</param>
/// <param name="Mark">What the slot is to say.</param>
/// <param name="HasLeft">Nothing will be written after it.</param>
internal sealed record WriteMark(long Number, DiskMark Mark, bool HasLeft) : Deed;
