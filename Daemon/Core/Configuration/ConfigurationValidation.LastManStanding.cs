namespace ClusterTools.Core.Configuration;

public static partial class ConfigurationValidation
{
    /// <summary>What last man standing stands with, as corosync checks it (votequorum(5)).</summary>
    private static void LastManStanding(ClusterConfiguration configuration, ProblemList problems)
    {
        Range(
            "lastManStandingWindow", configuration.LastManStandingWindow ?? ClusterConfiguration.DefaultVoteWindow, 1000, 3_600_000,
            "milliseconds", problems);
        if (!configuration.LastManStanding)
        {
            return;
        }

        if (configuration.TwoNode)
        {
            problems.Error("lastManStanding",
                "Last man standing is set together with two_node: of two nodes none loses its vote, and fencing decides which goes on.",
                "Set one of both: twoNode for two nodes, lastManStanding for three and more.");
        }
        else if (configuration.QuorumDisk is not null)
        {
            problems.Error("lastManStanding",
                "Last man standing is set together with a quorum disk, whose votes let the last node go on already.",
                "Set one of both: take the quorum disk out (Set-ClusterQuorum -RemoveDisk), or set lastManStanding to false.");
        }
        else if (configuration.ExpectedVotes is { } expected)
        {
            problems.Error("lastManStanding",
                $"Last man standing is set together with {expected} expected votes: quorum is counted from the votes of the nodes that "
                    + "are not down.",
                "Leave expected votes out (Set-ClusterQuorum -ExpectedVotes 0).");
        }
        else if (configuration.Nodes.Values.Count(n => n is { Votes: > 0 }) is var voters and < 3)
        {
            problems.Warning("lastManStanding",
                $"Last man standing does nothing with {voters} {(voters == 1 ? "node that has" : "nodes that have")} votes: it begins "
                    + "with three.",
                "Nothing, if more nodes are to come.");
        }
    }
}
