using System.Net;
using ClusterTools.Contract;
using ClusterTools.Engines;

namespace ClusterTools.Api.Tests;

public sealed class ChangeTests
{
    private static StringContent Json(string text) => new(text);

    [Fact]
    public async Task A_change_answers_at_once_with_its_operation()
    {
        await using TestApi api = await TestApi.StartAsync();
        api.Node.Hold = true;
        HttpClient http = api.Http(api.Operator);
        using HttpResponseMessage response = await http.PostAsync("/v1/groups/web/relocate", Json("""{"node":"node2"}"""));
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Operation running = await response.ReadAsync<Operation>();
        Assert.Equal(OperationPhase.Running, running.Phase);
        Assert.Equal("group.relocate", running.Kind);
        Assert.Equal("web", running.Target);
        Assert.Equal($"oscar ({api.Operator.Fingerprint[..12]})", running.Who);
        Assert.Equal($"/v1/operations/{running.Id}", response.Headers.Location?.ToString());

        Task arrived = api.Node.NextWaitAsync();
        Task<HttpResponseMessage> poll = http.GetAsync($"/v1/operations/{running.Id}?wait=60");
        await arrived;
        api.Node.Release();
        Operation done = await poll.ReadAsync<Operation>();
        Assert.Equal(OperationPhase.Succeeded, done.Phase);
        Assert.Equal("node2", api.Node.State.Groups["web"].Owner);
        Operation[] all = await http.GetAsync("/v1/operations?phase=succeeded&target=web").ReadAsync<Operation[]>();
        Assert.Contains(all, o => o.Id == running.Id);
        Assert.Empty(await http.GetAsync("/v1/operations?phase=running").ReadAsync<Operation[]>());
    }

    [Fact]
    public async Task With_wait_the_answer_is_the_finished_operation()
    {
        await using TestApi api = await TestApi.StartAsync();
        using HttpResponseMessage response = await api.Http(api.Operator).PostAsync("/v1/groups/web/restart?wait=30", null);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(OperationPhase.Succeeded, (await response.ReadAsync<Operation>()).Phase);
    }

    [Fact]
    public async Task A_wait_that_is_over_answers_with_what_is_known()
    {
        await using TestApi api = await TestApi.StartAsync();
        api.Node.Hold = true;
        using HttpResponseMessage response = await api.Http(api.Operator).PostAsync("/v1/groups/web/restart?wait=0.05", null);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(OperationPhase.Running, (await response.ReadAsync<Operation>()).Phase);
    }

    [Theory]
    [InlineData("disable", "Disabled")]
    [InlineData("stop", "Stopped")]
    [InlineData("restart", "Started")]
    [InlineData("freeze", "Started")]
    [InlineData("convalesce", "Started")]
    [InlineData("enable", "Started")]
    [InlineData("relocate", "Started")]
    public async Task Every_group_operation_reaches_the_cluster(string operation, string phase)
    {
        await using TestApi api = await TestApi.StartAsync();
        Operation done = await api.Http(api.Operator).PostAsync($"/v1/groups/web/{operation}?wait=30", null).ReadAsync<Operation>();
        Assert.Equal($"group.{operation}", done.Kind);
        Assert.Equal(OperationPhase.Succeeded, done.Phase);
        Assert.Equal(phase, api.Node.State.Groups["web"].Phase.ToString());
        Assert.Equal(operation == "freeze", api.Node.State.Groups["web"].Frozen);
    }

    [Fact]
    public async Task A_frozen_group_is_unfrozen()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Operator);
        await http.PostAsync("/v1/groups/web/freeze", null).ReadAsync<Operation>();
        Operation done = await http.PostAsync("/v1/groups/web/unfreeze?wait=30", null).ReadAsync<Operation>();
        Assert.Equal(OperationPhase.Succeeded, done.Phase);
        Assert.False(api.Node.State.Groups["web"].Frozen);
    }

    [Fact]
    public async Task A_paused_node_is_shown_so_and_is_resumed()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Operator);
        Assert.Equal(OperationPhase.Succeeded, (await http.PostAsync("/v1/nodes/node1/pause?wait=30", null).ReadAsync<Operation>()).Phase);
        Assert.Equal(NodePhase.Paused, (await http.GetAsync("/v1/nodes/node1").ReadAsync<NodeStatus>()).Phase);
        Assert.Equal(1, (await http.GetAsync("/v1/cluster").ReadAsync<ClusterStatus>()).NodePhases["paused"]);
        Assert.Equal(OperationPhase.Succeeded, (await http.PostAsync("/v1/nodes/node1/resume?wait=30", null).ReadAsync<Operation>()).Phase);
        Assert.Equal(NodePhase.Online, (await http.GetAsync("/v1/nodes/node1").ReadAsync<NodeStatus>()).Phase);
    }

    [Fact]
    public async Task Nodes_are_drained_resumed_and_put_into_maintenance()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Operator);
        Assert.Equal(OperationPhase.Succeeded, (await http.PostAsync("/v1/nodes/node1/drain?wait=30", null).ReadAsync<Operation>()).Phase);
        Assert.NotEqual("node1", api.Node.State.Groups["web"].Owner);
        Operation resumed = await http.PostAsync("/v1/nodes/node1/resume?wait=30", Json("""{"failback":false}""")).ReadAsync<Operation>();
        Assert.Equal("node.resumeWithoutFailback", resumed.Kind);
        Assert.Equal("node2", api.Node.State.Groups["web"].Owner);
        Operation maintenance = await http.PostAsync("/v1/nodes/node3/maintenance", Json("""{"reason":"new kernel"}"""))
            .ReadAsync<Operation>();
        Assert.Equal(OperationPhase.Succeeded, maintenance.Phase);
        NodeStatus away = await http.GetAsync("/v1/nodes/node3").ReadAsync<NodeStatus>();
        Assert.Equal(NodePhase.Maintenance, away.Phase);
        Assert.Equal("new kernel", away.Why);
        Assert.InRange(away.MaintenanceRemaining!.Value, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task A_lost_node_is_confirmed_down_by_an_administrator_only()
    {
        await using TestApi api = await TestApi.StartAsync();
        api.Node.Hold = true;
        api.Node.View(["node1", "node2"], Core.Quorum.Quorate, continuous: true);
        await api.Http(api.Operator).PostAsync("/v1/nodes/node3/confirm-down", null).ProblemAsync(403, ProblemCodes.RoleRequired);
        Operation done = await api.Http(api.Administrator).PostAsync("/v1/nodes/node3/confirm-down?wait=10", null).ReadAsync<Operation>();
        Assert.Equal(OperationPhase.Succeeded, done.Phase);
        Assert.Equal(Core.NodePhase.Down, api.Node.State.Nodes["node3"].Phase);
    }

    [Fact]
    public async Task A_failed_group_is_disabled_only_when_its_release_is_confirmed()
    {
        await using TestApi api = await TestApi.StartAsync();
        api.Node.Hold = true;
        HttpClient http = api.Http(api.Operator);
        await http.PostAsync("/v1/groups/files/stop", null).ReadAsync<Operation>();
        while (api.Node.State.Groups["files"].Pending is { } pending)
        {
            api.Node.Apply(new Core.ActionCompleted(pending.Id, false, "will not stop"));
        }

        Assert.Equal(Core.GroupPhase.Failed, api.Node.State.Groups["files"].Phase);
        ClusterStatus cluster = await http.GetAsync("/v1/cluster").ReadAsync<ClusterStatus>();
        Assert.Equal(["files"], cluster.FailedGroups);
        Problem refused = await http.PostAsync("/v1/groups/files/disable", null).ProblemAsync(409, ProblemCodes.Refused);
        Assert.Contains("confirm", refused.Detail, StringComparison.Ordinal);
        Operation done = await http.PostAsync("/v1/groups/files/disable?wait=10", Json("""{"confirmReleased":true}"""))
            .ReadAsync<Operation>();
        Assert.Equal(OperationPhase.Succeeded, done.Phase);
    }

    [Fact]
    public async Task What_the_cluster_refuses_is_a_409_with_the_operations_message()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Operator);
        await http.PostAsync("/v1/groups/web/freeze", null).ReadAsync<Operation>();
        Problem problem = await http.PostAsync("/v1/groups/web/restart?wait=10", null).ProblemAsync(409, ProblemCodes.Refused);
        Assert.Contains("frozen", problem.Detail, StringComparison.Ordinal);
        Assert.Equal(OperationPhase.Failed, problem.Operation!.Phase);
        Assert.Equal(problem.Detail, problem.Operation.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_sent_twice_is_applied_once(bool inHeader)
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Operator);
        async Task<Operation> SendAsync()
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, "/v1/groups/web/relocate?wait=30");
            if (inHeader)
            {
                message.Headers.Add("Request-Id", "once");
            }
            else
            {
                message.Content = Json("""{"requestId":"once"}""");
            }

            return await http.SendAsync(message).ReadAsync<Operation>();
        }

        Operation first = await SendAsync();
        string? owner = api.Node.State.Groups["web"].Owner;
        Operation second = await SendAsync();
        Assert.Equal("once", first.Id);
        Assert.Equal(first.Began, second.Began);
        Assert.Equal(first.Ended, second.Ended);
        Assert.Equal(owner, api.Node.State.Groups["web"].Owner);
    }

    [Fact]
    public async Task A_request_id_of_another_request_is_refused()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Operator);
        await http.PostAsync("/v1/groups/web/restart?wait=30", Json("""{"requestId":"r1"}""")).ReadAsync<Operation>();
        Problem problem = await http.PostAsync("/v1/groups/web/disable", Json("""{"requestId":"r1"}"""))
            .ProblemAsync(409, ProblemCodes.RequestIdReused);
        Assert.Equal("r1", problem.RequestId);
        Assert.Equal(Core.GroupPhase.Started, api.Node.State.Groups["web"].Phase);
    }

    [Fact]
    public async Task Without_quorum_a_change_is_a_503_with_the_ways_out()
    {
        await using TestApi api = await TestApi.StartAsync();
        api.Node.View(["node1"], Core.Quorum.None, continuous: false);
        Problem problem = await api.Http(api.Operator).PostAsync("/v1/groups/web/restart", null).ProblemAsync(503, ProblemCodes.NotQuorate);
        Assert.Contains("Confirm-ClusterNodeDown", problem.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_outcome_is_a_504_that_names_the_request_id_to_send_again()
    {
        await using TestApi api = await TestApi.StartAsync(with: o => o with { SubmitLimit = TimeSpan.FromMilliseconds(50) });
        HttpClient http = api.Http(api.Operator);
        api.Node.SubmitFails = new UnknownOutcomeException("The view changed while the entry was under way.");
        Problem problem = await http.PostAsync("/v1/groups/web/restart", Json("""{"requestId":"r2"}"""))
            .ProblemAsync(504, ProblemCodes.UnknownOutcome);
        Assert.Equal("r2", problem.RequestId);
        Assert.Contains("r2", problem.Remedy, StringComparison.Ordinal);
        api.Node.SubmitFails = null;
        api.Node.SubmitHangs = true;
        problem = await http.PostAsync("/v1/groups/web/restart", null).ProblemAsync(504, ProblemCodes.UnknownOutcome);
        Assert.Equal(32, problem.RequestId!.Length);
        api.Node.SubmitHangs = false;
        Operation done = await http.PostAsync("/v1/groups/web/restart?wait=30", Json("""{"requestId":"r2"}""")).ReadAsync<Operation>();
        Assert.Equal(OperationPhase.Succeeded, done.Phase);
    }

    [Fact]
    public async Task A_fault_of_the_daemon_shows_no_stack()
    {
        await using TestApi api = await TestApi.StartAsync();
        api.Node.SubmitFails = new InvalidOperationException("internal detail");
        using HttpResponseMessage response = await api.Http(api.Operator).PostAsync("/v1/groups/web/restart", null);
        Assert.DoesNotContain("internal detail", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await response.ProblemAsync(500, ProblemCodes.Internal);
        Assert.Equal("internal detail", Assert.Single(api.Faults).Message);
        api.Faults.Clear();
    }

    [Fact]
    public async Task Forced_quorum_needs_a_reason_and_the_operators_word()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Administrator);
        await http.PostAsync("/v1/cluster/force-quorum", Json("""{"absentNodesAreDown":true}"""))
            .ProblemAsync(400, ProblemCodes.BadRequest);
        Problem risk = await http.PostAsync("/v1/cluster/force-quorum", Json("""{"reason":"site lost"}"""))
            .ProblemAsync(400, ProblemCodes.BadRequest);
        Assert.Contains("damaged", risk.Detail, StringComparison.Ordinal);
        Problem quorate = await http.PostAsync("/v1/cluster/force-quorum", Json("""{"reason":"site lost","absentNodesAreDown":true}"""))
            .ProblemAsync(409, ProblemCodes.Refused);
        Assert.Contains("3 of 3 votes", quorate.Detail, StringComparison.Ordinal);
        Assert.Null(api.Node.ForcedBy);
        api.Node.View(["node1"], Core.Quorum.None, continuous: false);
        Operation done =
            await http.PostAsync("/v1/cluster/force-quorum?wait=5", Json("""{"reason":"site lost","absentNodesAreDown":true}"""))
            .ReadAsync<Operation>();
        Assert.Equal(OperationPhase.Succeeded, done.Phase);
        Assert.StartsWith("ada (", api.Node.ForcedBy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_is_written_into_the_journal_with_who()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Operator);
        await http.PostAsync("/v1/journal?wait=5", Json("""{"message":"disk swapped","severity":"warning","node":"node2"}"""))
            .ReadAsync<Operation>();
        JournalEntry entry = (await http.GetAsync("/v1/journal?limit=1").ReadAsync<JournalPage>()).Entries[0];
        Assert.Equal("disk swapped", entry.Message);
        Assert.Equal(JournalSeverity.Warning, entry.Severity);
        Assert.Equal("node2", entry.Node);
        Assert.StartsWith("oscar (", entry.Who, StringComparison.Ordinal);
        await http.PostAsync("/v1/journal", Json("""{"message":"two\nlines"}""")).ProblemAsync(400, ProblemCodes.BadRequest);
    }
}
