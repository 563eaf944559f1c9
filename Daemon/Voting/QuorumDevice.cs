namespace ClusterTools.Voting;

/// <summary>A quorum device: a vote outside of the nodes (corosync-qdevice(8)).</summary>
/// <param name="Votes">Its votes, which quorum is counted from wherever it stands; 0: there is none.</param>
/// <param name="IsHere">It gives them to the nodes that are there.</param>
public readonly record struct QuorumDevice(int Votes, bool IsHere)
{
    /// <summary>What it adds to the votes of the nodes that are there.</summary>
    public int Given => IsHere ? Votes : 0;
}
