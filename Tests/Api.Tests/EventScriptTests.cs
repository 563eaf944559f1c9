using System.Collections.Immutable;
using System.Net.Http.Json;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Api.Tests;

/// <summary>Event scripts, events of the administrators' own, and what the state tells of dependencies and limits.</summary>
public sealed class EventScriptTests
{
    [Fact]
    public async Task An_event_script_is_told_with_what_waits_for_it_and_the_call_under_way()
    {
        await using TestApi api = await StartAsync();
        api.Node.Hold = true;
        HttpClient http = api.Http(api.Operator);
        _ = await http.PostAsJsonAsync("/v1/events?wait=1", new { name = "night", data = "at two" }, TestApi.Timeout)
            .ReadAsync<Contract.Operation>();
        _ = await http.PostAsJsonAsync("/v1/events?wait=1", new { name = "night" }, TestApi.Timeout).ReadAsync<Contract.Operation>();
        Contract.EventScript script = await http.GetAsync("/v1/event-scripts/watch", TestApi.Timeout).ReadAsync<Contract.EventScript>();
        Assert.Equal("exec:/etc/watch", script.Command);
        Assert.Equal(["user.*"], script.Events);
        Assert.Equal(TimeSpan.FromMilliseconds(500), script.Timeout);
        Assert.Equal(1, script.EventsWaiting);
        Assert.Equal("node1", script.Call!.Node);
        Assert.Equal(1, script.Call.Events);
        Assert.InRange(script.Call.Remaining, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(500 + Cluster.ScriptGrace));
        api.Node.Release();
        script = Assert.Single(await http.GetAsync("/v1/event-scripts", TestApi.Timeout).ReadAsync<Contract.EventScript[]>());
        Assert.Null(script.Call);
        Assert.Equal(0, script.EventsWaiting);
        Contract.Problem problem = await http.GetAsync("/v1/event-scripts/wach", TestApi.Timeout).ProblemAsync(404, "not-found");
        Assert.Equal(["watch"], problem.Near!);
    }

    [Fact]
    public async Task An_event_is_an_operators_journalled_once_and_refused_when_it_is_none()
    {
        await using TestApi api = await StartAsync();
        _ = await api.Http(api.Viewer).PostAsJsonAsync("/v1/events", new { name = "night" }, TestApi.Timeout)
            .ProblemAsync(403, "role-required");
        HttpClient http = api.Http(api.Operator);
        for (int i = 0; i < 2; i++)
        {
            Contract.Operation sent =
                await http.PostAsJsonAsync("/v1/events?wait=1", new { requestId = "e1", name = "night", data = "at two" }, TestApi.Timeout)
                .ReadAsync<Contract.Operation>();
            Assert.Equal(("event.user", "night", Contract.OperationPhase.Succeeded), (sent.Kind, sent.Target, sent.Phase));
        }

        JournalEntry entry = Assert.Single(api.Node.Journal.Read(0, 1000), r => r.Entry.Kind == "user.night").Entry;
        Assert.Equal("at two", entry.Message);
        Assert.StartsWith("oscar", entry.Who, StringComparison.Ordinal);
        _ = await http.PostAsJsonAsync("/v1/events", new { requestId = "e1", name = "day" }, TestApi.Timeout)
            .ProblemAsync(409, "request-id-reused");
        _ = await http.PostAsJsonAsync("/v1/events", new { data = "x" }, TestApi.Timeout).ProblemAsync(400, "bad-request");
        _ = await http.PostAsJsonAsync("/v1/events", new { name = "at night" }, TestApi.Timeout).ProblemAsync(400, "bad-request");
        _ =
            await http.PostAsJsonAsync(
                "/v1/events", new { name = "night", data = new string('x', Cluster.MaxUserEventData + 1) }, TestApi.Timeout)
                    .ProblemAsync(400, "bad-request");
    }

    [Fact]
    public async Task The_kinds_of_the_journal_are_told_with_their_meaning()
    {
        await using TestApi api = await StartAsync();
        Contract.JournalKind[] kinds = await api.Http(api.Viewer).GetAsync("/v1/journal/kinds", TestApi.Timeout)
            .ReadAsync<Contract.JournalKind[]>();
        Assert.Equal(JournalKind.ForScripts.Select(k => k.Word), kinds.Select(k => k.Kind));
        Assert.All(kinds, k => Assert.NotEmpty(k.Description));
    }

    [Fact]
    public async Task A_group_tells_what_it_needs_of_others_and_whether_that_is_so()
    {
        await using TestApi api = await StartAsync();
        HttpClient http = api.Http(api.Operator);
        Contract.GroupDependency met = Assert.Single((await Group(http, "files")).Dependencies);
        Assert.Equal(
            ("files", "web", Contract.DependencyMode.Hard, Contract.Colocation.Same),
            (met.Group, met.DependsOn, met.Require, met.Colocation));
        Assert.True(met.Met);
        Assert.Equal("'web' is Started on node1", met.Why);
        Assert.Equal(["files"], (await Group(http, "web")).Dependents);

        _ = await http.PostAsJsonAsync("/v1/groups/web/disable?wait=5", new { }, TestApi.Timeout).ReadAsync<Contract.Operation>();
        Contract.GroupStatus files = await Group(http, "files");
        Assert.Equal(Contract.GroupPhase.Stopped, files.Phase);
        Assert.Contains("'web'", files.Why, StringComparison.Ordinal);
        Contract.GroupDependency unmet = Assert.Single(files.Dependencies);
        Assert.False(unmet.Met);
        Assert.Equal("'web' is Disabled", unmet.Why);
    }

    [Fact]
    public async Task A_resource_tells_its_limits_and_a_group_what_is_tried_again()
    {
        await using TestApi api = await StartAsync();
        HttpClient http = api.Http(api.Operator);
        Contract.ResourceStatus address = (await Group(http, "web")).Resources!.Single(r => r.Id == "ip:192.0.2.10");
        Assert.Equal(
            (2, 1, Contract.FinalAction.Continue), (address.Limits!.StartRetries, address.Limits.Failovers, address.Limits.StartFinal));
        Assert.Equal(
            (10, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5)),
            Assert.Single(address.StatusChecks.Select(c => (c.Depth, c.Interval, c.Timeout))));

        await FailToStartAsync(api, http);
        Contract.GroupStatus web = await Group(http, "web");
        Contract.ActionRetry retry = Assert.Single(web.Retries);
        Assert.Equal(("start", "ip:192.0.2.10", 1, 2), (retry.Action, retry.Resource, retry.Retries, retry.Limit));
    }

    [Fact]
    public async Task A_final_action_is_told_while_its_script_runs_and_at_the_node_that_leaves_by_it()
    {
        await using TestApi api =
            await StartAsync(
                l => l with { StartRetries = 0, Failovers = 0, StartFinal = FinalAction.Reboot, FinalScript = "exec:/etc/last" });
        HttpClient http = api.Http(api.Operator);
        await FailToStartAsync(api, http);
        Contract.GroupStatus web = await Group(http, "web");
        Assert.Equal(("ip:192.0.2.10", Contract.FinalAction.Reboot, false), (web.Final!.Resource, web.Final.Action, web.Final.AfterStop));
        Assert.Equal(("finalScript", "ip:192.0.2.10", "node1"), (web.UnderWay!.Action, web.UnderWay.Resource, web.UnderWay.Node));
        Assert.Equal(Contract.ResourcePhase.Doomed, web.Resources!.Single(r => r.Id == "ip:192.0.2.10").Phase);
        Assert.Equal(["node1"], web.Tried);

        api.Node.Apply(
            new ActionCompleted(Cluster.Plan(api.Node.State).OfType<ResourceAction>().First(a => a.Group == "web").Id, true, ""));
        Contract.NodeStatus node = await http.GetAsync("/v1/nodes/node1", TestApi.Timeout).ReadAsync<Contract.NodeStatus>();
        Assert.Equal((Contract.NodePhase.Draining, Contract.FinalAction.Reboot), (node.Phase, node.AtLeave));
        Assert.Null((await Group(http, "web")).Final);
    }

    [Theory]
    [InlineData(DependencyMode.None, Colocation.Same, "node1", true, "'web' is Started on node1")]
    [InlineData(DependencyMode.None, Colocation.Same, "node2", false, "'web' is Started on node1, 'files' on node2")]
    [InlineData(DependencyMode.None, Colocation.Never, "node1", false, "both are on node1")]
    [InlineData(DependencyMode.None, Colocation.Never, "node2", true, "'web' is Started on node1")]
    [InlineData(DependencyMode.Soft, Colocation.Any, "node2", true, "'web' is Started on node1")]
    public async Task Whether_a_dependency_is_met_follows_from_where_the_two_are(
        DependencyMode require, Colocation colocation, string node, bool met, string why)
    {
        await using TestApi api = await StartAsync();
        ClusterState state = api.Node.State;
        GroupState files = state.Groups["files"] with { Owner = node, ActiveOn = [node] };
        var verdict = DependencyVerdict.Of(state, files, new GroupDependency { Group = "web", Require = require, Colocation = colocation });
        Assert.Equal((met, why), (verdict.Met, verdict.Why));
    }

    /// <summary>The group is started, and its first resource does not start.</summary>
    private static async Task FailToStartAsync(TestApi api, HttpClient http)
    {
        _ = await http.PostAsJsonAsync("/v1/groups/web/disable?wait=5", new { }, TestApi.Timeout).ReadAsync<Contract.Operation>();
        api.Node.Hold = true;
        _ = await http.PostAsJsonAsync("/v1/groups/web/enable", new { }, TestApi.Timeout).ReadAsync<Contract.Operation>();
        api.Node.Apply(
            new ActionCompleted(
                Cluster.Plan(api.Node.State).OfType<ResourceAction>().First(a => a.Group == "web").Id, false, "no such device"));
    }

    private static Task<Contract.GroupStatus> Group(HttpClient http, string name) =>
        http.GetAsync($"/v1/groups/{name}", TestApi.Timeout).ReadAsync<Contract.GroupStatus>();

    private static async Task<TestApi> StartAsync(Func<ActivationLimits, ActivationLimits>? with = null)
    {
        TestApi api = await TestApi.StartAsync();
        ClusterConfiguration now = api.Node.State.Configuration;
        GroupConfiguration web = now.Groups["web"];
        var limits = new ActivationLimits { StartRetries = 2, Failovers = 1, StartFinal = FinalAction.Continue };
        ResourceConfiguration address = web.Resources[0] with
        {
            Limits = with?.Invoke(limits) ?? limits,
            StatusChecks = [new StatusCheck { Depth = 10, Interval = 30_000, Timeout = 5_000 }],
        };
        api.Node.Apply(new ConfigurationRequest("more", "test", now with
        {
            Version = now.Version + 1,
            Groups = now.Groups
                .SetItem("web", web with { Resources = [address] })
                .SetItem(
                    "files",
                    now.Groups[
                        "files"] with { Dependencies =
                        [new GroupDependency { Group = "web", Require = DependencyMode.Hard, Colocation = Colocation.Same }] }),
        }));
        Assert.Equal(OperationPhase.Succeeded, api.Node.State.Operations["more"].Phase);
        return api;
    }
}
