using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>How long a lost node is waited for before it is fenced, and that in words.</summary>
public static class FenceDelay
{
    /// <summary>Milliseconds from the loss to the decision.</summary>
    public static long Of(ClusterState state, NodeState node)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(node);
        ClusterTiming timing = state.Configuration.Timing;
        long delay = node.NeverSeen ? timing.PostJoinDelay : timing.PostFailDelay;
        // One of two waits for longer, so that they do not shoot each other.
        return state.Quorum == Quorum.Contested && state.Members.Keys.Any(m => Id(state, m) > Id(state, node.Name))
            ? delay + timing.TwoNodeDelay
            : delay;
    }

    /// <summary>
    /// Who will fence whom, and when: <c>node2 fences node1 in 12 s (twoNodeDelay)</c>; empty: nobody waits to be fenced.
    /// </summary>
    /// <param name="state">With the present cluster time in it.</param>
    public static IEnumerable<string> Describe(ClusterState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Quorum == Quorum.None || state.Disarmed is not null)
        {
            yield break;
        }

        foreach (NodeState node in state.Nodes.Values)
        {
            if (node.Phase != NodePhase.Lost || StaysBack(state)
                || Watchdogs.WhyUnfenced(state, state.Configuration, node.Name) is not null)
            {
                continue;
            }

            long delay = Of(state, node);
            long left = Math.Clamp((node.LostAt ?? state.Time) + delay - state.Time, 0, delay);
            string who = state.Members.Keys.OrderBy(m => Id(state, m)).FirstOrDefault() ?? "nobody";
            string why = state.Quorum == Quorum.Contested && delay >= state.Configuration.Timing.TwoNodeDelay && delay > 0
                ? "twoNodeDelay: it waits for the node with the lower id to go first"
                : node.NeverSeen ? "postJoinDelay" : "postFailDelay";
            yield return $"{who} fences {node.Name} in {(left + 999) / 1000} s ({why})";
        }
    }

    /// <summary>
    /// A lone one of two that was emptied on request fences nobody: it has nothing to gain, and its peer, which does not fence it,
    /// everything to lose.
    /// </summary>
    public static bool StaysBack(ClusterState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.Quorum == Quorum.Contested
            && state.Members.Keys.All(
                m => state.Nodes.TryGetValue(m, out NodeState? self) && self.Groups.IsEmpty && self.Phase == NodePhase.Maintenance);
    }

    private static int Id(ClusterState state, string node) =>
        state.Configuration.Nodes.TryGetValue(node, out NodeConfiguration? n) ? n.Id : int.MaxValue;
}
