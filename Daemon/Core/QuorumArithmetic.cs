using System.Collections.Immutable;
using ClusterTools.Core.Configuration;
using ClusterTools.Voting;

namespace ClusterTools.Core;

/// <summary>Votes and majorities of a configuration and of a state (FEATURES A2), by the arithmetic that the engine decides by.</summary>
public static class QuorumArithmetic
{
    /// <summary>⌊expected/2⌋+1 votes; one when two_node is set.</summary>
    public static int Needed(ClusterConfiguration configuration) => Needed(configuration, Names.None);

    /// <summary>The same where some do not count: an epoch was opened without them.</summary>
    public static int Needed(ClusterState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return Needed(state.Configuration, state.Superseded);
    }

    /// <summary>Votes of the members that count.</summary>
    public static int Present(ClusterState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return VoteCount.Of(Votes(state.Configuration), state.Members.Keys.Where(m => !state.Superseded.Contains(m)));
    }

    /// <summary>Whether these of the members would be quorate by their votes.</summary>
    public static bool Holds(ClusterState state, IEnumerable<string> members)
    {
        ArgumentNullException.ThrowIfNull(state);
        return VoteCount.Of(Votes(state.Configuration), members.Where(m => !state.Superseded.Contains(m))) >= Needed(state);
    }

    /// <summary>Votes that quorum is counted from.</summary>
    public static int Expected(ClusterState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return VoteCount.Expected(Votes(state.Configuration), state.Configuration.TotalVotes, state.Superseded);
    }

    /// <summary>How many members may be lost, the heaviest first, before quorum is lost.</summary>
    public static int LossesSurvived(ClusterConfiguration configuration, IEnumerable<string> members) =>
        LossesSurvived(members.Select(m => configuration.Nodes.TryGetValue(m, out NodeConfiguration? n) ? n.Votes : 0), Needed(configuration));

    /// <summary>The same of the present members.</summary>
    public static int LossesSurvived(ClusterState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return LossesSurvived(state.Members.Keys.Select(m => state.Configuration.Nodes.TryGetValue(m, out NodeConfiguration? n) ? n.Votes : 0), Needed(state));
    }

    /// <summary>Those that do not count after a quorate view: an epoch that the members could not open by their votes was opened without the others.</summary>
    internal static ImmutableSortedSet<string> Superseded(ClusterState state, ImmutableSortedDictionary<string, long> members)
    {
        ImmutableSortedSet<string> still = state.Superseded.Except(members.Keys);
        ImmutableSortedDictionary<string, int> votes = Votes(state.Configuration);
        return VoteCount.Keeps(votes, state.Configuration.TotalVotes, still, members.Keys)
            ? still
            : [.. state.Configuration.Nodes.Keys.Where(n => !members.ContainsKey(n)).Order(StringComparer.Ordinal)];
    }

    /// <summary>Why the members can't change the votes, which needs the majority under the old ones and under the new ones; null: they can.</summary>
    internal static string? ObstacleToVotes(ClusterState state, ClusterConfiguration next)
    {
        ImmutableSortedDictionary<string, int> old = Votes(state.Configuration);
        ImmutableSortedDictionary<string, int> votes = Votes(next);
        // Without two_node a majority is needed again, which one of two is not.
        if (old.SequenceEqual(votes) && state.Configuration.TotalVotes == next.TotalVotes && (next.TwoNode || !state.Configuration.TwoNode))
        {
            return null;
        }

        foreach ((ImmutableSortedDictionary<string, int> table, int total, string which) in new[] { (votes, next.TotalVotes, "new"), (old, state.Configuration.TotalVotes, "present") })
        {
            if (!VoteCount.Keeps(table, total, state.Superseded, state.Members.Keys))
            {
                int expected = VoteCount.Expected(table, total, state.Superseded);
                string[] missing = [.. state.Configuration.Nodes.Keys.Where(n => !state.Members.ContainsKey(n))];
                return $"The votes can't be changed now: the members ({string.Join(", ", state.Members.Keys)}) hold {VoteCount.Of(table, state.Members.Keys)} of {expected} {which} votes, "
                    + $"and {VoteCount.Majority(expected)} are needed. "
                    + (missing.Length > 0 ? $"Start {string.Join(", ", missing.Take(5))} first, or change the votes in smaller steps. " : "Change the votes in smaller steps. ")
                    + "A new node is added with 0 votes, and given its votes when it has joined.";
            }
        }

        return null;
    }

    private static int Needed(ClusterConfiguration configuration, ImmutableSortedSet<string> superseded) =>
        configuration.TwoNode ? 1 : VoteCount.Majority(VoteCount.Expected(Votes(configuration), configuration.TotalVotes, superseded));

    private static ImmutableSortedDictionary<string, int> Votes(ClusterConfiguration configuration) =>
        configuration.Nodes.ToImmutableSortedDictionary(n => n.Key, n => n.Value.Votes, StringComparer.Ordinal);

    private static int LossesSurvived(IEnumerable<int> members, int needed)
    {
        int[] votes = [.. members.OrderDescending()];
        int left = votes.Sum();
        int losses = 0;
        while (losses < votes.Length && left - votes[losses] >= needed && left - votes[losses] > 0)
        {
            left -= votes[losses++];
        }

        return losses;
    }
}
