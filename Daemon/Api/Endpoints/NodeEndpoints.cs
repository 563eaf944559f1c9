using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Api;

/// <summary>Nodes.</summary>
internal sealed class NodeEndpoints(Changes changes, ApiServerOptions options)
{
    public IEnumerable<Route> Routes() =>
    [
        new("GET", "/v1/nodes", AccessRole.Viewer, r => r.AnswerSortedAsync(
            r.State.Nodes.Values, n => n.Name, n => StateViews.Node(r.State, n)), Pages.Query()),
        new("GET", "/v1/nodes/{node}", AccessRole.Viewer, r => r.AnswerAsync(StateViews.Node(r.State, Find(r)))),
        Operation("drain", AccessRole.Operator, NodeOperation.Drain),
        Operation("pause", AccessRole.Operator, NodeOperation.Pause),
        Operation("leave", AccessRole.Operator, NodeOperation.Leave),
        Operation("maintenance", AccessRole.Operator, NodeOperation.Maintenance),
        Operation("resume", AccessRole.Operator, NodeOperation.Resume),
        Operation("confirm-down", AccessRole.Administrator, NodeOperation.ConfirmDown),
        Operation("fence-off", AccessRole.Operator, NodeOperation.FenceOff),
        Operation("fence-on", AccessRole.Operator, NodeOperation.FenceOn),
        Operation("fence-reboot", AccessRole.Operator, NodeOperation.FenceReboot),
    ];

    private static NodeState Find(ApiRequest request) =>
        request.State.Nodes.TryGetValue(request.Name("node"), out NodeState? node)
            ? node
            : throw Problems.NotFound("node", request.Name("node"), "Get-ClusterNode", request.State.Nodes.Keys);

    private Route Operation(string word, AccessRole role, NodeOperation operation) =>
        new("POST", $"/v1/nodes/{{node}}/{word}", role, r => Change(r, operation), "wait");

    private async Task Change(ApiRequest request, NodeOperation operation)
    {
        Contract.NodeOperationRequest body = await request.ReadAsync<Contract.NodeOperationRequest>(options.MaxBody).ConfigureAwait(false);
        string id = request.RequestId(body.RequestId);
        string node = request.Name("node");
        if (body is { Failback: not null, FailbackPolicy: not null })
        {
            throw Problems.BadRequest("'failback' and 'failbackPolicy' say the same.", "Give failbackPolicy alone.", place: "failback");
        }

        if (body.Failback is not null || body.FailbackPolicy is not null)
        {
            string member = body.Failback is null ? "failbackPolicy" : "failback";
            if (operation != NodeOperation.Resume)
            {
                throw Problems.BadRequest($"'{member}' belongs to resume only.", "Leave it out.", place: member);
            }

            operation = (body.FailbackPolicy, body.Failback) switch
            {
                (Contract.FailbackPolicy.NoFailback, _) or (null, false) => NodeOperation.ResumeWithoutFailback,
                (Contract.FailbackPolicy.Immediate, _) => NodeOperation.ResumeWithImmediateFailback,
                _ => NodeOperation.Resume,
            };
        }

        if (body.TargetNode is not null && operation != NodeOperation.Drain)
        {
            throw Problems.BadRequest("'targetNode' belongs to drain only.", "Leave it out.", place: "targetNode");
        }

        if (body.ForGood && operation != NodeOperation.Leave)
        {
            throw Problems.BadRequest("'forGood' belongs to leave only.", "Leave it out.", place: "forGood");
        }

        string? reason = Words.Checked(body.Reason, "reason", TextLimits.Reason);
        OperationKind kind = RequestKinds.Of(operation);
        if (Changes.Known(request, id, kind, node) is null)
        {
            _ = Find(request);
            if (body.TargetNode is { } target && !request.State.Nodes.ContainsKey(target))
            {
                throw Problems.NotFound("node", target, "Get-ClusterNode", request.State.Nodes.Keys);
            }
        }

        var asked = new NodeRequest(id, request.Caller.Who, node, operation, reason, body.TargetNode, ForGood: body.ForGood);
        await changes.RunAsync(request, asked, kind, node).ConfigureAwait(false);
    }
}
