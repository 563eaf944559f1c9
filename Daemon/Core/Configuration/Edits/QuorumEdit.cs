namespace ClusterTools.Core.Configuration;

/// <summary>An edit of who has how many votes, and how quorum is counted; what is null stays as it is.</summary>
public sealed record QuorumEdit : IConfigurationEdit
{
    /// <summary>The node whose <see cref="Votes"/> are given.</summary>
    public string? Node { get; init; }

    public int? Votes { get; init; }

    /// <summary>0: the sum of the nodes' votes.</summary>
    public int? ExpectedVotes { get; init; }

    public bool? TwoNode { get; init; }

    public bool? LastManStanding { get; init; }

    /// <summary>Milliseconds.</summary>
    public long? LastManStandingWindow { get; init; }

    public QuorumDiskEdit? Disk { get; init; }

    /// <summary>There is to be no quorum disk.</summary>
    public bool RemoveDisk { get; init; }

    public QuorumArbiterEdit? Arbiter { get; init; }

    /// <summary>There is to be no arbiter.</summary>
    public bool RemoveArbiter { get; init; }

    ClusterConfiguration IConfigurationEdit.Edit(ClusterConfiguration configuration, EditAction action)
    {
        Edits.OnlySet(action, "Quorum");
        if (Node is null != Votes is null)
        {
            throw EditRefusedException.Invalid("Votes are those of a node.", "Give a node with its votes.");
        }

        if (RemoveDisk && Disk is not null)
        {
            throw EditRefusedException.Invalid("A quorum disk is given, and none is to be there.", "Ask for one of both.");
        }

        if (RemoveArbiter && Arbiter is not null)
        {
            throw EditRefusedException.Invalid("An arbiter is given, and none is to be there.", "Ask for one of both.");
        }

        configuration = configuration with
        {
            ExpectedVotes = ExpectedVotes switch { null => configuration.ExpectedVotes, 0 => null, _ => ExpectedVotes },
            TwoNode = TwoNode ?? configuration.TwoNode,
            LastManStanding = LastManStanding ?? configuration.LastManStanding,
            LastManStandingWindow = Edits.TimeOrDefault(
                LastManStandingWindow, configuration.LastManStandingWindow, nameof(LastManStandingWindow)),
            QuorumDisk = RemoveDisk ? null : Disk?.Edit(configuration.QuorumDisk) ?? configuration.QuorumDisk,
            QuorumArbiter = RemoveArbiter ? null : Arbiter?.Edit(configuration.QuorumArbiter) ?? configuration.QuorumArbiter,
        };
        if (Node is null)
        {
            return configuration;
        }

        string node = Edits.Find(configuration.Nodes, "node", Node);
        return configuration with { Nodes = configuration.Nodes.SetItem(node, configuration.Nodes[node] with { Votes = Votes!.Value }) };
    }
}
