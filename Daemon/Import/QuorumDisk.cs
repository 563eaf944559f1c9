using System.Collections.Immutable;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Voting;

namespace ClusterTools.Import;

/// <summary>The quorum disk.</summary>
internal sealed class QuorumDisk(AttributeReader read, ImportProblems problems)
{
    private const int LongestInterval = 4000;

    /// <summary>The disk as it is used here; what can't be used is told.</summary>
    public ClusterConfiguration Read(ConfElement disk, ClusterConfiguration configuration, int? expected)
    {
        var sum = configuration.Nodes.Values.Sum(n => n.Votes);
        var votes = VotesOf(disk, configuration);
        if (disk.Text("device") is not { } device || configuration.TwoNode || sum < 2 || votes == 0)
        {
            Tell(disk, configuration, expected);
            return configuration;
        }
        problems.Place(disk.Line, "quorumDisk");
        if (votes >= sum)
        {
            problems.Warning("quorumDisk/votes",
                $"The quorum disk has {votes} votes and the nodes have {sum}, so that the loss of the disk alone stops the cluster: "
                    + $"{sum - 1} {(sum == 2 ? "is" : "are")} taken.",
                $"Write votes=\"{sum - 1}\" or less, or leave it out.", disk.Line);
            votes = sum - 1;
        }
        problems.Warning("quorumDisk/device",
            $"What the classic cluster wrote on the quorum disk '{device.Shown()}' is not understood here: its votes are not counted "
                + "before it is formatted.",
            $"Once the classic cluster is off for good, run 'clusterd quorum-disk format {device.Shown()} --cluster "
                + $"{configuration.Name.Shown()} --yes' on one node.", disk.Line);
        var interval = (int)read.Number(disk, "interval", "quorumDisk/interval", 1, 1, 3600) * 1000;
        var silence = interval * read.Number(disk, "tko", "quorumDisk/tko", 10, 1, 3600);
        interval = Math.Min(interval, LongestInterval);
        var heuristics = disk.Children.Where(c => c.Name == "heuristic").Select(Heuristic).OfType<QuorumHeuristic>().ToImmutableArray();
        foreach (var element in disk.Children.Where(c => c.Name != "heuristic"))
        {
            problems.UnknownElement(element, disk.Name, ["heuristic"]);
        }
        var all = heuristics.Sum(h => h.Score);
        return configuration with
        {
            QuorumDisk = new QuorumDiskConfiguration
            {
                Device = device,
                Votes = votes == Default(configuration) ? null : votes,
                Interval = interval,
                Tko = (int)Math.Clamp((silence + interval - 1) / interval, 4, 120),
                // Where the file does not say, or says 0, it was half of all as well.
                MinimumScore = read.Number(disk, "min_score", "quorumDisk/minimumScore", 0, 0, int.MaxValue) is > 0 and var least
                    && heuristics.Length > 0 ? (int)Math.Min(least, all) : null,
                Heuristics = heuristics,
            },
        };
    }

    private static int Default(ClusterConfiguration configuration) => new QuorumDiskConfiguration { Device = "" }.VotesAmong(configuration);

    // Where the file does not say, the disk had a vote less than there are nodes.
    private int VotesOf(ConfElement disk, ClusterConfiguration configuration) =>
        (int)read.Number(disk, "votes", "quorumd", Default(configuration), 0, int.MaxValue / 2);

    private QuorumHeuristic? Heuristic(ConfElement element)
    {
        if (element.Text("program") is not { } program)
        {
            problems.Warning("quorumDisk/heuristics", "A heuristic has no program; it is left out.", "Write program=\"…\".", element.Line);
            return null;
        }
        return new QuorumHeuristic
        {
            Program = program,
            Score = (int)read.Number(element, "score", "quorumDisk/heuristics", 1, 1, 100),
            Interval = (int)read.Number(element, "interval", "quorumDisk/heuristics", 2, 1, 60) * 1000,
            Tko = (int)read.Number(element, "tko", "quorumDisk/heuristics", 3, 1, 60),
        };
    }

    /// <summary>
    /// What the disk gave the classic cluster, and what is left without it: in one sentence for both, in votes and in losses.
    /// </summary>
    private void Tell(ConfElement disk, ClusterConfiguration configuration, int? expected)
    {
        var nodes = configuration.Nodes.Values.ToArray();
        var sum = nodes.Sum(n => n.Votes);
        var votes = VotesOf(disk, configuration);
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
            disk.Text("device") is null && !configuration.TwoNode
                ? "Write device=\"/dev/…\": a quorum disk is not looked for by its label here."
                : configuration.Nodes.Count == 2 && !configuration.TwoNode
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
