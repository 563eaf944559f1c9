namespace ClusterTools.Engines.Corosync.QuorumDisk;

/// <summary>How a quorum disk is used.</summary>
/// <param name="Name">As the votes name it.</param>
/// <param name="Interval">Milliseconds between two beats.</param>
/// <param name="Silence">Milliseconds without a beat after which a node counts as dead on the disk.</param>
internal sealed record DiskTimes(string Name, int Interval, int Silence)
{
    /// <summary>Milliseconds for which the smaller side leaves the disk to the other.</summary>
    public int GiveWay => 2 * Interval;

    /// <summary>Milliseconds without a beat after which it may be that a node is dead.</summary>
    public int Quiet => Math.Min((3 * Interval) + (Interval / 2), Silence);
}
