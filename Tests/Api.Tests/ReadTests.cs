using ClusterTools.Client;
using ClusterTools.Contract;

namespace ClusterTools.Api.Tests;

public sealed class ReadTests
{
    [Fact]
    public async Task The_cluster_on_one_screen()
    {
        await using TestApi api = await TestApi.StartAsync();
        using HttpResponseMessage response = await api.Http(api.Viewer).GetAsync("/v1/cluster");
        ClusterStatus cluster = await response.ReadAsync<ClusterStatus>();
        Assert.Equal("shop", cluster.Name);
        Assert.Equal("node1", cluster.Node);
        Assert.Equal(Quorum.Quorate, cluster.Quorum);
        Assert.StartsWith("3 of 3 votes, 2 needed", cluster.QuorumDescription, StringComparison.Ordinal);
        Assert.Equal(
            (3, 3, 2, 1, false), (cluster.Votes, cluster.VotesExpected, cluster.VotesNeeded, cluster.LossesSurvived, cluster.TwoNode));
        Assert.Equal(["node1", "node2", "node3"], cluster.Members);
        Assert.Equal(1, cluster.ConfigurationVersion);
        Assert.Equal(3, cluster.NodePhases["online"]);
        Assert.Equal(3, cluster.GroupPhases["started"]);
        Assert.Equal(api.Node.State.Index, cluster.Index);
        Assert.Equal(api.Node.State.Index.ToString(), Assert.Single(response.Headers.GetValues("Cluster-Index")));
        Assert.Equal("node1", Assert.Single(response.Headers.GetValues("Cluster-Node")));
    }

    [Fact]
    public async Task Nodes_with_phase_groups_and_fencing()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Viewer);
        NodeStatus[] nodes = await http.GetAsync("/v1/nodes").ReadAsync<NodeStatus[]>();
        Assert.Equal(["node1", "node2", "node3"], nodes.Select(n => n.Name));
        Assert.All(nodes, n => Assert.Equal(NodePhase.Online, n.Phase));
        Assert.Contains("web", nodes[0].Groups);
        Assert.Equal(["power"], nodes[0].FenceMethods);

        api.Node.Hold = true;
        api.Node.View(["node1", "node2"], Core.Quorum.Quorate, continuous: true);
        api.Node.Apply(new Core.Tick());
        NodeStatus lost = await http.GetAsync("/v1/nodes/node3").ReadAsync<NodeStatus>();
        Assert.False(lost.Member);
        Assert.Contains(lost.Phase, new[] { NodePhase.Lost, NodePhase.Fencing });
        if (lost.Fencing is { } fencing)
        {
            Assert.Equal("pdu", fencing.Device);
            Assert.Equal("power", fencing.Method);
        }
    }

    [Fact]
    public async Task Groups_with_explanation_and_resources()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Viewer);
        GroupStatus[] plain = await http.GetAsync("/v1/groups").ReadAsync<GroupStatus[]>();
        Assert.Equal(3, plain.Length);
        Assert.All(plain, g => Assert.Null(g.Explanation));
        GroupStatus[] explained = await http.GetAsync("/v1/groups?explain&node=node1").ReadAsync<GroupStatus[]>();
        GroupStatus web = Assert.Single(explained, g => g.Name == "web");
        Assert.Contains("priority 1 in domain 'front'", web.Explanation, StringComparison.Ordinal);
        Assert.All(explained, g => Assert.Contains("node1", g.ActiveOn));
        Assert.Empty(await http.GetAsync("/v1/groups?phase=failed").ReadAsync<GroupStatus[]>());

        GroupStatus one = await http.GetAsync("/v1/groups/web").ReadAsync<GroupStatus>();
        Assert.Equal("node1", one.Owner);
        Assert.Equal(["ip:192.0.2.10", "mysql:db"], one.Resources!.Select(r => r.Id));
        ResourceStatus resource = await http.GetAsync("/v1/groups/web/resources/mysql%3Adb").ReadAsync<ResourceStatus>();
        Assert.Equal("ip:192.0.2.10", resource.Parent);
        Assert.Equal(ResourcePhase.Running, resource.Phase);
        Assert.Equal("(secret)", resource.Parameters["passwd"]);
        Assert.Equal("/srv/db", resource.Parameters["datadir"]);
    }

    [Fact]
    public async Task A_name_may_hold_spaces_percent_signs_and_slashes()
    {
        await using TestApi api = await TestApi.StartAsync();
        GroupStatus odd = await api.Client(api.Viewer).GetGroupAsync(TestApi.OddGroup, true, TestApi.Timeout);
        Assert.Equal(TestApi.OddGroup, odd.Name);
        ResourceStatus resource = await api.Client(api.Viewer).GetAsync<ResourceStatus>(
            $"/v1/groups/{ClusterClient.Segment(TestApi.OddGroup)}/resources/{ClusterClient.Segment("script:x/y")}", TestApi.Timeout);
        Assert.Equal("script:x/y", resource.Id);
        Operation done = await api.Client(api.Operator).GroupAsync(TestApi.OddGroup, "restart", null, TestApi.Timeout);
        Assert.Equal(TestApi.OddGroup, done.Target);
    }

    [Fact]
    public async Task Domains_devices_and_fence_history()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Operator);
        FailoverDomain domain = Assert.Single(await http.GetAsync("/v1/domains").ReadAsync<FailoverDomain[]>());
        Assert.Equal(["node1", "node2"], domain.Members.Select(m => m.Node));
        Assert.Equal(["web"], domain.Groups);
        FenceDevice device = await http.GetAsync("/v1/fence-devices/pdu").ReadAsync<FenceDevice>();
        Assert.Equal(["node1", "node2", "node3"], device.Nodes);
        Assert.Equal("(secret)", device.Parameters["password"]);
        Assert.Equal("192.0.2.1", device.Parameters["ip"]);

        Operation fenced = await http.PostAsync("/v1/nodes/node3/fence-off?wait=20", new StringContent("""{"reason":"drill"}"""))
            .ReadAsync<Operation>();
        Assert.Equal(OperationPhase.Succeeded, fenced.Phase);
        FenceRecord record = Assert.Single(await http.GetAsync("/v1/fence-history?node=node3").ReadAsync<FenceRecord[]>());
        Assert.True(record.Success);
        Assert.Equal("drill", record.Why);
        Assert.StartsWith("oscar (", record.Who, StringComparison.Ordinal);
        Assert.Empty(await http.GetAsync("/v1/fence-history?node=node1").ReadAsync<FenceRecord[]>());

        FenceDeviceTest test =
            Assert.Single(
                await http.PostAsync("/v1/fence-devices/test", new StringContent("""{"device":"pdu"}""")).ReadAsync<FenceDeviceTest[]>());
        Assert.True(test.Answers);
    }

    [Fact]
    public async Task The_journal_is_read_in_pages_and_by_filter()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Viewer);
        long begin = api.Node.Journal.Last;
        for (int i = 0; i < 5; i++)
        {
            api.Node.Tell($"web {i}", group: "web");
            api.Node.Tell($"node {i}", node: "node2", severity: i == 4 ? Core.JournalSeverity.Error : Core.JournalSeverity.Information);
        }

        JournalPage first = await http.GetAsync($"/v1/journal?after={begin}&limit=4").ReadAsync<JournalPage>();
        Assert.Equal(["web 0", "node 0", "web 1", "node 1"], first.Entries.Select(e => e.Message));
        Assert.True(first.More);
        JournalPage rest = await http.GetAsync($"/v1/journal?after={first.Entries[^1].Sequence}&limit=100").ReadAsync<JournalPage>();
        Assert.Equal(6, rest.Entries.Count);
        Assert.False(rest.More);
        Assert.Equal(rest.Last, rest.Entries[^1].Sequence);
        JournalPage newest = await http.GetAsync("/v1/journal?limit=2&group=web").ReadAsync<JournalPage>();
        Assert.Equal(["web 3", "web 4"], newest.Entries.Select(e => e.Message));
        JournalPage worst = await http.GetAsync($"/v1/journal?node=node2&severity=error").ReadAsync<JournalPage>();
        Assert.Equal("node 4", Assert.Single(worst.Entries).Message);
        string tomorrow = Uri.EscapeDataString(DateTimeOffset.UtcNow.AddDays(1).ToString("O"));
        Assert.Empty((await http.GetAsync($"/v1/journal?since={tomorrow}").ReadAsync<JournalPage>()).Entries);
        string yesterday = Uri.EscapeDataString(DateTimeOffset.UtcNow.AddDays(-1).ToString("O"));
        Assert.NotEmpty((await http.GetAsync($"/v1/journal?since={yesterday}").ReadAsync<JournalPage>()).Entries);
    }

    [Fact]
    public async Task Without_quorum_reads_still_answer_and_say_so()
    {
        await using TestApi api = await TestApi.StartAsync();
        api.Node.View(["node1"], Core.Quorum.None, continuous: false);
        ClusterStatus cluster = await api.Http(api.Viewer).GetAsync("/v1/cluster").ReadAsync<ClusterStatus>();
        Assert.Equal(Quorum.None, cluster.Quorum);
        Assert.StartsWith(
            "NO QUORUM: 1 of 3 votes, 2 needed; node2, node3 are silent.", cluster.QuorumDescription, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_tells_the_clock_the_certificate_and_the_configuration_that_this_node_has_applied()
    {
        await using TestApi api = await TestApi.StartAsync();
        HttpClient http = api.Http(api.Viewer);
        long before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        Health health = await http.GetAsync("/v1/health").ReadAsync<Health>();
        Assert.InRange(health.Now, before, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        Assert.Equal(new DateTimeOffset(api.NodeCertificate.Certificate.NotAfter.ToUniversalTime()), health.CertificateExpires);
        Assert.Equal(1, health.ConfigurationVersion);
        Assert.Equal(64, health.ConfigurationHash!.Length);
        Assert.Equal(health.ConfigurationHash, (await http.GetAsync("/v1/health").ReadAsync<Health>()).ConfigurationHash);
        api.Revoke(api.Stranger);
        Health next = await http.GetAsync("/v1/health").ReadAsync<Health>();
        Assert.Equal(2, next.ConfigurationVersion);
        Assert.NotEqual(health.ConfigurationHash, next.ConfigurationHash);
    }

    [Fact]
    public async Task Metrics_have_heads_escaped_labels_and_the_nodes_own_numbers()
    {
        await using TestApi api = await TestApi.StartAsync();
        api.Node.Samples.Add(new Node.NodeMetric("engine_commits", "Entries committed.", true, 12, ("path", "a\"b\\c\nd")));
        api.Node.Samples.Add(new Node.NodeMetric("resident_bytes", "Memory.", false, 1.5));
        api.Node.Samples.Add(new Node.NodeMetric("engine_commits", "Entries committed.", true, 3, ("path", "z")));
        using HttpResponseMessage response = await api.Http(api.Viewer).GetAsync("/metrics");
        Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
        string[] lines = (await response.Content.ReadAsStringAsync()).Split('\n');
        Assert.Contains("clustertools_quorum{state=\"quorate\"} 1", lines);
        Assert.Contains("clustertools_nodes{phase=\"online\"} 3", lines);
        Assert.Contains("clustertools_groups{phase=\"started\"} 3", lines);
        Assert.Contains("clustertools_group_up{group=\"web\"} 1", lines);
        Assert.Contains("clustertools_group_state{group=\"web\",state=\"started\",node=\"node1\",frozen=\"false\"} 1", lines);
        Assert.Contains($"clustertools_index {api.Node.State.Index}", lines);
        Assert.Contains($"clustertools_ignored_events_total {api.Node.State.Ignored}", lines);
        Assert.Contains("clustertools_engine_commits{path=\"a\\\"b\\\\c\\nd\"} 12", lines);
        Assert.Contains("clustertools_engine_commits{path=\"z\"} 3", lines);
        Assert.Contains("clustertools_resident_bytes 1.5", lines);
        Assert.Single(lines, "# TYPE clustertools_engine_commits counter");

        // Every sample stands under the head of its name, and no name comes twice.
        string head = "";
        var heads = new HashSet<string>();
        foreach (string line in lines.Where(l => l.Length > 0))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                head = line.Split(' ')[2];
                Assert.True(heads.Add(head), $"{head} comes twice");
            }
            else if (!line.StartsWith('#'))
            {
                Assert.Equal(head, line.Split('{', ' ')[0]);
            }
        }
    }

    [Fact]
    public async Task Metrics_without_certificate_are_for_loopback_and_nothing_else_is_there()
    {
        await using TestApi api = await TestApi.StartAsync(with: o => o with { MetricsListen = "http://127.0.0.1:0" });
        using var http = new HttpClient { BaseAddress = api.Server.MetricsAddress };
        Assert.Contains("clustertools_index", await http.GetStringAsync("/metrics"), StringComparison.Ordinal);
        Assert.Equal(1, (await http.GetAsync("/v1/health").ReadAsync<Health>()).ConfigurationVersion);
        foreach (Route route in api.Server.Routes.Where(r => r.Pattern is not ("/metrics" or "/v1/health")))
        {
            using var message = new HttpRequestMessage(new HttpMethod(route.Method), route.Pattern);
            await http.SendAsync(message).ProblemAsync(404, ProblemCodes.NoSuchPath);
        }

        ArgumentException refused = Assert.Throws<ArgumentException>(() => new ApiServer(api.Node, new ApiServerOptions
        {
            Listen = [], Certificate = api.NodeCertificate.Certificate, Authority = api.AuthorityCertificate,
                MetricsListen = "http://0.0.0.0:0",
        }));
        Assert.Contains("loopback only", refused.Message, StringComparison.Ordinal);
    }
}
