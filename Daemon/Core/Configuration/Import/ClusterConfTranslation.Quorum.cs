namespace ClusterTools.Core.Configuration.Import;

/// <summary>Votes, and the quorum disk that is not there.</summary>
internal sealed partial class ClusterConfTranslation
{
    private ConfElement? _quorumDisk;

    private ClusterConfiguration Votes(ClusterConfiguration configuration)
    {
        var sum = configuration.Nodes.Values.Sum(n => n.Votes);
        int? given = null;
        if (Known("cman") is { } cman)
        {
            _lines["expectedVotes"] = _lines["twoNode"] = cman.Line;
            (configuration, given) = Votes(configuration, cman, sum);
            Leftovers(cman, "cman", "");
            foreach (var child in cman.Children)
            {
                if (ClassicOptions.NetworkSections.Contains(child.Name))
                {
                    Lost("", $"'<{child.Name}>'", "addresses of the network are configured with the network", child.Line);
                }
                else
                {
                    UnknownElement(child, "", ClassicOptions.NetworkSections);
                }
            }
        }
        if (_quorumDisk is { } disk)
        {
            QuorumDisk(disk, configuration, given);
        }
        return configuration;
    }

    private (ClusterConfiguration, int?) Votes(ClusterConfiguration configuration, ConfElement cman, int sum)
    {
        var twoNode = TwoNode(cman, configuration);
        if (cman.Take("expected_votes") is not { } given)
        {
            return (configuration with { TwoNode = twoNode }, null);
        }
        var expected = (int)Number(cman, "expected_votes", "expectedVotes", sum, 0, int.MaxValue);
        if (expected == 0)
        {
            _problems.Error("expectedVotes", "expected_votes is 0.", "Write the sum of the nodes' votes, or leave it out.", given.Line);
        }
        // The classic cluster took 2 beside two_node too: it is what two nodes have.
        else if (twoNode && expected > 2 && _quorumDisk is null)
        {
            _problems.Error("expectedVotes", $"two_node=\"1\" stands together with expected_votes=\"{expected}\".",
                "Write expected_votes=\"1\" with two_node=\"1\", or remove two_node.", given.Line);
        }
        else if (!twoNode && expected < sum && _quorumDisk is null)
        {
            _problems.Warning("expectedVotes",
                $"expected_votes=\"{expected}\" is less than the nodes' {sum} votes; as in the classic cluster the higher number counts: quorum is {(sum / 2) + 1}.",
                "Remove expected_votes.", given.Line);
        }
        // The sum need not be written down, where it would have to be changed with every node; a disk's votes are in it and are told of.
        var beyond = !twoNode && _quorumDisk is null && expected > sum;
        return (configuration with { TwoNode = twoNode, ExpectedVotes = beyond ? expected : null }, expected);
    }

    private bool TwoNode(ConfElement cman, ClusterConfiguration configuration)
    {
        if (!Flag(cman, "two_node", "twoNode", fallback: false))
        {
            return false;
        }
        if (configuration.Nodes.Count != 1)
        {
            return true;
        }
        _problems.Warning("twoNode", "two_node is set, and there is one node: it is left out, and its one node decides alone.",
            "Set two_node again when the second node is there.", cman.Line);
        return false;
    }

    /// <summary>What the disk gave the classic cluster, and what is left without it: in one sentence for both, in votes and in losses.</summary>
    private void QuorumDisk(ConfElement disk, ClusterConfiguration configuration, int? expected)
    {
        var nodes = configuration.Nodes.Values.ToArray();
        var sum = nodes.Sum(n => n.Votes);
        // Where the file does not say, the disk had a vote less than there are nodes.
        var votes = (int)Number(disk, "votes", "quorumd", Math.Max(nodes.Length - 1, 1), 0, int.MaxValue / 2);
        var classic = Math.Max(expected is > 2 ? expected.Value : 0, sum + votes);
        var label = (Text(disk, "label") ?? Text(disk, "device")) is { } name ? $" '{ConfElementReader.Shown(name)}'" : "";
        var before = Losses(nodes, votes, (classic / 2) + 1);
        var now = QuorumArithmetic.LossesSurvived(configuration, configuration.Nodes.Keys);
        var left = configuration.TwoNode
            ? "one vote of two is quorum (two_node), and fencing decides which of the two nodes goes on"
            : $"quorum is {QuorumArithmetic.Needed(configuration)} of the nodes' {sum} votes, "
                + (now == 0 ? nodes.Length == 2 ? "and the loss of either of the two nodes stops the cluster" : "and the loss of one node stops the cluster"
                    : $"and the cluster survives the loss of {Nodes(now)}");
        var was = configuration.TwoNode || before <= now ? "" : $" With the disk it survived the loss of {Nodes(before)}.";
        _problems.Warning("quorumd",
            $"The quorum disk{label} is not used: its {votes} {(votes == 1 ? "vote is" : "votes are")} not counted and it breaks no ties. Without it {left}.{was}",
            configuration.Nodes.Count == 2 && !configuration.TwoNode
                ? "Write two_node=\"1\" expected_votes=\"1\" to let fencing decide who goes on, with a fence method for both nodes."
                : configuration.TwoNode ? "See that both nodes have a fence method that works."
                : "Add a node with a vote and no groups where that is too few.",
            disk.Line);
        foreach (var element in disk.Children)
        {
            if (element.Name != "heuristic")
            {
                UnknownElement(element, disk.Name, ["heuristic"]);
                continue;
            }
            _problems.Warning(disk.Name,
                $"The heuristic '{ConfElementReader.Shown(Text(element, "program") ?? "")}' is not run: a node that fails it keeps its votes and its groups.",
                "Watch the same thing by a resource or a status check of the groups that need it.", element.Line);
        }
    }

    private static string Nodes(int number) => number == 1 ? "one node" : $"{number} nodes";

    /// <summary>How many nodes could go, the heaviest first, while the disk stayed.</summary>
    private static int Losses(NodeConfiguration[] nodes, int disk, int needed)
    {
        var left = nodes.Sum(n => n.Votes) + disk;
        var losses = 0;
        foreach (var votes in nodes.Select(n => n.Votes).OrderDescending().SkipLast(1))
        {
            if ((left -= votes) < needed)
            {
                break;
            }
            losses++;
        }
        return losses;
    }
}
