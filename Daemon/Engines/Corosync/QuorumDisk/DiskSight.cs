namespace ClusterTools.Engines.Corosync.QuorumDisk;

/// <summary>The quorum disk as one node sees it.</summary>
/// <param name="Disk">What the disk was named at random when it was formatted.</param>
/// <param name="Name">As the votes name it.</param>
/// <param name="Claim">The highest epoch that it was claimed for.</param>
/// <param name="Holder">Who has that claim in force; null: nobody.</param>
/// <param name="HolderState">How the holder is.</param>
/// <param name="Written">The highest that may be committed by what is written.</param>
/// <param name="Alive">Nodes that write on the disk, whatever the network says.</param>
/// <param name="IsReady">The node may try to claim it now.</param>
/// <param name="HasGivenWay">It has left the disk to others for as long as the smaller side does.</param>
internal sealed record DiskSight(
    UInt128 Disk,
    string Name,
    long Claim,
    string? Holder,
    HolderState HolderState,
    LogPosition Written,
    IReadOnlySet<string> Alive,
    bool IsReady,
    bool HasGivenWay)
{
    /// <summary>The highest that is named on it.</summary>
    public long Epoch => Math.Max(Claim, Written.Epoch);

    /// <summary>A part of the cluster has written there: a disk that is new proves nothing.</summary>
    public bool IsKnowing => Written.Index > 0;

    /// <summary>Nobody whom these could not stop holds it.</summary>
    public bool IsFreeFor(IEnumerable<string> nodes) =>
        Holder is null || HolderState == HolderState.Silent || nodes.Contains(Holder);
}
