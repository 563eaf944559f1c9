using System.Collections.Immutable;
using ClusterTools.Core.Configuration;
using ClusterTools.Voting;

namespace ClusterTools.Core;

/// <summary>Votes and majorities of a configuration and of a state (FEATURES A2), by the arithmetic that the engine decides by.</summary>
public static class QuorumArithmetic
{
    /// <summary>⌊expected/2⌋+1 votes; one when two_node is set.</summary>
    public static int Needed(ClusterConfiguration configuration) => Anew(configuration).Needed;

    /// <summary>The same where some do not count: an epoch was opened without them.</summary>
    public static int Needed(ClusterState state) => Of(state).Needed;

    /// <summary>Votes of the members that count, and of a quorum device that is with them.</summary>
    public static int Present(ClusterState state) => Of(state).Present(state.Members.Keys);

    /// <summary>Whether these of the members would be quorate by their votes.</summary>
    public static bool Holds(ClusterState state, IEnumerable<string> members) => Of(state).IsHeldBy(members);

    /// <summary>The same of nodes that start anew.</summary>
    public static bool Holds(ClusterConfiguration configuration, IEnumerable<string> members) =>
        Anew(configuration).IsHeldBy(members);

    /// <summary>Votes that quorum is counted from.</summary>
    public static int Expected(ClusterState state) => Of(state).Counted;

    /// <summary>How many members may be lost, the heaviest first, before quorum is lost.</summary>
    public static int LossesSurvived(ClusterConfiguration configuration, IEnumerable<string> members) =>
        Anew(configuration).LossesSurvived(members);

    /// <summary>The same of the present members.</summary>
    public static int LossesSurvived(ClusterState state) => Of(state).LossesSurvived(state.Members.Keys);

    /// <summary>What it takes to form a cluster anew: a majority of all votes, whoever was left out before.</summary>
    internal static Majority OfAll(ClusterState state) => Full(state.Configuration, WithoutVote(state), Names.None, state.Device);

    /// <summary>
    /// Nodes whose votes are not counted, on either side, until they take part again: they were down for too long (last man standing).
    /// </summary>
    public static ImmutableSortedSet<string> WithoutVote(ClusterState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return Names.None.Union(state.Nodes.Values.Where(n => n.Vote is { IsTaken: true }).Select(n => n.Name));
    }

    /// <summary>The votes that count, by node; of who has none for now they are 0.</summary>
    /// <param name="configuration">Who has how many.</param>
    /// <param name="without">Who has none for now.</param>
    public static ImmutableSortedDictionary<string, int> Votes(ClusterConfiguration configuration, IReadOnlySet<string> without)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(without);
        return configuration.Nodes.ToImmutableSortedDictionary(
            n => n.Key, n => without.Contains(n.Key) ? 0 : n.Value.Votes, StringComparer.Ordinal);
    }

    /// <summary>The votes that quorum is counted from, without those of who has none for now.</summary>
    /// <param name="configuration">Who has how many.</param>
    /// <param name="without">Who has none for now.</param>
    public static int Total(ClusterConfiguration configuration, IReadOnlySet<string> without)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(without);
        return configuration.TotalVotes - configuration.Nodes.Values.Where(n => without.Contains(n.Name)).Sum(n => n.Votes);
    }

    /// <summary>
    /// Those that do not count after a quorate view: an epoch that the members could not open by their votes was opened without the others.
    /// </summary>
    internal static ImmutableSortedSet<string> Superseded(ClusterState state, ViewEvent view)
    {
        ImmutableSortedSet<string> still = state.Superseded.Except(view.Members.Keys);
        return view.Votes?.IsMajority ?? Full(state.Configuration, WithoutVote(state), still, view.Device).IsHeldBy(view.Members.Keys)
            ? still
            : [.. state.Configuration.Nodes.Keys.Where(n => !view.Members.ContainsKey(n))];
    }

    /// <summary>
    /// Why the members can't change the votes, which needs the majority under the old ones and under the new ones; null: they can.
    /// </summary>
    internal static string? ObstacleToVotes(ClusterState state, ClusterConfiguration next)
    {
        string[] members = [.. state.Members.Keys];
        // A disk that the members can do without is not held by them, and gives nothing.
        ImmutableSortedSet<string> taken = WithoutVote(state);
        Majority old = Full(state.Configuration, taken, state.Superseded, state.Device);
        Majority without = old with { Device = old.Device with { IsHere = false } };
        bool isHeld = old.Device.IsHere && !without.IsHeldBy(members);
        old = isHeld ? old : without;
        bool isSame = next.QuorumDisk?.Device == state.Configuration.QuorumDisk?.Device;
        Majority votes = Full(next, taken, state.Superseded, Device(next, isHeld && isSame));
        // Without two_node a majority is needed again, which one of two is not.
        if (old.Votes.SequenceEqual(votes.Votes) && old.Expected == votes.Expected && old.Device.Votes == votes.Device.Votes && isSame
            && (next.TwoNode || !state.Configuration.TwoNode))
        {
            return null;
        }

        if (new JointMajority(old, votes).Lacking(members) is not { } lacking)
        {
            return null;
        }

        string[] missing = [.. state.Configuration.Nodes.Keys.Where(n => !state.Members.ContainsKey(n))];
        return $"The votes can't be changed now: the members ({string.Join(", ", members)}) hold {lacking.Sum(members)} of "
            + $"{lacking.Counted} "
            + $"{(ReferenceEquals(lacking, votes) ? "new" : "present")} votes, and {lacking.Needed} are needed. "
            + (missing.Length > 0
                ? $"Start {string.Join(", ", missing.Take(5))} first, or change the votes in smaller steps. "
                : "Change the votes in smaller steps. ")
            + "A new node is added with 0 votes, and given its votes when it has joined.";
    }

    /// <summary>How the members' votes are counted.</summary>
    internal static Majority OfMembers(ClusterState state) => Of(state);

    /// <summary>The quorum disk as it is configured.</summary>
    internal static QuorumDevice Device(ClusterConfiguration configuration, bool isHere) =>
        configuration.QuorumDisk is { } disk ? new QuorumDevice(disk.VotesAmong(configuration), isHere) : default;

    private static Majority Of(ClusterState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return Full(state.Configuration, WithoutVote(state), state.Superseded, state.Device) with
        {
            IsOneEnough = state.Configuration.TwoNode,
        };
    }

    /// <summary>Of nodes that start anew, all of which count.</summary>
    private static Majority Anew(ClusterConfiguration configuration) =>
        Full(configuration, Names.None, Names.None, Device(configuration, isHere: true)) with { IsOneEnough = configuration.TwoNode };

    /// <summary>More than half of the votes, which an epoch and a change of votes take with two nodes, too.</summary>
    private static Majority Full(
        ClusterConfiguration configuration, ImmutableSortedSet<string> without, ImmutableSortedSet<string> superseded,
        QuorumDevice device) =>
        new(Votes(configuration, without), Total(configuration, without))
        {
            Superseded = superseded,
            Device = device,
        };
}
