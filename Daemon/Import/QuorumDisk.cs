using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Voting;

namespace ClusterTools.Import;

/// <summary>The quorum disk that is not there.</summary>
internal sealed class QuorumDisk(AttributeReader read, ImportProblems problems)
{
    /// <summary>
    /// What the disk gave the classic cluster, and what is left without it: in one sentence for both, in votes and in losses.
    /// </summary>
    public void Tell(ConfElement disk, ClusterConfiguration configuration, int? expected)
    {
        var nodes = configuration.Nodes.Values.ToArray();
        var sum = nodes.Sum(n => n.Votes);
        // Where the file does not say, the disk had a vote less than there are nodes.
        var votes = (int)read.Number(disk, "votes", "quorumd", Math.Max(nodes.Length - 1, 1), 0, int.MaxValue / 2);
        var classic = Math.Max(expected is > 2 ? expected.Value : 0, sum + votes);
        var label = (disk.Text("label") ?? disk.Text("device")) is { } name ? $" '{name.Shown()}'" : "";
        var before = (new Majority(nodes.ToDictionary(n => n.Name, n => n.Votes, StringComparer.Ordinal), classic - votes)
        {
            Device = new QuorumDevice(votes, IsHere: true),
        }).LossesSurvived(configuration.Nodes.Keys);
        var now = QuorumArithmetic.LossesSurvived(configuration, configuration.Nodes.Keys);
        var left = configuration.TwoNode
            ? "one vote of two is quorum (two_node), and fencing decides which of the two nodes goes on"
            : $"quorum is {QuorumArithmetic.Needed(configuration)} of the nodes' {sum} votes, "
                + (now == 0 ? nodes.Length == 2 ? "and the loss of either of the two nodes stops the cluster"
                : "and the loss of one node stops the cluster"
                    : $"and the cluster survives the loss of {Nodes(now)}");
        var was = configuration.TwoNode || before <= now ? "" : $" With the disk it survived the loss of {Nodes(before)}.";
        problems.Warning("quorumd",
            $"The quorum disk{label} is not used: its {votes} {(votes == 1 ? "vote is" : "votes are")} not counted and it breaks no ties. "
                + $"Without it {left}.{was}",
            configuration.Nodes.Count == 2 && !configuration.TwoNode
                ? "Write two_node=\"1\" expected_votes=\"1\" to let fencing decide who goes on, with a fence method for both nodes."
                : configuration.TwoNode ? "See that both nodes have a fence method that works."
                : "Add a node with a vote and no groups where that is too few.",
            disk.Line);
        foreach (var element in disk.Children)
        {
            if (element.Name != "heuristic")
            {
                problems.UnknownElement(element, disk.Name, ["heuristic"]);
                continue;
            }
            problems.Warning(disk.Name,
                $"The heuristic '{(element.Text("program") ?? "").Shown()}' is not run: a node that fails it keeps its votes and its "
                    + "groups.",
                "Watch the same thing by a resource or a status check of the groups that need it.", element.Line);
        }
    }

    private static string Nodes(int number) => number == 1 ? "one node" : $"{number} nodes";
}
