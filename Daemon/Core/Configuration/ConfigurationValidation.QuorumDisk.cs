namespace ClusterTools.Core.Configuration;

public static partial class ConfigurationValidation
{
    private static void QuorumDisk(ClusterConfiguration configuration, ProblemList problems)
    {
        if (configuration.QuorumDisk is not { } disk)
        {
            return;
        }

        if (disk.Device is not ['/', _, ..] || disk.Device.Length > ConfigurationLimits.PathLength || disk.Device.Any(char.IsControl))
        {
            problems.Error("quorumDisk/device", $"The quorum disk's device '{disk.Device}' is not an absolute path.",
                $"Give the path of a block device or a file that all nodes share, of at most {ConfigurationLimits.PathLength:N0} "
                    + "characters, such as /dev/disk/by-id/….");
        }

        Range("quorumDisk/interval", disk.Interval, 200, 4000, "milliseconds", problems);
        Range("quorumDisk/tko", disk.Tko, 4, 120, "intervals", problems);
        DiskVotes(configuration, disk, problems);
        Heuristics(disk, problems);
        if (configuration.Nodes.Values.Where(n => n is not null && n.Id > ConfigurationLimits.QuorumDiskSlots).MinBy(n => n.Id) is { } far)
        {
            problems.Error($"nodes/{far.Name}/id", $"Node '{far.Name}' has the id {far.Id}, and the quorum disk has room for ids up to "
                    + $"{ConfigurationLimits.QuorumDiskSlots:N0}.",
                "Give the nodes small ids, or leave the quorum disk out.");
        }
    }

    private static void DiskVotes(ClusterConfiguration configuration, QuorumDiskConfiguration disk, ProblemList problems)
    {
        if (configuration.TwoNode)
        {
            problems.Error("twoNode", "two_node is set together with a quorum disk: both decide which of two nodes goes on.",
                "Remove two_node (twoNode: false); the quorum disk decides.");
            return;
        }

        if (configuration.ExpectedVotes is { } expected)
        {
            problems.Error("expectedVotes", $"{expected} expected votes are set together with a quorum disk.",
                "Leave expected votes out: quorum is counted from the nodes' votes and the disk's.");
            return;
        }

        long sum = configuration.Nodes.Values.Sum(n => (long)(n?.Votes ?? 0));
        long votes = disk.VotesAmong(configuration);
        if (votes < 1 || votes >= sum)
        {
            problems.Error("quorumDisk/votes", sum < 2
                    ? $"The nodes have {sum} {(sum == 1 ? "vote" : "votes")} together: there is no tie for a quorum disk to break."
                    : $"The quorum disk has {votes} votes and the nodes have {sum}: "
                        + (votes < 1 ? "it would decide nothing." : "the loss of the disk alone would stop the cluster."),
                sum < 2 ? "Leave the quorum disk out, or give more nodes a vote." : $"Give it 1 to {sum - 1}, or leave its votes out.");
        }
    }

    private static void Heuristics(QuorumDiskConfiguration disk, ProblemList problems)
    {
        TooMany("quorumDisk/heuristics", disk.Heuristics.Length, ConfigurationLimits.QuorumHeuristics, "heuristics", problems);
        for (int i = 0; i < disk.Heuristics.Length; i++)
        {
            string path = $"quorumDisk/heuristics/{i}";
            QuorumHeuristic heuristic = disk.Heuristics[i];
            if (string.IsNullOrWhiteSpace(heuristic?.Program) || heuristic.Program.Length > ConfigurationLimits.PathLength
                || heuristic.Program.Any(char.IsControl))
            {
                problems.Error($"{path}/program", $"Heuristic {i + 1} of the quorum disk has no program, or one that can't be run.",
                    $"Give a command line of one line and at most {ConfigurationLimits.PathLength:N0} characters, such as "
                        + "\"ping -c1 -w1 10.0.0.1\".");
                continue;
            }

            Range($"{path}/score", heuristic.Score, 1, 100, "points", problems);
            Range($"{path}/interval", heuristic.Interval, 500, 60_000, "milliseconds", problems);
            Range($"{path}/tko", heuristic.Tko, 1, 60, "runs", problems);
        }

        int all = disk.Heuristics.Sum(h => h?.Score ?? 0);
        if (disk.MinimumScore is { } least && (least < 0 || least > all))
        {
            problems.Error("quorumDisk/minimumScore", least < 0
                    ? $"The quorum disk's minimum score is {least}."
                    : $"The quorum disk's minimum score is {least}, and its heuristics add up to {all}: no node could ever have a vote.",
                all == 0 ? "Leave it out: there are no heuristics." : $"Set it to 1 to {all}, or leave it out (half of that is taken).");
        }
    }
}
