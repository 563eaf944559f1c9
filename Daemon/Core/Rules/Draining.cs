using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Emptying a node: on request, to leave, and taken back.</summary>
internal static class Draining
{
    public static void Settle(Draft draft, NodeState node)
    {
        if (node.Drain.Goal != DrainGoal.Standby || node.Phase != NodePhase.Draining)
        {
            return;
        }

        if (node.Groups.All(g => IsLeftInPlace(draft.State.Groups[g])))
        {
            draft.SetNode(node with { Phase = NodePhase.Maintenance, Why = CauseKind.Emptied.With() });
            string left = node.Groups.IsEmpty ? "" : $" Left in place, frozen or failed: {Names.Shorten(node.Groups)}.";
            draft.Journal(
                JournalSeverity.Information, JournalKind.NodeMaintenance, $"Node {node.Name} is empty and in maintenance.{left}",
                node.Name);
            Operations.EndOf(draft, node, true, $"Node {node.Name} is in maintenance.{left}");
        }
    }

    public static void Ask(Draft draft, NodeRequest e, NodeState node, DrainGoal goal)
    {
        if (!node.Member || node.Phase is NodePhase.Fencing or NodePhase.Down)
        {
            Operations.Refuse(
                draft, e, $"Node {e.Node} is {node.Phase} and takes no part; there is nothing to move away. {Advice.TakePart(node)}");
            return;
        }

        string[] stuck = [.. node.Groups.Where(g => IsLeftInPlace(draft.State.Groups[g]))];
        if (goal == DrainGoal.Leave && stuck.Length > 0)
        {
            Operations.Refuse(
                draft, e,
                $"Node {e.Node} can't leave: {Names.Shorten(stuck)} on it is frozen or Failed. "
                + "Run Unlock-ClusterGroup for frozen ones and Stop-ClusterGroup for Failed ones first, or restart the daemon in "
                    + "maintenance (clusterd restart), which leaves groups running.");
            return;
        }

        if (Disarming.WhyNotDrained(draft, node) is { } disarmed)
        {
            Operations.Refuse(draft, e, disarmed);
            return;
        }

        if (e.Target is { } target && (target == e.Node ? "is the node to be emptied" : WhyNoTarget(draft, target)) is { } unfit)
        {
            Operations.Refuse(
                draft, e, $"The groups of {e.Node} can't go to {target}: it {unfit}. Name an Online member, or leave the target out.");
            return;
        }

        Operations.End(draft, node.Operation, false, $"Superseded by a request of {e.Who}.", asked: true);
        draft.SetNode(node with
        {
            Drain = new DrainOrder
            {
                Goal = goal,
                To = e.Target,
                UntilReturn = e.UntilReturn,
                ForGood = e.ForGood,
                Moved = goal == DrainGoal.Leave ? Names.None : node.Drain.Moved,
            },
            Phase = NodePhase.Draining,
            MaintenanceUntil = null,
            Operation = e.RequestId,
            Why = (goal == DrainGoal.Leave ? CauseKind.LeavesFor : CauseKind.EmptiedFor).With(e.Who),
        });
        draft.Journal(
            JournalSeverity.Information, JournalKind.NodeDrain,
            $"Node {e.Node} is being emptied{(e.Target is null ? "" : $", to {e.Target} where the rules allow")}.", e.Node, who: e.Who);
    }

    private static string? WhyNoTarget(Draft draft, string name) =>
        !draft.State.Nodes.TryGetValue(name, out NodeState? at) ? "is not a node of this cluster"
        : !at.Eligible ? $"is {at.Standing}"
        : null;

    /// <summary>An order to empty its node leaves it where it is.</summary>
    public static bool IsLeftInPlace(GroupState group) => group.Frozen || group.Phase == GroupPhase.Failed;

    /// <summary>The node without its order to be emptied, and without what that order has left.</summary>
    public static NodeState Undrained(NodeState node) =>
        node with { Drain = DrainOrder.None, Operation = null };

    /// <summary>The order is taken back: what it has begun to stop, and has not moved yet, is started again where it was.</summary>
    public static void KeepThoseThatLeave(Draft draft, NodeState node)
    {
        foreach (string name in node.Groups)
        {
            GroupState group = draft.State.Groups[name];
            // What somebody has decided since, or had before, stands.
            if (group.Reason == CauseKind.NodeIsEmptied.With(node.Name))
            {
                draft.SetGroup(group with { Order = group.Order.To(node.Name), Reason = CauseKind.NodeIsEmptiedNoMore.With(node.Name) });
            }
        }
    }

    /// <summary>The group has found its place by an operator's word, and is brought back by no node's resume.</summary>
    public static void ForgetMoved(Draft draft, string group)
    {
        foreach (NodeState node in draft.State.Nodes.Values)
        {
            if (node.Drain.Moved.Contains(group))
            {
                draft.SetNode(node with { Drain = node.Drain with { Moved = node.Drain.Moved.Remove(group) } }, settle: false);
            }
        }
    }

    public static void Apply(Draft draft, NodeLeft e)
    {
        if (!draft.State.Nodes.TryGetValue(e.Node, out NodeState? node) || node.Incarnation != e.Incarnation || !node.Groups.IsEmpty
            || node.Drain.Goal != DrainGoal.Leave)
        {
            draft.Ignore();
            return;
        }

        // What it could not tell stays unknown: leaving proves nothing of it.
        draft.SetNode(node with
        {
            Phase = NodePhase.Down,
            Probe = null,
            Ask = null,
            Drain = node.Drain with { Goal = DrainGoal.None, To = null, Shutdown = null },
            MaintenanceUntil = null,
            TakenOut = node.Drain.AtLeave == FinalAction.Default,
            Why = CauseKind.HasLeft.With(),
        });
        draft.Journal(JournalSeverity.Information, JournalKind.NodeLeft, $"Node {e.Node} has left the cluster.", e.Node);
        Operations.EndOf(draft, node, true, $"Node {e.Node} has left.");
        Membership.Changed(draft);
    }
}
