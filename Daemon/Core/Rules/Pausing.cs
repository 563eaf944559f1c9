using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Pausing a node, and resuming one that was paused, drained or in maintenance.</summary>
internal static class Pausing
{
    public static void Ask(Draft draft, NodeRequest e, NodeState node)
    {
        if (node.Phase is not (NodePhase.Online or NodePhase.Joining))
        {
            string empty = node.Drain.Goal == DrainGoal.Standby ? "; no groups come to it already" : "";
            Operations.Refuse(
                draft, e, $"Node {e.Node} is {node.Phase}{empty}. Only a node that takes part can be paused. {Advice.TakePart(node)}");
            return;
        }

        string keeps = node.Groups.IsEmpty ? "it has none" : $"it keeps {Names.Shorten(node.Groups)}";
        draft.SetNode(node with { Paused = true, Why = Cause.Said(e.Reason, CauseKind.PausedBy.With(e.Who)) });
        draft.Journal(
            JournalSeverity.Information, JournalKind.NodePause, $"Node {e.Node} is paused: no groups come to it; {keeps}.", e.Node,
            who: e.Who);
        Operations.Succeed(draft, e, $"Node {e.Node} takes no new groups; {keeps}.");
        draft.MarkAll();
    }

    public static void Resume(Draft draft, NodeRequest e, NodeState node)
    {
        bool paused = node is { Phase: NodePhase.Online } and ({ Paused: true } or { KeptOut: true });
        if ((!paused && node.Phase is not (NodePhase.Maintenance or NodePhase.Draining)) || !node.Member)
        {
            string why = node.Member ? ", neither paused, drained nor in maintenance" : " and takes no part; there is nothing to resume";
            Operations.Refuse(draft, e, $"Node {e.Node} is {node.Phase}{why}. {Advice.TakePart(node)}");
            return;
        }

        Operations.End(draft, node.Operation, false, $"Superseded by a request of {e.Who}.", asked: true);
        draft.SetNode(Draining.Undrained(node) with
        {
            Phase = NodePhase.Online,
            Paused = false,
            Flaps = null,
            MaintenanceUntil = null,
            Why = CauseKind.ResumedBy.With(e.Who),
        });
        Draining.KeepThoseThatLeave(draft, node);
        Operations.Succeed(draft, e, $"Node {e.Node} is Online.");
        if (e.Operation == NodeOperation.ResumeWithoutFailback)
        {
            foreach (GroupState group in draft.State.Groups.Values)
            {
                if (group.Order.FailbackTo == e.Node)
                {
                    draft.SetGroup(group with { Order = group.Order with { FailbackTo = null } });
                }
            }
        }

        foreach (string name in e.Operation == NodeOperation.ResumeWithImmediateFailback ? node.Drain.Moved : Names.None)
        {
            GroupState group = draft.State.Groups[name];
            if (group is { Frozen: false, Goal: GroupGoal.Run, Phase: not GroupPhase.Failed } && group.Owner != e.Node)
            {
                draft.SetGroup(group with { Order = group.Order with { ReturnTo = e.Node } });
            }
        }

        Membership.NodeUp(draft, e.Node, e.Operation != NodeOperation.ResumeWithoutFailback);
    }
}
