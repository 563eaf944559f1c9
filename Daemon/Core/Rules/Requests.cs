using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>What people ask for: each request is applied once, whoever it concerns.</summary>
internal static class Requests
{
    public static void Apply(Draft draft, Request e)
    {
        if (draft.State.Operations.ContainsKey(e.RequestId) || e.RequestId.Length > TextLimits.Id)
        {
            // Sent twice: it has been applied. Or nobody's: the API lets no such id through.
            draft.Ignore();
            return;
        }

        switch (e)
        {
            case GroupRequest request:
                Operations.Begin(draft, e, KindOf(request.Operation), request.Group);
                GroupRequests.Apply(draft, request);
                break;
            case NodeRequest request:
                Operations.Begin(draft, e, KindOf(request.Operation), request.Node);
                Nodes.Apply(draft, request);
                break;
            case ClusterStopRequest request:
                Operations.Begin(draft, e, OperationKind.ClusterStop, draft.Configuration.Name);
                ClusterStopping.Apply(draft, request);
                break;
            case ConfigurationRequest request:
                Operations.Begin(draft, e, OperationKind.ConfigurationSet, $"version {request.Configuration.Version}");
                ConfigurationChange.Apply(draft, request);
                break;
            case CancelRequest request:
                Operations.Begin(draft, e, OperationKind.OperationCancel, request.Operation);
                Cancelling.Apply(draft, request);
                break;
            case RunbookRequest request:
                Operations.Begin(draft, e, request.Content is null ? OperationKind.RunbookRemove : OperationKind.RunbookSet, request.Name);
                Runbooks.Apply(draft, request);
                break;
            case UserEvent user:
                Operations.Begin(draft, e, OperationKind.EventUser, user.Name);
                UserEvents.Apply(draft, user);
                break;
            case MessageWritten message:
                Operations.Begin(draft, e, OperationKind.JournalWrite, "");
                draft.Journal(message.Severity, JournalKind.Message, message.Message, message.Node, message.Group, who: message.Who);
                Operations.Succeed(draft, e, "Written.", quiet: true);
                break;
            default:
                draft.Ignore();
                break;
        }
    }

    private static OperationKind KindOf(GroupOperation operation) => operation switch
    {
        GroupOperation.Enable => OperationKind.GroupEnable,
        GroupOperation.Disable => OperationKind.GroupDisable,
        GroupOperation.Stop => OperationKind.GroupStop,
        GroupOperation.Relocate => OperationKind.GroupRelocate,
        GroupOperation.Restart => OperationKind.GroupRestart,
        GroupOperation.Freeze => OperationKind.GroupFreeze,
        GroupOperation.Unfreeze => OperationKind.GroupUnfreeze,
        GroupOperation.Convalesce => OperationKind.GroupConvalesce,
        GroupOperation.Home => OperationKind.GroupHome,
        GroupOperation.Clear => OperationKind.GroupClear,
        _ => throw new InvalidOperationException($"Unknown operation {operation}."),
    };

    private static OperationKind KindOf(NodeOperation operation) => operation switch
    {
        NodeOperation.Drain => OperationKind.NodeDrain,
        NodeOperation.Pause => OperationKind.NodePause,
        NodeOperation.Leave => OperationKind.NodeLeave,
        NodeOperation.Maintenance => OperationKind.NodeMaintenance,
        NodeOperation.Resume => OperationKind.NodeResume,
        NodeOperation.ResumeWithoutFailback => OperationKind.NodeResumeWithoutFailback,
        NodeOperation.ResumeWithImmediateFailback => OperationKind.NodeResumeWithImmediateFailback,
        NodeOperation.ConfirmDown => OperationKind.NodeConfirmDown,
        NodeOperation.FenceOff => OperationKind.NodeFenceOff,
        NodeOperation.FenceOn => OperationKind.NodeFenceOn,
        NodeOperation.FenceReboot => OperationKind.NodeFenceReboot,
        _ => throw new InvalidOperationException($"Unknown operation {operation}."),
    };
}
