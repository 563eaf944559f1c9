namespace ClusterTools.Contract;

/// <summary>Who has how many votes, how many are needed: what <c>Get-ClusterQuorum</c> makes of the cluster and its nodes.</summary>
public sealed class QuorumStatus
{
    /// <summary>The cluster's name.</summary>
    public string Cluster { get; set; } = "";

    public Quorum Quorum { get; set; }

    /// <summary>The arithmetic in words.</summary>
    public string Description { get; set; } = "";

    /// <summary>Votes of the members of the present view.</summary>
    public int Votes { get; set; }

    /// <summary>Votes that quorum is counted from.</summary>
    public int VotesExpected { get; set; }

    /// <summary>Votes that are needed for quorum.</summary>
    public int VotesNeeded { get; set; }

    /// <summary>How many more members may be lost, the heaviest first, before quorum is lost.</summary>
    public int LossesSurvived { get; set; }

    /// <summary>Of two nodes one vote is enough, and fencing decides who survives.</summary>
    public bool TwoNode { get; set; }

    /// <summary>
    /// How long a node must be down until its vote is not counted any more (last man standing); null: it is counted always.
    /// </summary>
    public TimeSpan? LastManStandingWindow { get; set; }

    /// <summary>The quorum disk as the node that answered sees it; null: there is none.</summary>
    public QuorumDiskStatus? Disk { get; set; }

    /// <summary>The arbiter of a pair as the node that answered hears it; null: there is none.</summary>
    public QuorumArbiterStatus? Arbiter { get; set; }

    public IReadOnlyList<NodeVotes> Nodes { get; set; } = [];
}

/// <summary>The votes of a node.</summary>
public sealed class NodeVotes
{
    public string Node { get; set; } = "";

    public int Votes { get; set; }

    /// <summary>In the present view: its votes count.</summary>
    public bool Member { get; set; }

    /// <summary>Its votes are not counted on either side until it takes part again: it was down for too long (last man standing).</summary>
    public bool Uncounted { get; set; }
}
