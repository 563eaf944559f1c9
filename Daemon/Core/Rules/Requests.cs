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
                Operations.Begin(draft, e, $"group.{Word(request.Operation)}", request.Group);
                GroupRequests.Apply(draft, request);
                break;
            case NodeRequest request:
                Operations.Begin(draft, e, $"node.{Word(request.Operation)}", request.Node);
                Nodes.Apply(draft, request);
                break;
            case ClusterStopRequest request:
                Operations.Begin(draft, e, "cluster.stop", draft.Configuration.Name);
                ClusterStopping.Apply(draft, request);
                break;
            case ConfigurationRequest request:
                Operations.Begin(draft, e, "configuration.set", $"version {request.Configuration.Version}");
                ConfigurationChange.Apply(draft, request);
                break;
            case CancelRequest request:
                Operations.Begin(draft, e, "operation.cancel", request.Operation);
                Cancelling.Apply(draft, request);
                break;
            case RunbookRequest request:
                Operations.Begin(draft, e, request.Content is null ? "runbook.remove" : "runbook.set", request.Name);
                Runbooks.Apply(draft, request);
                break;
            case UserEvent user:
                Operations.Begin(draft, e, "event.user", user.Name);
                UserEvents.Apply(draft, user);
                break;
            case MessageWritten message:
                Operations.Begin(draft, e, "journal.write", "");
                draft.Journal(message.Severity, "message", message.Message, message.Node, message.Group, who: message.Who);
                Operations.Succeed(draft, e, "Written.", quiet: true);
                break;
            default:
                draft.Ignore();
                break;
        }
    }

    public static string Word<T>(T value)
        where T : struct, Enum
    {
        string name = value.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }
}
