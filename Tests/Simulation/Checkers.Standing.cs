using ClusterTools.Core;

namespace ClusterTools.Simulation;

/// <summary>
/// A vote is taken away from a node that was down for the whole window, and from nobody else, down to two nodes with votes, and counts
/// again once the node takes part: by the record of who was down since when, and what the engine counts by.
/// </summary>
internal sealed partial class Checkers
{
    /// <summary>By node: cluster time since which it is down in a quorum without a break.</summary>
    private readonly Dictionary<string, long> downSince = new(StringComparer.Ordinal);

    /// <summary>Nodes whose votes are not counted, by the journal.</summary>
    private readonly HashSet<string> uncounted = new(StringComparer.Ordinal);

    private bool anyTaken;

    private void LastMan(Entry entry, ClusterState before, ClusterState after)
    {
        uncounted.RemoveWhere(n => !after.Nodes.ContainsKey(n));
        foreach (JournalEntry told in after.Journal)
        {
            if (told is { Kind: "node.voteTaken", Node: { } down })
            {
                Taken(before, after, down);
            }
            else if (told is { Kind: "node.voteBack", Node: { } back })
            {
                Tally.Count(Premise.VoteBack);
                if (!uncounted.Remove(back) || !after.Members.ContainsKey(back))
                {
                    throw Broken("last man standing", $"the vote of {back} comes back: {told.Message}");
                }
            }
        }

        // What was said before may come into force later; it is safe by both majorities, and told again in the next view.
        if (entry.Votes is { } votes && uncounted.Any(n => votes.ByNode.TryGetValue(n, out int counted) && counted == 0))
        {
            Tally.Count(Premise.VotesWithoutTaken);
        }

        if (entry.View is { Continuous: false } formed)
        {
            downSince.Clear();
            if (uncounted.Count > 0 && uncounted.Any(n => !formed.Members.ContainsKey(n)))
            {
                Tally.Count(Premise.FormedWithoutTaken);
            }
        }

        // What a view shows has no time: it is counted from the first event on that has one.
        foreach (NodeState node in after.Nodes.Values)
        {
            if (node is not { Phase: NodePhase.Down, Member: false })
            {
                downSince.Remove(node.Name);
            }
            else if (entry.View is null)
            {
                downSince.TryAdd(node.Name, after.Time);
            }
        }

        foreach (string gone in downSince.Keys.Where(n => !after.Nodes.ContainsKey(n)).ToArray())
        {
            downSince.Remove(gone);
        }
    }

    /// <summary>In the end all are back, and each has its votes.</summary>
    private void AllCount(ClusterState state)
    {
        foreach (NodeState node in state.Nodes.Values)
        {
            if (node is { Member: true, Phase: NodePhase.Online } && uncounted.Contains(node.Name))
            {
                throw Broken("8", $"{node.Name} takes part, and its votes are not counted");
            }
        }

        if (anyTaken && uncounted.Count == 0)
        {
            Tally.Count(Premise.TakenAllUp);
        }
    }

    private void Taken(ClusterState before, ClusterState after, string node)
    {
        Tally.Count(Premise.VoteTaken);
        int window = after.Configuration.LastManStandingWindow ?? 10_000;
        if (!after.Configuration.LastManStanding || !downSince.TryGetValue(node, out long since) || after.Time - since < window)
        {
            throw Broken("last man standing", $"{node} loses its vote and was not down for {window} ms");
        }

        if (DisarmedFor(after.Index))
        {
            throw Broken("last man standing", $"{node} loses its vote while the cluster is disarmed");
        }

        uncounted.Add(node);
        anyTaken = true;
        int left = after.Configuration.Nodes.Values.Count(n => n.Votes > 0 && !uncounted.Contains(n.Name));
        if (left < 2 || before.Superseded.Count > 0)
        {
            throw Broken("last man standing", $"{node} loses its vote, and {left} nodes with votes are left");
        }

        if (left == 2)
        {
            Tally.Count(Premise.VoteTakenDownToTwo);
        }
    }
}
