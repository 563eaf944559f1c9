using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>What is looked at in every node, and what people ask of one.</summary>
internal static class Nodes
{
    public static void Settle(Draft draft)
    {
        if (draft.State.Quorum == Quorum.None)
        {
            return;
        }

        foreach (NodeState node in draft.State.Nodes.Values)
        {
            if (draft.State.Quorum == Quorum.Quorate)
            {
                Probes.Settle(draft, node);
                UnknownAnswers.Settle(draft, draft.State.Nodes[node.Name]);
                Draining.Settle(draft, draft.State.Nodes[node.Name]);
                MachineShutdown.Settle(draft, draft.State.Nodes[node.Name]);
                Maintenance.Settle(draft, draft.State.Nodes[node.Name]);
                Flapping.Settle(draft, draft.State.Nodes[node.Name]);
            }

            Fencing.SettleLoss(draft, draft.State.Nodes[node.Name]);
        }

        if (draft.State.Quorum == Quorum.Quorate)
        {
            LastManStanding.Settle(draft);
        }
    }

    public static void Apply(Draft draft, NodeRequest e)
    {
        if (!draft.State.Nodes.TryGetValue(e.Node, out NodeState? node))
        {
            Operations.Refuse(draft, e, $"There is no node '{e.Node}'. Get-ClusterNode lists the nodes.");
            return;
        }

        switch (e.Operation)
        {
            case NodeOperation.Drain:
            case NodeOperation.Leave:
                Draining.Ask(draft, e, node, e.Operation == NodeOperation.Leave ? DrainGoal.Leave : DrainGoal.Standby);
                break;
            case NodeOperation.Pause:
                Pausing.Ask(draft, e, node);
                break;
            case NodeOperation.Maintenance:
                if (!node.Member || node.Phase is NodePhase.Fencing or NodePhase.Down)
                {
                    Operations.Refuse(
                        draft, e,
                        $"Node {e.Node} is {node.Phase}; only a node that takes part can go into planned maintenance. "
                            + $"{Advice.TakePart(node)}");
                    break;
                }

                draft.SetNode(Maintenance.Away(
                    draft, node, draft.Configuration.Timing.MaintenanceLimit,
                    Cause.Said(e.Reason, CauseKind.RestartPlannedBy.With(e.Who))));
                Operations.Succeed(
                    draft, e,
                    $"Node {e.Node} may be away for {SpanText.Of(draft.Configuration.Timing.MaintenanceLimit)}; its groups go on running.");
                break;
            case NodeOperation.ShutDown:
                MachineShutdown.Ask(draft, e, node);
                break;
            case NodeOperation.Resume:
            case NodeOperation.ResumeWithoutFailback:
            case NodeOperation.ResumeWithImmediateFailback:
                Pausing.Resume(draft, e, node);
                break;
            case NodeOperation.ConfirmDown:
                FenceRequests.ConfirmDown(draft, e, node);
                break;
            case NodeOperation.FenceOff:
            case NodeOperation.FenceOn:
            case NodeOperation.FenceReboot:
                FenceRequests.Ask(draft, e, node);
                break;
            default:
                throw new InvalidOperationException($"Unknown operation {e.Operation}.");
        }
    }
}
