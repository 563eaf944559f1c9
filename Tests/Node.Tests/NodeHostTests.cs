using System.Collections.Immutable;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using Xunit;

namespace ClusterTools.Node.Tests;

public sealed class NodeHostTests
{
    [Fact]
    public async Task A_group_starts_fails_over_when_its_node_falls_silent_and_returns_with_it()
    {
        await using var cluster = new TestCluster();
        ClusterConfiguration configuration = cluster.Three("web");
        await cluster.StartAllAsync(configuration);

        await TestCluster.UntilAsync(cluster["node2"], s => Runs(s, "web", "node1"));
        Assert.Equal("node1", cluster.Runs("web"));

        await cluster.CrashAsync("node1");
        File.Delete(cluster.FileOf("web.on"));
        await TestCluster.UntilAsync(cluster["node2"], s => Runs(s, "web", "node2"));
        Assert.Equal("node2", cluster.Runs("web"));
        Assert.Equal("node1", Assert.Single(cluster["node3"].State.FenceHistory).Target);

        await cluster.StartAsync("node1", configuration);
        await TestCluster.UntilAsync(cluster["node3"], s => Runs(s, "web", "node1"));
        Assert.Equal("node1", cluster.Runs("web"));
    }

    [Fact]
    public async Task Every_node_keeps_the_versions_it_saw_and_a_new_life_keeps_nothing_twice()
    {
        await using var cluster = new TestCluster();
        ClusterConfiguration configuration = cluster.Three("web");
        await cluster.StartAllAsync(configuration);

        await TestCluster.UntilAsync(cluster["node2"], s => Runs(s, "web", "node1"));
        using var limit = new CancellationTokenSource(TestCluster.Limit);
        await cluster.CrashAsync("node3");
        for (long version = 2; version <= 3; version++)
        {
            ClusterConfiguration next = cluster["node1"].State.Configuration with { Version = version };
            OperationState done =
                await cluster["node1"].SubmitAsync(new ConfigurationRequest($"change {version}", "ada", next, "why not"), limit.Token);
            Assert.Equal(OperationPhase.Succeeded, done.Phase);
        }

        await TestCluster.UntilAsync(cluster["node2"], s => s.Configuration.Version == 3);
        IReadOnlyList<KeptConfiguration> kept = await cluster["node2"].Configurations.ReadAllAsync(limit.Token);
        Assert.Equal([1, 2, 3], kept.Select(k => k.Version));
        Assert.Equal(["clusterd init", "ada", "ada"], kept.Select(k => k.Who));
        Assert.Equal([ConfigurationOrigin.Init, ConfigurationOrigin.Put, ConfigurationOrigin.Put], kept.Select(k => k.Origin));

        // A new life reads the log again, and keeps nothing twice.
        await cluster.StartAsync("node3", configuration);
        await TestCluster.UntilAsync(cluster["node3"], s => s.Configuration.Version == 3);
        Assert.Equal(3, (await cluster["node3"].Configurations.ReadAllAsync(limit.Token))[^1].Version);
        await cluster.CrashAsync("node2");
        await cluster.StartAsync("node2", configuration);
        await TestCluster.UntilAsync(cluster["node2"], s => s.Configuration.Version == 3);
        IReadOnlyList<KeptConfiguration> again = await cluster["node2"].Configurations.ReadAllAsync(limit.Token);
        Assert.Equal(kept.Select(k => (k.Version, k.Index, k.Who)), again.Select(k => (k.Version, k.Index, k.Who)));
        Assert.Empty(cluster.Warnings);
    }

    [Fact]
    public async Task A_failing_service_is_restarted_in_place()
    {
        await using var cluster = new TestCluster();
        ClusterConfiguration configuration = cluster.Three("web");
        await cluster.StartAllAsync(configuration);

        await TestCluster.UntilAsync(cluster["node3"], s => Runs(s, "web", "node1"));
        File.Delete(cluster.FileOf("web.on"));
        await TestCluster.UntilAsync(cluster["node3"], s => s.Groups["web"].Phase == GroupPhase.Recovering);
        await TestCluster.UntilAsync(cluster["node3"], s => Runs(s, "web", "node1"));
        Assert.Contains(cluster["node1"].Journal.Read(0, 1000), r => r.Entry.Kind == "resource.failure");
    }

    [Fact]
    public async Task A_node_without_quorum_stops_what_it_runs_and_runs_it_again_when_quorum_is_back()
    {
        await using var cluster = new TestCluster();
        ClusterConfiguration configuration = cluster.Three("web");
        await cluster.StartAllAsync(configuration);

        await TestCluster.UntilAsync(cluster["node1"], s => Runs(s, "web", "node1") && s.Members.Count == 3);
        await File.WriteAllTextAsync(cluster.FileOf("switch.broken"), "");
        await Task.WhenAll(cluster.CrashAsync("node2"), cluster.CrashAsync("node3"));
        await TestCluster.UntilAsync(cluster["node1"], s => s.Quorum == Quorum.None && s.Groups["web"].ActiveOn.IsEmpty);
        Assert.Null(cluster.Runs("web"));

        File.Delete(cluster.FileOf("switch.broken"));
        await cluster.StartAsync("node2", configuration);
        await TestCluster.UntilAsync(cluster["node1"], s => s.Quorum == Quorum.Quorate && Runs(s, "web", "node1"));
        Assert.Empty(cluster.Resets);
    }

    [Fact]
    public async Task A_lone_node_of_two_fences_its_peer_and_goes_on()
    {
        await using var cluster = new TestCluster();
        ClusterConfiguration three = cluster.Three("web");
        ClusterConfiguration configuration = three with
        {
            TwoNode = true,
            Nodes = three.Nodes.Remove("node3"),
        };
        await cluster.StartAsync("node1", configuration);
        await cluster.StartAsync("node2", configuration);
        await TestCluster.UntilAsync(cluster["node2"], s => Runs(s, "web", "node1") && s.Members.Count == 2
            && s.Nodes["node2"].Phase == NodePhase.Online);
        await cluster.CrashAsync("node2");
        await TestCluster.UntilAsync(cluster["node1"], s => s.Quorum == Quorum.Quorate && s.Nodes["node2"].Phase == NodePhase.Down);
        Assert.Equal("node1", cluster.Runs("web"));
        OperationState told = await cluster["node1"].SubmitAsync(
            new MessageWritten("m1", "test", JournalSeverity.Information, "still here"), CancellationToken.None);
        Assert.Equal(OperationPhase.Succeeded, told.Phase);
    }

    [Fact]
    public async Task A_fence_device_and_a_method_that_are_added_together_are_used_at_once()
    {
        await using var cluster = new TestCluster();
        ClusterConfiguration whole = cluster.Three("web");
        ClusterConfiguration without = whole with
        {
            FenceDevices = whole.FenceDevices.Clear(),
            Nodes = whole.Nodes.SetItem("node1", whole.Nodes["node1"] with { FenceMethods = [] })
                .SetItem("node2", whole.Nodes["node2"] with { FenceMethods = [] })
                .SetItem("node3", whole.Nodes["node3"] with { FenceMethods = [] }),
        };
        await cluster.StartAllAsync(without);
        await TestCluster.UntilAsync(cluster["node2"], s => s.Members.Count == 3 && Runs(s, "web", "node1"));
        await cluster.CrashAsync("node1");
        await TestCluster.UntilAsync(cluster["node2"], s => s.Nodes["node1"].Phase == NodePhase.LeftCluster);

        using var limit = new CancellationTokenSource(TestCluster.Limit);
        await cluster["node2"].SubmitAsync(new ConfigurationRequest("methods", "ada", whole with { Version = 2 }), limit.Token);

        await TestCluster.UntilAsync(cluster["node2"], s => s.Nodes["node1"].Phase == NodePhase.Down);
        Assert.All(cluster["node2"].State.FenceHistory, r => Assert.True(r.Success, r.Message));
        Assert.DoesNotContain(cluster["node2"].Journal.Read(0, 1000), r => r.Entry.Kind == "fence.failure");
        Assert.Single(cluster["node2"].Journal.Read(0, 1000), r => r.Entry.Kind == "node.leftCluster");
    }

    [Fact]
    public async Task Of_two_nodes_one_that_was_emptied_and_is_gone_is_not_fenced_and_the_other_goes_on()
    {
        await using var cluster = new TestCluster();
        ClusterConfiguration three = cluster.Three("web");
        ClusterConfiguration configuration = three with { TwoNode = true, Nodes = three.Nodes.Remove("node3") };
        await cluster.StartAsync("node1", configuration);
        await cluster.StartAsync("node2", configuration);
        await TestCluster.UntilAsync(cluster["node1"], s => Runs(s, "web", "node1") && s.Members.Count == 2
            && s.Nodes["node2"].Phase == NodePhase.Online);
        using var limit = new CancellationTokenSource(TestCluster.Limit);
        await cluster["node1"].SubmitAsync(new NodeRequest("drain", "ada", "node2", NodeOperation.Drain), limit.Token);
        await TestCluster.UntilAsync(cluster["node2"], s => s.Nodes["node2"].Phase == NodePhase.Maintenance);
        await cluster.CrashAsync("node2");

        await TestCluster.UntilAsync(cluster["node1"], s => s.Quorum == Quorum.Quorate
            && s.Nodes["node2"] is { Phase: NodePhase.Down, TakenOut: true });
        OperationState told =
            await cluster["node1"].SubmitAsync(new MessageWritten("m1", "test", JournalSeverity.Information, "still here"), limit.Token);
        Assert.Equal(OperationPhase.Succeeded, told.Phase);
        Assert.Empty(cluster["node1"].State.FenceHistory);
        Assert.DoesNotContain(cluster["node1"].Journal.Read(0, 1000), r => r.Entry.Kind is "fence.begin" or "fence.call");
    }

    [Fact]
    public async Task A_daemon_that_restarts_in_maintenance_finds_its_groups_running()
    {
        await using var cluster = new TestCluster();
        ClusterConfiguration configuration = cluster.Three("web");
        await cluster.StartAllAsync(configuration);

        await TestCluster.UntilAsync(cluster["node1"], s => Runs(s, "web", "node1")
            && s.Nodes.Values.All(n => n.Phase == NodePhase.Online));
        DateTime started = File.GetLastWriteTimeUtc(cluster.FileOf("web.on"));
        NodeHost leaving = cluster["node1"];
        await leaving.SubmitAsync(new NodeRequest("r1", "test", "node1", NodeOperation.Maintenance), CancellationToken.None);
        Assert.Equal(NodeEnd.Maintenance, await leaving.Ended.WaitAsync(TestCluster.Limit));
        await cluster.CrashAsync("node1");
        await TestCluster.UntilAsync(cluster["node2"], s => !s.Members.ContainsKey("node1"));
        Assert.Equal(NodePhase.Maintenance, cluster["node2"].State.Nodes["node1"].Phase);

        NodeHost back = await cluster.StartAsync("node1", configuration);
        await TestCluster.UntilAsync(back, s => s.Nodes.TryGetValue("node1", out NodeState? n) && n.Phase == NodePhase.Online
            && Runs(s, "web", "node1"));
        Assert.Equal(started, File.GetLastWriteTimeUtc(cluster.FileOf("web.on")));
        Assert.Empty(back.State.FenceHistory);
    }

    [Fact]
    public async Task A_node_that_leaves_moves_its_groups_and_is_not_fenced()
    {
        await using var cluster = new TestCluster();
        ClusterConfiguration configuration = cluster.Three("web");
        await cluster.StartAllAsync(configuration);

        await TestCluster.UntilAsync(cluster["node1"], s => Runs(s, "web", "node1")
            && s.Nodes.Values.All(n => n.Phase == NodePhase.Online));
        NodeHost leaving = cluster["node1"];
        await leaving.SubmitAsync(new NodeRequest("r1", "test", "node1", NodeOperation.Leave), CancellationToken.None);
        Assert.Equal(NodeEnd.Left, await leaving.Ended.WaitAsync(TestCluster.Limit));
        await TestCluster.UntilAsync(cluster["node2"], s => Runs(s, "web", "node2") && !s.Members.ContainsKey("node1"));
        Assert.Equal("node2", cluster.Runs("web"));
        Assert.Empty(cluster["node2"].State.FenceHistory);
    }

    private static bool Runs(ClusterState state, string group, string node) =>
        state.Groups.TryGetValue(group, out GroupState? g) && g.Phase == GroupPhase.Started && g.Owner == node;
}
