using ClusterTools.Core.Configuration;
using ClusterTools.Voting;

namespace ClusterTools.Core;

/// <summary>
/// The vote of a node that stays down is taken away, so that the others survive the next loss, and given back once the node takes part
/// (votequorum(5) last_man_standing). What it takes to change votes holds: the engine commits them under both majorities, so that who
/// comes up with an older log, alone or with others, forms nothing.
/// </summary>
internal static class LastManStanding
{
    /// <summary>One node by itself is never made a cluster.</summary>
    private const int FewestVoters = 2;

    /// <summary>Gives back and takes away what is due; with quorum.</summary>
    public static void Settle(Draft draft)
    {
        foreach (NodeState node in draft.State.Nodes.Values)
        {
            if (node is { Vote.IsTaken: true, Member: true, Phase: not (NodePhase.Joining or NodePhase.Fencing or NodePhase.Down) })
            {
                draft.SetNode(node with { Vote = null });
                draft.Journal(
                    JournalSeverity.Information, JournalKind.NodeVoteBack,
                    $"Node {node.Name} takes part again: its {Votes(draft, node)} again.", node.Name);
            }
        }

        if (IsHeldBack(draft.State))
        {
            foreach (NodeState node in draft.State.Nodes.Values.Where(n => n.Vote is { IsTaken: false }))
            {
                draft.SetNode(node with { Vote = null }, settle: false);
            }

            return;
        }

        foreach (NodeState node in draft.State.Nodes.Values)
        {
            Look(draft, node);
        }
    }

    /// <summary>
    /// Whether those who are left keep quorum when these are lost in this order, each down for the window before the next.
    /// </summary>
    public static bool SurviveInTurn(ClusterState state, IReadOnlyList<string> lost)
    {
        Majority all = QuorumArithmetic.OfMembers(state);
        if (IsHeldBack(state))
        {
            return false;
        }

        for (int i = 0; i < lost.Count; i++)
        {
            if (!all.IsHeldBy(state.Members.Keys.Except(lost.Take(i + 1))))
            {
                return false;
            }

            if (MayBeTaken(all.Votes))
            {
                all = all with
                {
                    Votes = all.Votes.ToDictionary(v => v.Key, v => v.Key == lost[i] ? 0 : v.Value, StringComparer.Ordinal),
                    Expected = all.Expected - all.Votes[lost[i]],
                };
            }
        }

        return true;
    }

    /// <summary>Why a configuration can't come into force while votes are not counted; null: it can.</summary>
    public static string? Obstacle(ClusterState state, ClusterConfiguration next)
    {
        string[] without = [.. QuorumArithmetic.WithoutVote(state).Where(next.Nodes.ContainsKey)];
        string? what = next.TwoNode ? "two_node" : next.QuorumDisk is not null ? "A quorum disk"
            : next.ExpectedVotes is not null ? "A number of expected votes"
            : null;
        return without.Length == 0 || what is null
            ? null
            : $"{what} can't be set now: the votes of {Names.Shorten(without)} are not counted (last man standing). "
                + $"Start {Names.Shorten(without)} first, or take {(without.Length == 1 ? "it" : "them")} out (Remove-ClusterNode).";
    }

    /// <summary>No vote is taken away now, and what had begun to count counts no more.</summary>
    private static bool IsHeldBack(ClusterState state) => state.Configuration.VoteWindow is null
        // Whom an epoch was opened without has not lost anything by a majority's word.
        || !state.Superseded.IsEmpty
        || state.Disarmed is not null
        // Who is about to leave, as all are when the cluster is stopped, is not the rest that goes on.
        || state.Nodes.Values.Any(n => n is { Member: true, Phase: NodePhase.Down });

    private static void Look(Draft draft, NodeState node)
    {
        if (node.Vote is { IsTaken: true })
        {
            return;
        }

        if (node is not { Phase: NodePhase.Down, Member: false } || draft.Configuration.Nodes[node.Name].Votes == 0)
        {
            if (node.Vote is not null)
            {
                draft.SetNode(node with { Vote = null }, settle: false);
            }

            return;
        }

        if (!draft.Dated || draft.State.Undated)
        {
            // A view carries no time: the window begins with the first event that does.
            draft.State = draft.State with { Undated = true };
            return;
        }

        long since = node.Vote?.DownSince ?? draft.State.Time;
        long until = since + draft.Configuration.VoteWindow!.Value;
        if (draft.State.Time < until)
        {
            draft.SetNode(node.Vote is null ? node with { Vote = new VoteState(since, IsTaken: false) } : node, settle: false);
            draft.At(until, DeadlineKind.Node, node.Name);
            return;
        }

        Take(draft, node);
    }

    private static void Take(Draft draft, NodeState node)
    {
        if (!MayBeTaken(QuorumArithmetic.Votes(draft.Configuration, QuorumArithmetic.WithoutVote(draft.State))))
        {
            return;
        }

        draft.SetNode(node with { Vote = new VoteState(draft.State.Time, IsTaken: true) }, settle: false);
        draft.Journal(
            JournalSeverity.Warning, JournalKind.NodeVoteTaken,
            $"Node {node.Name} has been down for {SpanText.Of(draft.Configuration.VoteWindow!.Value)}: its {Votes(draft, node)} no more "
                + $"until it takes part again (last man standing). {QuorumArithmetic.Needed(draft.State)} of "
                + $"{QuorumArithmetic.Expected(draft.State)} are needed.",
            node.Name);
    }

    private static bool MayBeTaken(IReadOnlyDictionary<string, int> votes) => votes.Values.Count(v => v > 0) > FewestVoters;

    private static string Votes(Draft draft, NodeState node) =>
        draft.Configuration.Nodes[node.Name].Votes == 1 ? "vote counts" : "votes count";
}
