namespace ClusterTools.Contract;

/// <summary>The quorum disk, as the node that answered sees it.</summary>
public sealed class QuorumDiskStatus
{
    public string Device { get; set; } = "";

    /// <summary>That it adds to the nodes'.</summary>
    public int Votes { get; set; }

    /// <summary>Its votes are with the members, or would be if they needed them.</summary>
    public bool Counted { get; set; }

    /// <summary>The node by which the members go on with the disk's votes; null: they do without.</summary>
    public string? Holder { get; set; }

    /// <summary>Why it does not answer or does not count, and what to do; null: nothing is known to be wrong.</summary>
    public string? Trouble { get; set; }

    /// <summary>Who has written on it.</summary>
    public IReadOnlyList<QuorumDiskNode> Nodes { get; set; } = [];
}

/// <summary>What a node has written on the quorum disk.</summary>
public sealed class QuorumDiskNode
{
    public string Node { get; set; } = "";

    /// <summary>It writes there, whatever the network says: a node that does and is no member is not dead.</summary>
    public bool Alive { get; set; }

    /// <summary>In the present view.</summary>
    public bool Member { get; set; }

    /// <summary>What its heuristics add up to.</summary>
    public int Score { get; set; }

    /// <summary>Below this its votes do not count.</summary>
    public int MinimumScore { get; set; }
}
