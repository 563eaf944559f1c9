using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Votes and majorities (FEATURES A2).</summary>
public static class QuorumArithmetic
{
    /// <summary>⌊expected/2⌋+1 votes; one when two_node is set.</summary>
    public static int Needed(ClusterConfiguration configuration) => configuration.TwoNode ? 1 : configuration.TotalVotes / 2 + 1;

    /// <summary>How many members may be lost, the heaviest first, before quorum is lost.</summary>
    public static int LossesSurvived(ClusterConfiguration configuration, IEnumerable<string> members)
    {
        int[] votes = [.. members.Select(m => configuration.Nodes.TryGetValue(m, out NodeConfiguration? n) ? n.Votes : 0).OrderDescending()];
        int left = votes.Sum();
        int needed = Needed(configuration);
        int losses = 0;
        while (losses < votes.Length && left - votes[losses] >= needed && left - votes[losses] > 0)
        {
            left -= votes[losses++];
        }

        return losses;
    }
}
