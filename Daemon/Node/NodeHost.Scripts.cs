using ClusterTools.Agents;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Node;

public sealed partial class NodeHost
{
    private async Task<ActionCompleted> FinalScriptAsync(ResourceAction action, FinalAction? next)
    {
        ActivationLimits limits = action.Resource.Limits ?? ActivationLimits.None;
        if (limits.FinalScript is not { } command)
        {
            return new ActionCompleted(action.Id, true, "");
        }

        Interlocked.Increment(ref spawned);
        ScriptResult result = await scripts.RunAsync(
            command,
            action.Id.ToString(),
            "",
            new Dictionary<string, string>
            {
                ["CLUSTER_GROUP"] = action.Group,
                ["CLUSTER_RESOURCE"] = action.Resource.Id,
                ["CLUSTER_OPERATION"] = "final",
                ["CLUSTER_FINAL_ACTION"] = next is { } word ? System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(word.ToString()) : "",
            },
            TimeSpan.FromMilliseconds(limits.FinalScriptTimeout),
            ending.Token).ConfigureAwait(false);
        return new ActionCompleted(action.Id, result.Success, result.Message);
    }

    private async Task RunAsync(EventScriptAction action, ClusterState asked)
    {
        Interlocked.Increment(ref inFlight);
        try
        {
            // The question to a large cluster's script is long, and nothing waits for it.
            await Task.Yield();
            Interlocked.Increment(ref spawned);
            ScriptResult result = await scripts.RunAsync(
                action.Script.Command,
                action.Id.ToString(),
                EventScriptDocument.Question(asked, action, Name),
                new Dictionary<string, string> { ["CLUSTER_EVENT_SCRIPT"] = action.Script.Name },
                TimeSpan.FromMilliseconds(action.Script.Timeout),
                ending.Token).ConfigureAwait(false);
            Answer(result.Success
                ? EventScriptDocument.Answer(action.Id, result.Output)
                : new EventScriptCompleted(action.Id, false, $"{result.Message}.", []));
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
        }
        finally
        {
            Interlocked.Decrement(ref inFlight);
        }
    }
}
