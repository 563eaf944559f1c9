namespace ClusterTools.Core;

internal sealed partial class Fold
{
    /// <summary>Takes back what can be taken back. What is under way is let finish, and what it leaves is placed by the rules.</summary>
    private void Apply(CancelRequest e)
    {
        if (!state.Operations.TryGetValue(e.Operation, out OperationState? operation) || operation.Id == e.RequestId)
        {
            Refuse(e, $"There is no operation '{e.Operation}', or it is forgotten. Get-ClusterOperation lists the operations.");
            return;
        }

        if (operation.Phase != OperationPhase.Running)
        {
            Refuse(e, $"Operation {e.Operation} ({OperationWords.Of(operation.Kind, operation.Target)}) has ended already: {operation.Message}");
            return;
        }

        if (state.Stop is { } stop && stop.Operation == operation.Id)
        {
            EndStop(stop, false, $"cancelled by {e.Who}; what was stopped stays stopped.");
            Succeed(e, "The cluster is not stopped; what was stopped stays stopped, and Start-ClusterGroup starts it.");
            return;
        }

        if (state.Nodes.TryGetValue(operation.Target, out NodeState? node) && node.Operation == operation.Id)
        {
            CancelDrain(e, node);
            return;
        }

        if (state.Groups.TryGetValue(operation.Target, out GroupState? group) && group.Operation == operation.Id)
        {
            Cancel(e, operation, group);
            return;
        }

        Refuse(
            e,
            state.Fences.Values.Any(f => f.Operation == operation.Id)
                ? $"Fencing is never cancelled: a device may have been asked already, and half a fencing proves nothing. "
                    + $"Wait for its end; then switch {operation.Target} on (Invoke-FenceNode -Action On)."
                : $"To {OperationWords.Of(operation.Kind, operation.Target)} can't be cancelled.");
    }

    private void CancelDrain(CancelRequest e, NodeState node)
    {
        // One that has not answered its probe goes on with that, and comes up without the order to be emptied.
        bool up = node is { Phase: NodePhase.Draining, Member: true };
        string outcome = up ? $"node {node.Name} is Online again" : $"node {node.Name} is {node.Phase} and will not be emptied";
        EndOperation(node.Operation, false, $"cancelled by {e.Who}; {outcome}, what has not moved stays.", _ => { }, asked: true);
        SetNode(Undrained(node) with { Phase = up ? NodePhase.Online : node.Phase, Why = $"emptying it was cancelled by {e.Who}" });
        Succeed(e, $"Node {node.Name} is not emptied; what has not moved stays.");
        if (up)
        {
            NodeUp(node.Name, failback: true);
        }
        else
        {
            DirtyAll();
        }
    }

    private void Cancel(CancelRequest e, OperationState operation, GroupState group)
    {
        string name = group.Name;
        switch (operation.Kind)
        {
            case "group.relocate":
            case "group.enable":
                string outcome = group.Owner is null || group.Phase == GroupPhase.Stopping
                    ? $"group '{name}' is placed by its rules"
                    : $"group '{name}' goes on on {group.Owner}";
                EndOperation(group.Operation, false, $"cancelled by {e.Who}; {outcome}.", _ => { }, asked: true);
                SetGroup(group with { Operation = null, Asked = null, Last = null, Reason = $"{operation.Kind["group.".Length..]} was cancelled by {e.Who}" });
                Succeed(e, $"Cancelled; {outcome}. Stop-ClusterGroup {name} stops it.");
                break;
            case "group.unfreeze":
                EndOperation(group.Operation, false, $"cancelled by {e.Who}; group '{name}' stays frozen.", _ => { }, asked: true);
                SetGroup(group with { Operation = null, Unfreezing = false, Reason = $"unfreeze was cancelled by {e.Who}" });
                Succeed(e, $"Cancelled; group '{name}' stays frozen.");
                break;
            case "group.stop":
            case "group.disable":
                Refuse(e, $"Stopping group '{name}' can't be taken back: resources are stopped in their order. Start-ClusterGroup {name} starts it again, and may be asked at once.");
                break;
            case "group.restart":
                Refuse(e, $"Restarting group '{name}' can't be taken back: what is stopped must be started again. Wait for its end, or run Stop-ClusterGroup {name}.");
                break;
            case "group.convalesce":
                Refuse(e, $"Repairing group '{name}' can't be taken back: its resources are being started. Wait for its end, or run Stop-ClusterGroup {name}.");
                break;
            default:
                Refuse(e, $"To {OperationWords.Of(operation.Kind, operation.Target)} can't be cancelled. Wait for its end.");
                break;
        }
    }
}
