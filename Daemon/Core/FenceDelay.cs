using System.Collections.Immutable;
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
        // One of two waits for longer, so that they do not shoot each other.
        return Awaited(state, node) + Own(state, node) + (GoesFirst(state, node) ? state.Configuration.Timing.TwoNodeDelay : 0);
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
            yield return $"{who} fences {node.Name} in {(left + 999) / 1000} s ({Why(state, node, who)})";
        }
    }

    /// <summary>
    /// A lone one of two that was emptied on request fences nobody: it has nothing to gain, and its peer, which does not fence it,
    /// everything to lose. Nor does the one that the arbiter does not give its vote to.
    /// </summary>
    public static bool StaysBack(ClusterState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.Quorum == Quorum.Contested
            && (IsJudgedAgainst(state) || state.Members.Keys.All(
                m => state.Nodes.TryGetValue(m, out NodeState? self) && self.Groups.IsEmpty && self.Phase == NodePhase.Maintenance));
    }

    /// <summary>The arbiter does not give its vote to this one of two.</summary>
    internal static bool IsJudgedAgainst(ClusterState state) => IsJudged(state) && !state.Device.IsHere;

    private static bool IsJudged(ClusterState state) => state.Quorum == Quorum.Contested && state.Device.Votes > 0;

    /// <summary>What a node weighs in a fence race: itself and what it runs (FEATURES C7).</summary>
    public static long Weight(ClusterState state, string node)
    {
        ArgumentNullException.ThrowIfNull(state);
        ClusterConfiguration configuration = state.Configuration;
        ImmutableSortedSet<string> groups = state.Nodes.GetValueOrDefault(node)?.Groups ?? Names.None;
        return groups.Sum(g => (long)(configuration.Groups.GetValueOrDefault(g)?.Weight ?? 0))
            + (configuration.Nodes.GetValueOrDefault(node)?.Weight ?? 0);
    }

    /// <summary>How long everybody in its position is waited for.</summary>
    private static long Awaited(ClusterState state, NodeState node)
    {
        ClusterTiming timing = state.Configuration.Timing;
        long delay = node.NeverSeen ? timing.PostJoinDelay : timing.PostFailDelay;
        return node.Drain.Shutdown is null ? delay : Math.Max(delay, timing.ShutdownWaitOrDefault);
    }

    /// <summary>
    /// Its own delay. What is drawn is the same on every node that reckons it, stays while it is lost, and is another one in its next life.
    /// </summary>
    private static long Own(ClusterState state, NodeState node)
    {
        if (!state.Configuration.Nodes.TryGetValue(node.Name, out NodeConfiguration? configured))
        {
            return 0;
        }

        long span = configured.FenceDelayMax - configured.FenceDelay;
        return configured.FenceDelay + (span > 0 ? (long)(Draw(node) % (ulong)(span + 1)) : 0);
    }

    /// <summary>
    /// Of two nodes the lost one is the first to fence, if it lives: it is heavier, or as heavy and has the lower id. Where an arbiter has
    /// said which one fences, nobody waits for the other.
    /// </summary>
    private static bool GoesFirst(ClusterState state, NodeState node) => state.Quorum == Quorum.Contested && !IsJudged(state)
        && state.Members.Keys.Any(m => Weight(state, m).CompareTo(Weight(state, node.Name)) switch
        {
            0 => Id(state, m) > Id(state, node.Name),
            var order => order < 0,
        });

    private static string Why(ClusterState state, NodeState node, string who)
    {
        List<string> why = [];
        if (GoesFirst(state, node) && state.Configuration.Timing.TwoNodeDelay > 0)
        {
            (long own, long other) = (Weight(state, who), Weight(state, node.Name));
            why.Add(own == other
                ? "twoNodeDelay: it waits for the node with the lower id to go first"
                : $"twoNodeDelay: it weighs {own} and waits for {node.Name}, which weighs {other}, to go first");
        }

        if (Own(state, node) is > 0 and var delay)
        {
            why.Add($"fenceDelay of {node.Name}: {SpanText.Of(delay)}");
        }

        if (node.Drain.Shutdown is not null && Awaited(state, node) == state.Configuration.Timing.ShutdownWaitOrDefault)
        {
            why.Add($"shutdownWait: the machine of {node.Name} was being shut down");
        }

        return why.Count > 0 ? string.Join(", and ", why) : node.NeverSeen ? "postJoinDelay" : "postFailDelay";
    }

    /// <summary>A number that nobody chooses: of the node's name and its life (FNV-1a, then the finalizer of splitmix64).</summary>
    private static ulong Draw(NodeState node)
    {
        ulong mixed = 14695981039346656037;
        foreach (char c in node.Name)
        {
            mixed = (mixed ^ c) * 1099511628211;
        }

        mixed += (ulong)node.Incarnation * 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    private static int Id(ClusterState state, string node) =>
        state.Configuration.Nodes.TryGetValue(node, out NodeConfiguration? n) ? n.Id : int.MaxValue;
}
