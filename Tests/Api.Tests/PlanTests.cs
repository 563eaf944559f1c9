using ClusterTools.Contract;

namespace ClusterTools.Api.Tests;

public sealed class PlanTests
{
    [Fact]
    public async Task The_loss_of_a_node_is_told_step_by_step_and_nothing_is_done()
    {
        await using TestApi api = await TestApi.StartAsync();
        Core.ClusterState before = api.Node.State;
        string owner = before.Groups["web"].Owner!;
        Plan plan = await api.Http(api.Viewer).GetAsync($"/v1/plan?lose={owner}").ReadAsync<Plan>();
        Assert.Equal($"{owner} is lost", plan.Question);
        Assert.Equal(Quorum.Quorate, plan.Quorum);
        Assert.Null(plan.Refused);
        Assert.Equal(Enumerable.Range(1, plan.Steps.Count), plan.Steps.Select(s => s.Order));
        PlanStep fence = Assert.Single(plan.Steps, s => s.Action == PlanAction.Fence);
        Assert.Equal(owner, fence.Node);
        PlannedGroup web = plan.Groups.Single(g => g.Group == "web");
        Assert.Equal(owner, web.OwnerNow);
        Assert.NotNull(web.OwnerThen);
        Assert.NotEqual(owner, web.OwnerThen);
        PlanStep[] steps = [.. plan.Steps.Where(s => s.Group == "web")];
        Assert.Equal(
            [(PlanAction.Move, null), (PlanAction.Start, "ip:192.0.2.10"), (PlanAction.Start, "mysql:db")],
            steps.Select(s => (s.Action, s.Resource)));
        Assert.All(steps, s => Assert.Equal(web.OwnerThen, s.Node));
        Assert.All(steps, s => Assert.True(s.Order > fence.Order));
        Assert.All(plan.Steps, s => Assert.NotEmpty(s.Why));
        Assert.Same(before, api.Node.State);
        Assert.Equal(0, api.Node.Submissions);

        // And so it comes.
        api.Node.View(before.Members.Keys.Where(m => m != owner), Core.Quorum.Quorate, continuous: true);
        Assert.Equal(web.OwnerThen, api.Node.State.Groups["web"].Owner);
    }

    [Fact]
    public async Task A_drain_a_stop_and_a_relocation_are_told()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Viewer);
        string owner = api.Node.State.Groups["web"].Owner!;
        Plan drain = await http.GetAsync($"/v1/plan?drain={owner}").ReadAsync<Plan>();
        Assert.DoesNotContain(drain.Groups, g => g.OwnerThen == owner);
        Assert.Equal(PlanAction.Move, drain.Steps.First(s => s.Group == "web").Action);
        Plan stop = await http.GetAsync("/v1/plan?stop=web").ReadAsync<Plan>();
        Assert.Equal(["mysql:db", "ip:192.0.2.10"], stop.Steps.Select(s => s.Resource));
        Assert.All(stop.Steps, s => Assert.Equal((PlanAction.Stop, owner), (s.Action, s.Node)));
        Assert.Null(stop.Groups.Single(g => g.Group == "web").OwnerThen);
        Plan move = await http.GetAsync("/v1/plan?relocate=web&node=node3").ReadAsync<Plan>();
        Assert.Equal("node3", move.Groups.Single(g => g.Group == "web").OwnerThen);
        Plan refused =
            await http.GetAsync(
                $"/v1/plan?relocate={Uri.EscapeDataString(TestApi.OddGroup)}&node={api.Node.State.Groups[TestApi.OddGroup].Owner}")
                    .ReadAsync<Plan>();
        Assert.Empty(refused.Steps);
        Assert.Equal(0, api.Node.Submissions);
    }

    [Fact]
    public async Task A_node_that_leaves_or_is_away_for_maintenance_is_told_with_what_it_costs()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Viewer);
        string owner = api.Node.State.Groups["web"].Owner!;
        Plan leave = await http.GetAsync($"/v1/plan?leave={owner}").ReadAsync<Plan>();
        Assert.Null(leave.Refused);
        Assert.Equal(Quorum.Quorate, leave.Quorum);
        Assert.NotEqual(owner, leave.Groups.Single(g => g.Group == "web").OwnerThen);
        Assert.NotNull(leave.Groups.Single(g => g.Group == "web").OwnerThen);
        Assert.DoesNotContain(leave.Steps, s => s.Action == PlanAction.Fence);
        Plan away = await http.GetAsync($"/v1/plan?maintenance={owner}").ReadAsync<Plan>();
        Assert.Null(away.Refused);
        Assert.Equal((Quorum.Quorate, owner), (away.Quorum, away.Groups.Single(g => g.Group == "web").OwnerThen));
        Assert.Empty(away.Steps);
        Plan restart = await http.GetAsync("/v1/plan?restart=web").ReadAsync<Plan>();
        Assert.Equal(
            [PlanAction.Stop, PlanAction.Stop, PlanAction.Start, PlanAction.Start],
            restart.Steps.Where(s => s.Group == "web").Select(s => s.Action));

        // Of three nodes one is gone: the next that goes takes the quorum with it.
        api.Node.View(["node1", "node2"], Core.Quorum.Quorate, continuous: true);
        foreach (string question in new[] { "leave", "maintenance" })
        {
            Plan costly = await http.GetAsync($"/v1/plan?{question}=node2").ReadAsync<Plan>();
            Assert.Equal(Quorum.None, costly.Quorum);
            Assert.All(costly.Groups, g => Assert.Null(g.OwnerThen));
        }

        Assert.Equal(0, api.Node.Submissions);
    }

    [Fact]
    public async Task A_group_that_fails_for_good_where_it_runs_goes_to_another_node()
    {
        await using TestApi api = await TestApi.StartAsync();
        string owner = api.Node.State.Groups["web"].Owner!;
        Plan plan = await api.Http(api.Viewer).GetAsync("/v1/plan?fail=web").ReadAsync<Plan>();
        PlannedGroup web = plan.Groups.Single(g => g.Group == "web");
        Assert.Equal(owner, web.OwnerNow);
        Assert.NotNull(web.OwnerThen);
        Assert.NotEqual(owner, web.OwnerThen);
        Assert.Equal([PlanAction.Move, PlanAction.Stop], plan.Steps.Take(2).Select(s => s.Action));
        Assert.DoesNotContain(plan.Steps, s => s.Action == PlanAction.Fence);
        Assert.Equal(0, api.Node.Submissions);
    }

    [Fact]
    public async Task What_to_think_of_is_told_with_each_group()
    {
        await using TestApi api = await TestApi.StartAsync();
        string owner = api.Node.State.Groups["web"].Owner!;
        Plan plan = await api.Http(api.Viewer).GetAsync($"/v1/plan?lose={owner}").ReadAsync<Plan>();
        Assert.Contains(
            "one more loss of a node stops the cluster", plan.Groups.Single(g => g.Group == "web").Risk, StringComparison.Ordinal);
        Plan lost = await api.Http(api.Viewer).GetAsync("/v1/plan?lose=node2,node3").ReadAsync<Plan>();
        Assert.All(lost.Groups, g => Assert.Equal(g.OwnerNow is null ? null : "it is down", g.Risk));
    }

    [Fact]
    public async Task The_loss_of_quorum_stops_everything()
    {
        await using TestApi api = await TestApi.StartAsync();
        Plan plan = await api.Http(api.Viewer).GetAsync("/v1/plan?lose=node2,node3").ReadAsync<Plan>();
        Assert.Equal(Quorum.None, plan.Quorum);
        Assert.All(plan.Groups, g => Assert.Null(g.OwnerThen));
        Assert.All(plan.Steps, s => Assert.Equal((PlanAction.Stop, "node1"), (s.Action, s.Node)));
        Assert.NotEmpty(plan.Steps);
    }

    [Theory]
    [InlineData("", 400, ProblemCodes.BadRequest)]
    [InlineData("?lose=node1&drain=node1", 400, ProblemCodes.BadRequest)]
    [InlineData("?lose=", 400, ProblemCodes.BadRequest)]
    [InlineData("?stop=web&node=node1", 400, ProblemCodes.BadRequest)]
    [InlineData("?lose=node9", 404, ProblemCodes.NotFound)]
    [InlineData("?drain=node9", 404, ProblemCodes.NotFound)]
    [InlineData("?stop=wep", 404, ProblemCodes.NotFound)]
    [InlineData("?relocate=web&node=node9", 404, ProblemCodes.NotFound)]
    public async Task A_question_that_is_none_is_refused(string query, int status, string code)
    {
        await using TestApi api = await TestApi.StartAsync();
        await api.Http(api.Viewer).GetAsync("/v1/plan" + query).ProblemAsync(status, code);
    }

    [Fact]
    public async Task What_would_be_refused_says_why_and_without_quorum_nothing_is_planned()
    {
        await using TestApi api = await TestApi.StartAsync();
        api.Node.Apply(new Core.GroupRequest("freeze", "test", "web", Core.GroupOperation.Freeze));
        Plan plan = await api.Http(api.Viewer).GetAsync("/v1/plan?stop=web").ReadAsync<Plan>();
        Assert.Contains("frozen", plan.Refused, StringComparison.Ordinal);
        Assert.Empty(plan.Steps);
        api.Node.View(["node2"], Core.Quorum.Quorate, continuous: true);
        await api.Http(api.Viewer).GetAsync("/v1/plan?lose=node3").ProblemAsync(400, ProblemCodes.BadRequest);
        api.Node.View(["node1"], Core.Quorum.None, continuous: false);
        await api.Http(api.Viewer).GetAsync("/v1/plan?stop=web").ProblemAsync(503, ProblemCodes.NotQuorate);
    }
}
