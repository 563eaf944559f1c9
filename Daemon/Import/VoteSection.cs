using ClusterTools.Core.Configuration;
using ClusterTools.Voting;

namespace ClusterTools.Import;

/// <summary>Votes.</summary>
internal sealed class VoteSection(ConfSections sections, AttributeReader read, ImportProblems problems)
{
    public ClusterConfiguration Read(ClusterConfiguration configuration)
    {
        var sum = configuration.Nodes.Values.Sum(n => n.Votes);
        int? given = null;
        if (sections.Find("cman") is { } cman)
        {
            problems.Place(cman.Line, "expectedVotes", "twoNode");
            (configuration, given) = Votes(configuration, cman, sum);
            problems.Leftovers(cman, "cman", "");
            foreach (var child in cman.Children)
            {
                if (ClassicOptions.NetworkSections.Contains(child.Name))
                {
                    problems.Lost("", $"'<{child.Name}>'", "addresses of the network are configured with the network", child.Line);
                }
                else
                {
                    problems.UnknownElement(child, "", ClassicOptions.NetworkSections);
                }
            }
        }
        if (sections.QuorumDisk is { } disk)
        {
            configuration = new QuorumDisk(read, problems).Read(disk, configuration, given);
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
        var expected = (int)read.Number(cman, "expected_votes", "expectedVotes", sum, 0, int.MaxValue);
        if (expected == 0)
        {
            problems.Error("expectedVotes", "expected_votes is 0.", "Write the sum of the nodes' votes, or leave it out.", given.Line);
        }
        // The classic cluster took 2 beside two_node too: it is what two nodes have.
        else if (twoNode && expected > 2 && sections.QuorumDisk is null)
        {
            problems.Error("expectedVotes", $"two_node=\"1\" stands together with expected_votes=\"{expected}\".",
                "Write expected_votes=\"1\" with two_node=\"1\", or remove two_node.", given.Line);
        }
        else if (!twoNode && expected < sum && sections.QuorumDisk is null)
        {
            problems.Warning("expectedVotes",
                $"expected_votes=\"{expected}\" is less than the nodes' {sum} votes; as in the classic cluster the higher number counts: "
                    + $"quorum is {Majority.Of(sum)}.",
                "Remove expected_votes.", given.Line);
        }
        // The sum need not be written down, where it would have to be changed with every node; a disk's votes are in it and are told of.
        var beyond = !twoNode && sections.QuorumDisk is null && expected > sum;
        return (configuration with { TwoNode = twoNode, ExpectedVotes = beyond ? expected : null }, expected);
    }

    private bool TwoNode(ConfElement cman, ClusterConfiguration configuration)
    {
        if (!read.Flag(cman, "two_node", "twoNode", fallback: false))
        {
            return false;
        }
        if (configuration.Nodes.Count != 1)
        {
            return true;
        }
        problems.Warning("twoNode", "two_node is set, and there is one node: it is left out, and its one node decides alone.",
            "Set two_node again when the second node is there.", cman.Line);
        return false;
    }
}
