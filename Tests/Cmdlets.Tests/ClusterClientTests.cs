using System.Net;
using System.Net.Sockets;
using ClusterTools.Client;
using ClusterTools.Contract;
using ClusterTools.Lab.Tests;
using Newtonsoft.Json.Linq;

namespace ClusterTools.Cmdlets.Tests;

/// <summary>The client against a cluster of real daemons that stays whole.</summary>
public sealed class ClusterClientTests(LabFixture fixture) : IClassFixture<LabFixture>
{
    [Fact]
    public async Task Everything_that_can_be_read_is_read()
    {
        using CancellationTokenSource limit = new(TestLab.Limit);
        using ClusterClient client = fixture.Connect();
        ClusterStatus cluster = await client.GetClusterAsync(limit.Token);
        Assert.Equal(("test", Quorum.Quorate, 3), (cluster.Name, cluster.Quorum, cluster.NodePhases["online"]));
        Assert.Equal(["node1", "node2", "node3"], (await client.GetNodesAsync(limit.Token)).Select(n => n.Name));
        Assert.Equal(["db", "web"], (await client.GetGroupsAsync(explain: false, limit.Token)).Select(g => g.Name));
        GroupStatus web = await client.GetGroupAsync("web", explain: true, limit.Token);
        Assert.Equal(GroupPhase.Started, web.Phase);
        Assert.Equal("exec:web", Assert.Single(web.Resources!).Id);
        Assert.Contains("node2", web.Explanation, StringComparison.Ordinal);
        Assert.Equal(["home1", "home2"], (await client.GetDomainsAsync(limit.Token)).Select(d => d.Name));
        Assert.Equal(["bmc", "pdu"], (await client.GetFenceDevicesAsync(limit.Token)).Select(d => d.Name));
        Assert.Equal(["node1", "node2", "node3"], (await client.GetHealthAsync(limit.Token)).Select(h => h.Node));
    }

    [Fact]
    public async Task A_name_that_there_is_not_is_answered_with_code_remedy_and_names_like_it()
    {
        using CancellationTokenSource limit = new(TestLab.Limit);
        using ClusterClient client = fixture.Connect();
        ClusterApiException e =
            await Assert.ThrowsAsync<ClusterApiException>(() => client.GetGroupAsync("wep", explain: false, limit.Token));
        Assert.Equal((ProblemCodes.NotFound, 404), (e.Code, e.Status));
        Assert.Equal(["web"], e.Problem.Near);
        Assert.Contains("Did you mean web?", e.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_that_the_node_asked_first_has_not_is_looked_for_on_the_others()
    {
        using CancellationTokenSource limit = new(TestLab.Limit);
        using ClusterClient client = fixture.Connect();
        (JObject document, long version) = await client.ReadConfigurationAsync(limit.Token);
        // Each daemon sees its own folder there.
        document["groups"]!["added"] = JObject.Parse(
            """{"name":"added","autostart":false,"resources":[{"id":"exec:added","type":"exec","agent":"exec:/proc/self/cwd/added"}]}""");
        ClusterApiException e =
            await Assert.ThrowsAsync<ClusterApiException>(() => client.CheckConfigurationAsync(document.ToString(), version, limit.Token));
        Assert.Equal(ProblemCodes.AgentNotInstalled, e.Code);
        Assert.All(["node1", "node2", "node3"], node => Assert.Contains(node, e.Message, StringComparison.Ordinal));

        string agent = Path.Combine(Path.GetDirectoryName(fixture.Lab.StateFolder("node2"))!, "node2", "added");
        await File.WriteAllTextAsync(agent, "", limit.Token);
        try
        {
            Assert.DoesNotContain(
                (await client.CheckConfigurationAsync(document.ToString(), version, limit.Token)).Problems, p =>
                p.Path.StartsWith("groups/added", StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(agent);
        }
    }

    [Fact]
    public async Task What_the_rules_forbid_comes_with_the_operation_that_was_refused()
    {
        using CancellationTokenSource limit = new(TestLab.Limit);
        using ClusterClient client = fixture.Connect();
        ClusterApiException e =
            await Assert.ThrowsAsync<ClusterApiException>(() => client.NodeAsync("node1", "confirm-down", null, limit.Token));
        Assert.Equal(ProblemCodes.Refused, e.Code);
        Assert.Equal(("node1", OperationPhase.Failed), (e.Problem.Operation!.Target, e.Problem.Operation.Phase));
    }

    [Fact]
    public async Task An_operation_is_waited_for_to_its_end()
    {
        using CancellationTokenSource limit = new(TestLab.Limit);
        using ClusterClient client = fixture.Connect();
        Operation begun = await client.GroupAsync("web", "restart", null, limit.Token);
        Assert.Equal(OperationPhase.Running, begun.Phase);
        Operation ended = await client.WaitForOperationAsync(begun.Id, limit.Token);
        Assert.Equal((begun.Id, OperationPhase.Succeeded), (ended.Id, ended.Phase));
        Assert.Equal(GroupPhase.Started, (await client.GetGroupAsync("web", explain: false, limit.Token)).Phase);
    }

    [Fact]
    public async Task A_server_that_refuses_connections_is_passed_over()
    {
        using CancellationTokenSource limit = new(TestLab.Limit);
        using ClusterClient client = fixture.Connect(c => c.Servers = [$"https://127.0.0.1:{FreePort()}", .. c.Servers]);
        Assert.Equal("test", (await client.GetClusterAsync(limit.Token)).Name);

        // From then on the one that answered is asked first.
        Assert.Equal(new Uri(fixture.Context().Servers[0]), client.Server);
    }

    [Fact]
    public async Task A_server_that_takes_the_connection_and_says_nothing_is_passed_over()
    {
        using CancellationTokenSource limit = new(TestLab.Limit);
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using ClusterClient client =
            fixture.Connect(c => c.Servers = [$"https://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}", .. c.Servers]);
        Assert.Equal("test", (await client.GetClusterAsync(limit.Token)).Name);
    }

    [Fact]
    public async Task When_nobody_answers_every_server_is_named_with_its_reason()
    {
        using CancellationTokenSource limit = new(TestLab.Limit);
        string[] dead = [$"127.0.0.1:{FreePort()}", $"127.0.0.1:{FreePort()}"];
        using ClusterClient client = fixture.Connect(c => c.Servers = [.. dead.Select(d => $"https://{d}")]);
        ClusterUnreachableException e = await Assert.ThrowsAsync<ClusterUnreachableException>(() => client.GetClusterAsync(limit.Token));
        Assert.Equal(ClusterUnreachableException.NoServerAnswered, e.Code);
        Assert.All(dead, d => Assert.Contains(d, e.Message, StringComparison.Ordinal));
        Assert.Contains("refused", e.Message, StringComparison.OrdinalIgnoreCase);
        Assert.NotEmpty(e.Remedy);
    }

    [Fact]
    public async Task A_cluster_of_another_authority_is_refused()
    {
        using CancellationTokenSource limit = new(TestLab.Limit);
        using var other = new TestAuthority("ClusterTools CA of another");
        using ClusterClient client = fixture.Connect(c => c.Authority = other.Pem);
        ClusterUnreachableException e = await Assert.ThrowsAsync<ClusterUnreachableException>(() => client.GetClusterAsync(limit.Token));
        Assert.Equal(ClusterUnreachableException.ServerNotTrusted, e.Code);
        Assert.Contains("another authority", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_configuration_is_changed_by_compare_and_set_and_keeps_what_is_not_known_here()
    {
        using CancellationTokenSource limit = new(TestLab.Limit);
        using ClusterClient client = fixture.Connect();
        (JObject document, long version) = await client.ReadConfigurationAsync(limit.Token);
        Assert.Equal(version, document.Value<long>("version"));
        document["timing"]!["retryDelay"] = 61_000;
        Operation put = await client.PutConfigurationAsync(document.ToString(), version, "A test", limit.Token);
        Assert.Equal(OperationPhase.Succeeded, put.Phase);
        (JObject after, long next) = await client.ReadConfigurationAsync(limit.Token);
        Assert.Equal(version + 1, next);
        document["version"] = next;
        Assert.True(JToken.DeepEquals(document, after));
        ClusterApiException e =
            await Assert.ThrowsAsync<ClusterApiException>(
                () => client.PutConfigurationAsync(document.ToString(), version, null, limit.Token));
        Assert.Equal((ProblemCodes.VersionConflict, next), (e.Code, e.Problem.CurrentVersion));
    }

    [Fact]
    public async Task Cancelling_ends_a_wait_and_a_stream_while_the_operation_goes_on()
    {
        using CancellationTokenSource limit = new(TestLab.Limit);
        using ClusterClient client = fixture.Connect();
        using CancellationTokenSource cancel = new();
        var listening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task follow = client.FollowEventsAsync("", null, item => listening.TrySetResult(), cancel.Token);
        await listening.Task.WaitAsync(limit.Token);

        // An operation that nobody has begun: without cancelling, its wait would go on for seconds and end otherwise.
        Operation begun = await client.GroupAsync("db", "restart", null, limit.Token);
        Task<Operation> wait = client.WaitForOperationAsync(begun.Id, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => follow.WaitAsync(limit.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait.WaitAsync(limit.Token));
        Assert.Equal(OperationPhase.Succeeded, (await client.WaitForOperationAsync(begun.Id, limit.Token)).Phase);
    }

    [Fact]
    public async Task What_is_under_way_when_the_connection_is_closed_comes_to_its_end_and_what_comes_after_says_so()
    {
        using CancellationTokenSource limit = new(TestLab.Limit);
        ClusterClient client = fixture.Connect();
        var heard = new TaskCompletionSource<JournalEntry>(TaskCreationOptions.RunContinuationsAsynchronously);
        var listening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenSource cancel = new();
        Task follow = client.FollowEventsAsync(
            "kinds=journal",
            null,
            item =>
            {
                listening.TrySetResult();
                if (item.Kind == "journal")
                {
                    heard.TrySetResult(item.Read<JournalEntry>());
                }
            },
            cancel.Token);
        await listening.Task.WaitAsync(limit.Token);
        client.Dispose();
        using ClusterClient other = fixture.Connect();
        await other.WriteJournalAsync(new JournalWriteRequest { Message = "after closing" }, limit.Token);
        Assert.Equal("after closing", (await heard.Task.WaitAsync(limit.Token)).Message);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => follow.WaitAsync(limit.Token));
        ClusterUnreachableException e = await Assert.ThrowsAsync<ClusterUnreachableException>(() => client.GetClusterAsync(limit.Token));
        Assert.Equal(ClusterUnreachableException.ConnectionClosed, e.Code);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
