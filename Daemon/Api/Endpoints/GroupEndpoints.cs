using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Api;

/// <summary>Groups, their resources, failover domains.</summary>
internal sealed class GroupEndpoints(Changes changes, ApiServerOptions options)
{
    private static readonly string Phases = $"Use one of {string.Join(", ", Enum.GetValues<GroupPhase>().Select(StateViews.Word))}, or "
        + "leave it out.";

    public IEnumerable<Route> Routes() =>
    [
        new("GET", "/v1/groups", AccessRole.Viewer, Groups, Pages.Query("explain", "node", "phase")),
        new("GET", "/v1/groups/{group}", AccessRole.Viewer, r => r.AnswerAsync(
            StateViews.Group(r.State, Find(r), r.Flag("explain"), r.IsSecret)), "explain"),
        new("GET", "/v1/groups/{group}/resources", AccessRole.Viewer, r => r.AnswerInOrderAsync(
            StateViews.Resources(r.State, Find(r), r.IsSecret), s => s.Id, s => s), Pages.Query()),
        new("GET", "/v1/groups/{group}/resources/{resource}", AccessRole.Viewer, Resource),
        .. Enum.GetValues<GroupOperation>().Select(operation =>
            new Route(
                "POST", $"/v1/groups/{{group}}/{StateViews.Word(operation)}", AccessRole.Operator, r => Change(r, operation), "wait")),
        new("GET", "/v1/domains", AccessRole.Viewer, r => r.AnswerSortedAsync(
            r.State.Configuration.FailoverDomains.Values, d => d.Name, d => StateViews.Domain(r.State, d)), Pages.Query()),
        new("GET", "/v1/domains/{domain}", AccessRole.Viewer, Domain),
    ];

    private static GroupState Find(ApiRequest request) =>
        request.State.Groups.TryGetValue(request.Name("group"), out GroupState? group)
            ? group
            : throw Problems.NotFound("group", request.Name("group"), "Get-ClusterGroup", request.State.Groups.Keys);

    private static Task Groups(ApiRequest request)
    {
        bool explain = request.Flag("explain");
        string? node = request.Query("node");
        if (node is not null && !request.State.Nodes.ContainsKey(node))
        {
            throw Problems.NotFound("node", node, "Get-ClusterNode", request.State.Nodes.Keys);
        }

        GroupPhase? phase = request.Word<GroupPhase>("phase", Phases);
        return request.AnswerSortedAsync(
            request.State.Groups.Values.Where(
                g => (node is null || g.ActiveOn.Contains(node)) && (phase is null || StateViews.PhaseOf(g) == phase)),
            g => g.Name,
            g => StateViews.Group(request.State, g, explain, resources: null));
    }

    private static Task Resource(ApiRequest request)
    {
        Contract.ResourceStatus[] all = StateViews.Resources(request.State, Find(request), request.IsSecret);
        string id = request.Name("resource");
        return request.AnswerAsync(
            all.FirstOrDefault(r => r.Id == id)
            ?? throw Problems.NotFound("resource", id, $"Get-ClusterResource -Group {request.Name("group")}", all.Select(r => r.Id)));
    }

    private static Task Domain(ApiRequest request)
    {
        ClusterConfiguration configuration = request.State.Configuration;
        string name = request.Name("domain");
        return request.AnswerAsync(
            configuration.FailoverDomains.TryGetValue(name, out FailoverDomain? domain)
                ? StateViews.Domain(request.State, domain)
                : throw Problems.NotFound("failover domain", name, "Get-ClusterFailoverDomain", configuration.FailoverDomains.Keys));
    }

    private async Task Change(ApiRequest request, GroupOperation operation)
    {
        Contract.GroupOperationRequest body = await request.ReadAsync<Contract.GroupOperationRequest>(options.MaxBody)
            .ConfigureAwait(false);
        string id = request.RequestId(body.RequestId);
        string group = request.Name("group");
        OperationKind kind = RequestKinds.Of(operation);
        if (body.Node is not null && operation is not (GroupOperation.Enable or GroupOperation.Relocate or GroupOperation.Migrate))
        {
            throw Problems.BadRequest(
                $"A node can't be named for {StateViews.Word(operation)}.", "Leave 'node' out; relocate moves a group to a node.",
                place: "node");
        }

        if (body.Kind is not null && operation != GroupOperation.Migrate)
        {
            throw Problems.BadRequest("'kind' belongs to migrate only.", "Leave it out.", place: "kind");
        }

        if (body.ConfirmReleased && operation is not (GroupOperation.Disable or GroupOperation.Enable))
        {
            throw Problems.BadRequest(
                $"'confirmReleased' does not belong to {StateViews.Word(operation)}.",
                "Leave it out; it belongs to disable of a Failed group, and to enable of one of which a node can't tell whether "
                    + "it runs there.", place: "confirmReleased");
        }

        if (Changes.Known(request, id, kind, group) is null)
        {
            _ = Find(request);
            if (body.Node is { } node && !request.State.Nodes.ContainsKey(node))
            {
                throw Problems.NotFound("node", node, "Get-ClusterNode", request.State.Nodes.Keys);
            }
        }

        var asked = new GroupRequest(
            id, request.Caller.Who, group, operation, body.Node, body.ConfirmReleased, (MigrationKind?)body.Kind);
        await changes.RunAsync(request, asked, kind, group).ConfigureAwait(false);
    }
}
