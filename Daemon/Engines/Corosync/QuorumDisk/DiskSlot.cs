namespace ClusterTools.Engines.Corosync.QuorumDisk;

/// <summary>What stands in a node's block of the disk. Nobody else writes there.</summary>
internal sealed record DiskSlot
{
    /// <summary>The node, in the life that wrote it.</summary>
    public required Member Owner { get; init; }

    /// <summary>One more at each write: one that grows is alive.</summary>
    public required long Beat { get; init; }

    public required DiskMark Mark { get; init; }

    /// <summary>What its heuristics add up to.</summary>
    public int Score { get; init; }

    /// <summary>Below this its votes do not count.</summary>
    public int MinimumScore { get; init; }

    /// <summary>It writes no more, of its own accord.</summary>
    public bool HasLeft { get; init; }
}
