using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>The machine of a node is shut down: what becomes of its groups, and nobody fences it (FEATURES A11).</summary>
public static class MachineShutdown
{
    internal static void Ask(Draft draft, NodeRequest e, NodeState node)
    {
        if (!node.Member || node.Phase is NodePhase.Fencing or NodePhase.Down)
        {
            Operations.Refuse(draft, e, $"Node {e.Node} is {node.Phase} and takes no part; it can go as it is.");
            return;
        }

        if (Disarming.WhyNotDrained(draft, node) is not null)
        {
            // Nothing happens by itself now, and it goes all the same.
            long limit = draft.Configuration.Timing.KeepLimitOrDefault;
            draft.SetNode(Maintenance.Away(draft, node, limit, CauseKind.ShutDownWhileDisarmed.With()));
            Tell(draft, e, $"the cluster is disarmed, so that {Names.Shorten(node.Groups)} on it is left as it is");
            Operations.Succeed(draft, e, $"Node {e.Node} may be away for {SpanText.Of(limit)}.");
            return;
        }

        ShutdownPolicy policy = Policy(draft.Configuration, e.Node);
        string words = Words(draft.Configuration.Timing, policy);
        Operations.End(draft, node.Operation, false, $"Superseded by a request of {e.Who}.", asked: true);
        draft.SetNode(node with
        {
            Drain = new DrainOrder { Goal = DrainGoal.Leave, Shutdown = policy },
            Phase = NodePhase.Draining,
            MaintenanceUntil = null,
            Operation = e.RequestId,
            Why = CauseKind.ShutDownBy.With(e.Who, words),
        });
        Tell(draft, e, node.Groups.IsEmpty ? "it has no groups" : $"its groups {words}");
    }

    /// <summary>What of it can be stopped is: it goes, and what is left there, frozen or failed, waits for it.</summary>
    internal static void Settle(Draft draft, NodeState node)
    {
        if (node is not { Drain: { Goal: DrainGoal.Leave, Shutdown: not null }, Phase: NodePhase.Draining } || node.Groups.IsEmpty
            || !node.Groups.All(g => Draining.IsLeftInPlace(draft.State.Groups[g])))
        {
            return;
        }

        string left = Names.Shorten(node.Groups);
        long limit = draft.Configuration.Timing.KeepLimitOrDefault;
        draft.SetNode(Maintenance.Away(draft, node, limit, CauseKind.ShutDownAround.With(left)) with { Drain = DrainOrder.None });
        draft.Journal(
            JournalSeverity.Warning, JournalKind.NodeAway,
            $"Node {node.Name} goes with {left} on it, frozen or failed. It is waited for {SpanText.Of(limit)}, and counts as lost then.",
            node.Name);
        Operations.EndOf(draft, node, true, $"Node {node.Name} goes; left in place, frozen or failed: {left}.");
    }

    /// <summary>What becomes of a node's groups when its machine is shut down.</summary>
    public static ShutdownPolicy Policy(ClusterConfiguration configuration, string node)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return configuration.Nodes.GetValueOrDefault(node)?.ShutdownPolicy ?? configuration.Timing.ShutdownPolicy ?? ShutdownPolicy.Move;
    }

    private static void Tell(Draft draft, NodeRequest e, string what) => draft.Journal(
        JournalSeverity.Information, JournalKind.NodeShutdown, $"The machine of node {e.Node} is being shut down: {what}.", e.Node,
        who: e.Who);

    private static string Words(ClusterTiming timing, ShutdownPolicy policy) => policy switch
    {
        ShutdownPolicy.Move => "are moved, or stopped where they can go nowhere",
        ShutdownPolicy.Stop => "are stopped until it is back",
        ShutdownPolicy.Keep => $"are stopped and wait for it for {SpanText.Of(timing.KeepLimitOrDefault)}",
        _ => throw new InvalidOperationException($"Unknown policy {policy}."),
    };
}
