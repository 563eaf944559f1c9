namespace ClusterTools.Contract;

/// <summary>Something that may be lost, and what then becomes of the cluster: <c>GET /v1/cluster/losses</c>.</summary>
public sealed class QuorumLoss
{
    /// <summary>Nodes, or the quorum disk.</summary>
    public IReadOnlyList<string> Lost { get; set; } = [];

    /// <summary>Those who are left keep quorum.</summary>
    public bool Survives { get; set; }

    /// <summary>
    /// They keep it if these nodes are lost one after the other, each down for the window of last man standing before the next.
    /// </summary>
    public bool SurvivesInTurn { get; set; }

    /// <summary>Votes that are left.</summary>
    public int Votes { get; set; }

    public int VotesNeeded { get; set; }

    /// <summary>Groups that have no node any more; all but the frozen ones when quorum is lost.</summary>
    public IReadOnlyList<string> Stops { get; set; } = [];
}
