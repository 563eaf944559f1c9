using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Api;

/// <summary>What would happen now, if.</summary>
internal sealed class PlanEndpoints(ApiServerOptions options) : IDisposable
{
    private static readonly string[] Questions = ["lose", "fail", "stop", "relocate", "drain"];

    // A prediction plays a whole failover; of a large cluster one at a time is enough.
    private readonly SemaphoreSlim turn = new(1);

    public IEnumerable<Route> Routes() =>
    [
        new("GET", "/v1/plan", AccessRole.Viewer, Plan, [.. Questions, "node"]),
        new("GET", "/v1/groups/{group}/plan", AccessRole.Viewer, Order, "operation"),
    ];

    public void Dispose() => turn.Dispose();

    /// <summary>The order in which a group starts or stops.</summary>
    private static Task Order(ApiRequest request)
    {
        string name = request.Name("group");
        if (!request.State.Groups.TryGetValue(name, out GroupState? group))
        {
            throw Problems.NotFound("group", name, "/v1/groups", request.State.Groups.Keys);
        }

        bool stop = request.Query("operation") switch
        {
            "start" or null => false,
            "stop" => true,
            _ => throw Problems.BadRequest("The operation is neither start nor stop.", "Use one of the two.", place: "operation"),
        };
        return request.AnswerAsync<Contract.PlanStep[]>(PlanViews.Steps(
            stop ? ResourcePlan.Stop(group.Definition) : ResourcePlan.Start(group.Definition),
            _ => stop ? "the group stops" : "the group starts",
            _ => group.Owner));
    }

    private async Task Plan(ApiRequest request)
    {
        string[] asked = [.. Questions.Where(q => request.Query(q) is not null)];
        if (asked is not [var question])
        {
            throw Problems.BadRequest(
                asked.Length == 0 ? "Nothing is asked." : $"Two things are asked at once: {string.Join(" and ", asked)}.",
                "Use one of lose=NODE[,NODE], fail=GROUP, stop=GROUP, relocate=GROUP (with node=NODE if you like) and drain=NODE.");
        }

        string? node = request.Query("node");
        if (node is not null && question != "relocate")
        {
            throw Problems.BadRequest("'node' belongs to relocate only.", "Leave it out.", place: "node");
        }

        ClusterState state = request.State;
        if (state.Quorum != Quorum.Quorate)
        {
            throw Problems.NotQuorate($"{Description.QuorumOf(state)} Without quorum nothing is planned here.");
        }

        string value = request.Query(question)!;
        string[] names = [.. value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal)];
        foreach (string name in question is "lose" ? names : question is "drain" ? [value] : node is null ? [] : new[] { node })
        {
            _ = state.Nodes.ContainsKey(name) ? name : throw Problems.NotFound("node", name, "/v1/nodes", state.Nodes.Keys);
        }

        if (question is "fail" or "stop" or "relocate" && !state.Groups.ContainsKey(value))
        {
            throw Problems.NotFound("group", value, "/v1/groups", state.Groups.Keys);
        }

        if (question is "lose" && (names.Length == 0 || names.FirstOrDefault(n => !state.Members.ContainsKey(n)) is not null))
        {
            string absent = names.FirstOrDefault(n => !state.Members.ContainsKey(n)) ?? "";
            throw Problems.BadRequest(
                absent.Length == 0 ? "No node is named." : $"Node {absent} is {state.Nodes[absent].Phase} and no member: it can't be lost.",
                $"Name members: {string.Join(", ", state.Members.Keys.Take(10))}.", place: "lose");
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted);
        limit.CancelAfter(options.MaxWait);
        try
        {
            await turn.WaitAsync(limit.Token).ConfigureAwait(false);
            try
            {
                Contract.Plan plan = await Task.Run(() => Predict(state, request.Caller.Who, question, value, names, node, limit.Token), limit.Token).ConfigureAwait(false);
                await request.AnswerAsync(plan).ConfigureAwait(false);
            }
            finally
            {
                turn.Release();
            }
        }
        catch (OperationCanceledException) when (!request.Aborted.IsCancellationRequested)
        {
            throw Problems.PlanTooLong(options.MaxWait);
        }
    }

    private static Contract.Plan Predict(ClusterState state, string who, string question, string value, string[] names, string? node, CancellationToken cancel)
    {
        Prediction prediction = Prediction.From(state, cancel);
        string id = Guid.NewGuid().ToString("N");
        string words;
        Request? request;
        switch (question)
        {
            case "lose":
                words = $"{string.Join(", ", names)} {(names.Length == 1 ? "is" : "are")} lost";
                request = null;
                break;
            case "fail":
                words = $"group '{value}' fails, and can't be started again where it ran";
                request = null;
                break;
            case "drain":
                words = $"{value} is drained";
                request = new NodeRequest(id, who, value, NodeOperation.Drain);
                break;
            case "stop":
                words = $"group '{value}' is stopped";
                request = new GroupRequest(id, who, value, GroupOperation.Stop);
                break;
            default:
                words = $"group '{value}' is relocated{(node is null ? "" : $" to {node}")}";
                request = new GroupRequest(id, who, value, GroupOperation.Relocate, node);
                break;
        }

        OperationState? operation = null;
        if (question == "lose")
        {
            prediction.Lose(names);
        }
        else if (request is null)
        {
            // One that does not run can't fail; what is told then is that nothing changes.
            prediction.Fail(value, forGood: true);
        }
        else
        {
            operation = prediction.Ask(request);
        }

        return PlanViews.Plan(state, prediction, words, operation);
    }
}
