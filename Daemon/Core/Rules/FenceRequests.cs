using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>What people ask of fencing: cut off, switch on, confirm down.</summary>
internal static class FenceRequests
{
    public static void Ask(Draft draft, NodeRequest e, NodeState node)
    {
        if (draft.State.Disarmed is { } disarmed)
        {
            Operations.Refuse(
                draft, e,
                $"The cluster is disarmed by {disarmed.Who}, and nothing is switched. Run Resume-Cluster first, or use the device by "
                    + "hand.");
            return;
        }

        if (draft.State.Fences.ContainsKey(e.Node))
        {
            Operations.Refuse(draft, e, $"Node {e.Node} is being fenced already. Get-ClusterFenceHistory shows how it goes.");
            return;
        }

        if (Watchdogs.WhyUnfenced(draft.State, draft.Configuration, e.Node) is { } unfenced)
        {
            Operations.Refuse(
                draft, e,
                $"Node {e.Node} can't be fenced: {unfenced}. Add a fence device that cuts it off, and a method, to the configuration. "
                    + $"{Advice.WithoutFencing(node)}");
            return;
        }

        if (!draft.State.Members.Keys.Any(m => m != e.Node))
        {
            Operations.Refuse(
                draft, e, $"No other member is there to fence {e.Node}. Bring another node back first. {Advice.WithoutFencing(node)}");
            return;
        }

        Cause why = Cause.Said(e.Reason, CauseKind.AskedBy.With(e.Who));
        if (e.Operation == NodeOperation.FenceOn)
        {
            draft.SetFence(new FenceState
            {
                Target = e.Node,
                Incarnation = node.Incarnation,
                Why = why,
                Who = e.Who,
                Operation = e.RequestId,
                OneRound = true,
                OnlyOn = true,
                Since = draft.State.Time,
            });
            return;
        }

        Fencing.Begin(draft, node, why, e.Who, e.RequestId, thenOn: e.Operation == NodeOperation.FenceReboot, oneRound: true);
    }

    public static void ConfirmDown(Draft draft, NodeRequest e, NodeState node)
    {
        if (node.Member)
        {
            Operations.Refuse(draft, e, $"Node {e.Node} is a member: it is alive. {Advice.CutOff(draft.State, e.Node)}");
            return;
        }

        if (node.Phase == NodePhase.Down && node.Answers.IsEmpty)
        {
            // Whoever says so has it in his hands: what the cluster was about to switch on again stays off.
            if (draft.State.Fences.GetValueOrDefault(e.Node) is { Who: null })
            {
                draft.RemoveFence(e.Node);
            }

            draft.SetNode(draft.State.Nodes[e.Node] with { TakenOut = true });
            Operations.Succeed(draft, e, $"Node {e.Node} is Down already.");
            return;
        }

        FenceState fence = draft.State.Fences.TryGetValue(e.Node, out FenceState? under)
            ? under
            : new FenceState
            {
                Target = e.Node,
                Incarnation = node.Incarnation,
                Since = draft.State.Time,
                Why = CauseKind.NodeIs.With(e.Node, $"{node.Phase}"),
            };
        if (under is not null)
        {
            draft.RemoveFence(e.Node);
            Operations.End(draft, under.Operation, false, $"{e.Who} confirmed that the node is down.");
        }

        Fencing.Record(draft, fence with { Who = e.Who, Executor = null }, true, null, "confirmed by an operator", confirmed: true);
        Fencing.IsConfirmedDown(draft, e.Node, e.Who);
        Operations.Succeed(draft, e, $"Node {e.Node} is Down; {Disarming.Recovered(draft)}.");
    }
}
