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
                Operations.Begin(draft, e, RequestKinds.Of(request.Operation), request.Group);
                GroupRequests.Apply(draft, request);
                break;
            case NodeRequest request:
                Operations.Begin(draft, e, RequestKinds.Of(request.Operation), request.Node);
                Nodes.Apply(draft, request);
                break;
            case ClusterStopRequest request:
                Operations.Begin(draft, e, OperationKind.ClusterStop, draft.Configuration.Name);
                ClusterStopping.Apply(draft, request);
                break;
            case ArmingRequest request:
                Operations.Begin(
                    draft, e, request.Arms ? OperationKind.ClusterArm : OperationKind.ClusterDisarm, draft.Configuration.Name);
                Disarming.Apply(draft, request);
                break;
            case LevelRequest request:
                Operations.Begin(draft, e, OperationKind.ClusterRaiseLevel, draft.Configuration.Name);
                FunctionalLevels.Apply(draft, request);
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
}
