using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Api;

/// <summary>What would happen now, if.</summary>
internal sealed class PlanEndpoints(ApiServerOptions options) : IDisposable
{
    private static readonly string[] Questions = ["lose", "fail", "stop", "restart", "relocate", "home", "drain", "leave", "maintenance"];

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
            throw Problems.NotFound("group", name, "Get-ClusterGroup", request.State.Groups.Keys);
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
                "Use one of lose=NODE[,NODE], fail=GROUP, stop=GROUP, restart=GROUP, relocate=GROUP (with node=NODE if you like), "
                    + "home=GROUP, drain=NODE (with node=NODE), leave=NODE and maintenance=NODE.");
        }

        string? node = request.Query("node");
        if (node is not null && question is not ("relocate" or "drain"))
        {
            throw Problems.BadRequest("'node' belongs to relocate and drain only.", "Leave it out.", place: "node");
        }

        ClusterState state = request.State;
        if (state.Quorum != Quorum.Quorate)
        {
            throw Problems.NotQuorate($"{Description.QuorumOf(state)} Without quorum nothing is planned here.");
        }

        string value = request.Query(question)!;
        string[] names =
        [
            .. value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal),
        ];
        bool ofNode = question is "drain" or "leave" or "maintenance";
        foreach (string name in question is "lose"
            ? names
            : [.. ofNode ? [value] : Array.Empty<string>(), .. node is null ? [] : new[] { node }])
        {
            _ = state.Nodes.ContainsKey(name) ? name : throw Problems.NotFound("node", name, "Get-ClusterNode", state.Nodes.Keys);
        }

        if (question is not "lose" && !ofNode && !state.Groups.ContainsKey(value))
        {
            throw Problems.NotFound("group", value, "Get-ClusterGroup", state.Groups.Keys);
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
                Contract.Plan plan = await Task.Run(
                    () => Predict(state, request.Caller.Who, question, value, names, node, limit.Token), limit.Token).ConfigureAwait(false);
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

    private static Contract.Plan Predict(
        ClusterState state, string who, string question, string value, string[] names, string? node, CancellationToken cancel)
    {
        var prediction = Prediction.From(state, cancel);
        string id = Guid.NewGuid().ToString("N");
        string to = node is null ? "" : $" to {node}";
        (string words, Request? request) = question switch
        {
            "lose" => ($"{string.Join(", ", names)} {(names.Length == 1 ? "is" : "are")} lost", null),
            "fail" => ($"group '{value}' fails, and can't be started again where it ran", null),
            "drain" => ($"{value} is drained{to}", new NodeRequest(id, who, value, NodeOperation.Drain, Target: node)),
            "leave" => ($"{value} leaves the cluster", new NodeRequest(id, who, value, NodeOperation.Leave)),
            "maintenance" =>
                ($"{value} goes into maintenance, and its daemon is away", new NodeRequest(id, who, value, NodeOperation.Maintenance)),
            "stop" => ($"group '{value}' is stopped", new GroupRequest(id, who, value, GroupOperation.Stop)),
            "restart" => ($"group '{value}' is restarted", new GroupRequest(id, who, value, GroupOperation.Restart)),
            "home" => ($"group '{value}' is sent home", new GroupRequest(id, who, value, GroupOperation.Home)),
            _ => ($"group '{value}' is relocated{to}", (Request?)new GroupRequest(id, who, value, GroupOperation.Relocate, node)),
        };

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
            if (question is "leave" or "maintenance" && operation.Phase != OperationPhase.Failed
                && prediction.State.Members.ContainsKey(value))
            {
                prediction.Depart(value);
                operation = prediction.State.Operations[id];
            }
        }

        return PlanViews.Plan(state, prediction, words, operation);
    }
}
