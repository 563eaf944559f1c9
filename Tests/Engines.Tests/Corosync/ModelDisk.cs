using ClusterTools.Engines.Corosync.QuorumDisk;

namespace ClusterTools.Engines.Tests.Corosync;

/// <summary>A disk that all machines share: a slot is written whole, and what is read is as it was at some moment.</summary>
internal sealed class ModelDisk
{
    public SortedDictionary<string, DiskSlot> Slots { get; } = new(StringComparer.Ordinal);

    /// <summary>It takes and gives nothing.</summary>
    public bool IsHeld { get; set; }

    public UInt128 Id { get; private set; } = 1;

    /// <summary>An empty one stands in its place.</summary>
    public void Replace()
    {
        Slots.Clear();
        Id++;
    }
}
