using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Taking an operation back: what is under way is let finish, and what it leaves is placed by the rules.</summary>
internal static class Cancelling
{
    /// <summary>Takes back what can be taken back. What is under way is let finish, and what it leaves is placed by the rules.</summary>
    public static void Apply(Draft draft, CancelRequest e)
    {
        if (!draft.State.Operations.TryGetValue(e.Operation, out OperationState? operation) || operation.Id == e.RequestId)
        {
            Operations.Refuse(
                draft, e, $"There is no operation '{e.Operation}', or it is forgotten. Get-ClusterOperation lists the operations.");
            return;
        }

        if (operation.Phase != OperationPhase.Running)
        {
            Operations.Refuse(
                draft, e, $"Operation {e.Operation} ({operation.Kind.Words(operation.Target)}) has ended already: {operation.Message}");
            return;
        }

        if (draft.State.Stop is { } stop && stop.Operation == operation.Id)
        {
            ClusterStopping.End(draft, stop, false, $"cancelled by {e.Who}; what was stopped stays stopped.");
            Operations.Succeed(draft, e, "The cluster is not stopped; what was stopped stays stopped, and Start-ClusterGroup starts it.");
            return;
        }

        if (draft.State.Nodes.TryGetValue(operation.Target, out NodeState? node) && node.Operation == operation.Id)
        {
            CancelDrain(draft, e, node);
            return;
        }

        if (draft.State.Groups.TryGetValue(operation.Target, out GroupState? group) && group.Operation == operation.Id)
        {
            Cancel(draft, e, operation, group);
            return;
        }

        Operations.Refuse(
            draft, e,
            draft.State.Fences.Values.Any(f => f.Operation == operation.Id)
                ? $"Fencing is never cancelled: a device may have been asked already, and half a fencing proves nothing. "
                    + $"Wait for its end; then switch {operation.Target} on (Invoke-FenceNode -Action On)."
                : $"To {operation.Kind.Words(operation.Target)} can't be cancelled.");
    }

    private static void CancelDrain(Draft draft, CancelRequest e, NodeState node)
    {
        // One that has not answered its probe goes on with that, and comes up without the order to be emptied.
        bool up = node.Phase == NodePhase.Draining;
        string outcome = up ? $"node {node.Name} is Online again" : $"node {node.Name} is {node.Phase} and will not be emptied";
        Operations.End(draft, node.Operation, false, $"cancelled by {e.Who}; {outcome}, what has not moved stays.", asked: true);
        draft.SetNode(Draining.Undrained(node) with
        {
            Phase = up ? NodePhase.Online : node.Phase,
            Why = CauseKind.EmptyingCancelledBy.With(e.Who),
        });
        Draining.KeepThoseThatLeave(draft, node);
        Operations.Succeed(draft, e, $"Node {node.Name} is not emptied; what has not moved stays.");
        if (up)
        {
            Membership.NodeUp(draft, node.Name, failback: true);
        }
    }

    private static void Cancel(Draft draft, CancelRequest e, OperationState operation, GroupState group)
    {
        string name = group.Name;
        if (draft.State.Disarmed is not null && operation.Kind != OperationKind.GroupUnfreeze)
        {
            Operations.Refuse(
                draft, e, $"The cluster is disarmed, and group '{name}' would be left as it is, perhaps half stopped. Wait for its end.");
        }
        else if (group.Migration is not null)
        {
            // Its own operation ends with the migration, and says what came of it.
            Migrating.End(draft, e, group);
        }
        else if (operation.Kind == OperationKind.GroupRelocate || operation.Kind == OperationKind.GroupEnable)
        {
            CauseKind why = operation.Kind == OperationKind.GroupRelocate ? CauseKind.RelocationCancelledBy : CauseKind.EnablingCancelledBy;
            string outcome = group.Owner is null || group.Phase == GroupPhase.Stopping
                ? $"group '{name}' is placed by its rules"
                : $"group '{name}' goes on on {group.Owner}";
            Operations.End(draft, group.Operation, false, $"cancelled by {e.Who}; {outcome}.", asked: true);
            draft.SetGroup(group with { Operation = null, Order = group.Order.To(null), Reason = why.With(e.Who) });
            Operations.Succeed(draft, e, $"Cancelled; {outcome}. Stop-ClusterGroup {name} stops it.");
        }
        else if (operation.Kind == OperationKind.GroupUnfreeze)
        {
            Operations.End(draft, group.Operation, false, $"cancelled by {e.Who}; group '{name}' stays frozen.", asked: true);
            draft.SetGroup(group with { Operation = null, Unfreezing = false, Reason = CauseKind.UnfreezingCancelledBy.With(e.Who) });
            Operations.Succeed(draft, e, $"Cancelled; group '{name}' stays frozen.");
        }
        else
        {
            Operations.Refuse(draft, e, WhyNot(operation, name));
        }
    }

    private static string WhyNot(OperationState operation, string name) =>
        operation.Kind == OperationKind.GroupStop || operation.Kind == OperationKind.GroupDisable
            ? $"Stopping group '{name}' can't be taken back: resources are stopped in their order. "
                + $"Start-ClusterGroup {name} starts it again, and may be asked at once."
        : operation.Kind == OperationKind.GroupRestart
            ? $"Restarting group '{name}' can't be taken back: what is stopped must be started again. "
                + $"Wait for its end, or run Stop-ClusterGroup {name}."
        : operation.Kind == OperationKind.GroupConvalesce
            ? $"Repairing group '{name}' can't be taken back: its resources are being started. "
                + $"Wait for its end, or run Stop-ClusterGroup {name}."
        : $"To {operation.Kind.Words(operation.Target)} can't be cancelled. Wait for its end.";
}
