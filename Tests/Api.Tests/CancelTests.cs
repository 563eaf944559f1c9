using System.Text;
using ClusterTools.Contract;

namespace ClusterTools.Api.Tests;

public sealed class CancelTests
{
    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    [Fact]
    public async Task A_running_drain_is_cancelled_and_what_has_ended_is_refused()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Operator);
        string node = api.Node.State.Groups["web"].Owner!;
        api.Node.Hold = true;
        Operation drain = await http.PostAsync($"/v1/nodes/{node}/drain", null).ReadAsync<Operation>();
        Assert.Equal(OperationPhase.Running, drain.Phase);
        Operation cancel = await http.PostAsync($"/v1/operations/{drain.Id}/cancel?wait=5", Json("""{"requestId":"c1"}"""))
            .ReadAsync<Operation>();
        Assert.Equal(("c1", "operation.cancel", drain.Id, OperationPhase.Succeeded), (cancel.Id, cancel.Kind, cancel.Target, cancel.Phase));
        Operation ended = await http.GetAsync($"/v1/operations/{drain.Id}").ReadAsync<Operation>();
        Assert.Equal(OperationPhase.Failed, ended.Phase);
        Assert.StartsWith("cancelled by oscar (", ended.Message, StringComparison.Ordinal);
        Assert.Equal(NodePhase.Online, (await http.GetAsync($"/v1/nodes/{node}").ReadAsync<NodeStatus>()).Phase);
        Assert.Equal(
            "c1", (await http.PostAsync($"/v1/operations/{drain.Id}/cancel", Json("""{"requestId":"c1"}""")).ReadAsync<Operation>()).Id);

        api.Node.Release();
        await http.PostAsync($"/v1/operations/{drain.Id}/cancel", null).ProblemAsync(409, ProblemCodes.Refused);
        await http.PostAsync("/v1/operations/none/cancel", null).ProblemAsync(404, ProblemCodes.NotFound);
        await api.Http(api.Viewer).PostAsync($"/v1/operations/{drain.Id}/cancel", null).ProblemAsync(403, ProblemCodes.RoleRequired);
    }

    [Fact]
    public async Task Fencing_is_not_cancelled()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Operator);
        api.Node.Hold = true;
        Operation fence = await http.PostAsync("/v1/nodes/node3/fence-off", null).ReadAsync<Operation>();
        Problem refused = await http.PostAsync($"/v1/operations/{fence.Id}/cancel", null).ProblemAsync(409, ProblemCodes.Refused);
        Assert.Contains("never cancelled", refused.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_drain_has_a_target_and_a_resume_a_policy()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Operator);
        string node = api.Node.State.Groups["files"].Owner!;
        string target = api.Node.State.Nodes.Keys.First(n => n != node && api.Node.State.Groups["web"].Owner != n);
        await http.PostAsync($"/v1/nodes/{node}/drain", Json($$"""{"targetNode":"{{node}}"}""")).ProblemAsync(409, ProblemCodes.Refused);
        await http.PostAsync($"/v1/nodes/{node}/drain", Json("""{"targetNode":"node9"}""")).ProblemAsync(404, ProblemCodes.NotFound);
        await http.PostAsync($"/v1/nodes/{node}/drain", Json("""{"forGood":true}""")).ProblemAsync(400, ProblemCodes.BadRequest);
        await http.PostAsync($"/v1/nodes/{node}/leave", Json($$"""{"targetNode":"{{target}}"}"""))
            .ProblemAsync(400, ProblemCodes.BadRequest);
        await http.PostAsync($"/v1/nodes/{node}/drain?wait=5", Json($$"""{"targetNode":"{{target}}"}""")).ReadAsync<Operation>();
        Assert.Equal(target, api.Node.State.Groups["files"].Owner);
        NodeStatus drained = await http.GetAsync($"/v1/nodes/{node}").ReadAsync<NodeStatus>();
        Assert.Equal(target, drained.DrainTo);
        Assert.Contains("files", drained.Moved);

        await http.PostAsync($"/v1/nodes/{node}/drain", Json("""{"failbackPolicy":"immediate"}"""))
            .ProblemAsync(400, ProblemCodes.BadRequest);
        await http.PostAsync($"/v1/nodes/{node}/resume", Json("""{"failbackPolicy":"sometimes"}"""))
            .ProblemAsync(400, ProblemCodes.BadRequest);
        await http.PostAsync($"/v1/nodes/{node}/resume", Json("""{"failbackPolicy":"immediate","failback":true}"""))
            .ProblemAsync(400, ProblemCodes.BadRequest);
        Operation resume = await http.PostAsync($"/v1/nodes/{node}/resume?wait=5", Json("""{"failbackPolicy":"immediate"}"""))
            .ReadAsync<Operation>();
        Assert.Equal("node.resumeWithImmediateFailback", resume.Kind);
        Assert.Equal(node, api.Node.State.Groups["files"].Owner);

        await http.PostAsync($"/v1/nodes/{node}/drain?wait=5", null).ReadAsync<Operation>();
        Operation stay = await http.PostAsync($"/v1/nodes/{node}/resume?wait=5", Json("""{"failbackPolicy":"noFailback"}"""))
            .ReadAsync<Operation>();
        Assert.Equal("node.resumeWithoutFailback", stay.Kind);
    }
}
