using System.Collections.Immutable;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using Xunit;

namespace ClusterTools.Node.Tests;

/// <summary>A changed configuration while everything runs, with real programs (FEATURES B10).</summary>
public sealed class OnlineChangeTests
{
    [Fact]
    public async Task One_changed_ip_in_a_tree_of_thirty_is_stopped_and_started_with_its_dependants_alone()
    {
        await using var cluster = new TestCluster();
        string log = cluster.FileOf("calls");
        string agent = cluster.Program("resource", $"""
            on="{cluster.FileOf("on")}.$CLUSTERTOOLS_NODE.$CLUSTER_RESOURCE"
            case "$1" in
              start) echo "start $CLUSTER_RESOURCE" >> "{log}"; : > "$on" ;;
              stop) echo "stop $CLUSTER_RESOURCE" >> "{log}"; rm -f "$on" ;;
              status) [ -e "$on" ] || exit 3 ;;
            esac
            """);
        ClusterConfiguration configuration = cluster.Three("web");
        ImmutableArray<ResourceConfiguration> tree = Tree(agent);
        Assert.Equal(30, Count(tree));
        configuration =
            configuration with { Groups = configuration.Groups.SetItem("web", configuration.Groups["web"] with { Resources = tree }) };
        await cluster.StartAllAsync(configuration);
        await TestCluster.UntilAsync(cluster["node1"], s => s.Groups.TryGetValue("web", out GroupState? g)
            && g is { Phase: GroupPhase.Started, Owner: "node1" });
        Assert.Equal(30, (await File.ReadAllLinesAsync(log)).Length);
        File.Delete(log);

        GroupConfiguration web = cluster["node1"].State.Configuration.Groups["web"];
        ResourceConfiguration disk = web.Resources[1];
        ResourceConfiguration ip = disk.Children[2];
        Assert.Equal("ip:2", ip.Id);
        ResourceConfiguration changed = ip with { Parameters = ip.Parameters.SetItem("nic", "eth1") };
        await SetAsync(
            cluster, "changed",
            web with { Resources = web.Resources.SetItem(1, disk with { Children = disk.Children.SetItem(2, changed) }) });
        await TestCluster.UntilAsync(cluster["node1"], s => s.Configuration.Version == 2
            && s.Groups["web"] is { Phase: GroupPhase.Started, OldDefinition: null, Pending: null } g && g.Instance.Resources.Count == 30);
        Assert.Equal(
            ["stop script:2b", "stop script:2a", "stop ip:2", "start ip:2", "start script:2a", "start script:2b"],
            await File.ReadAllLinesAsync(log));

        // How it is watched changes nothing that runs.
        File.Delete(log);
        web = cluster["node1"].State.Configuration.Groups["web"];
        await SetAsync(
            cluster, "watched",
            web with { Resources = web.Resources.SetItem(0, web.Resources[0] with { MonitorInterval = 300, StopTimeout = 5_000 }) });
        await TestCluster.UntilAsync(cluster["node1"], s => s.Configuration.Version == 3
            && s.Groups["web"] is { Phase: GroupPhase.Started, OldDefinition: null });
        Assert.False(File.Exists(log));
    }

    private static async Task SetAsync(TestCluster cluster, string id, GroupConfiguration web)
    {
        using var limit = new CancellationTokenSource(TestCluster.Limit);
        ClusterConfiguration old = cluster["node1"].State.Configuration;
        OperationState done = await cluster["node2"].SubmitAsync(
            new ConfigurationRequest(id, "ada", old with { Version = old.Version + 1, Groups = old.Groups.SetItem("web", web) }),
            limit.Token);
        Assert.True(done.Phase != OperationPhase.Failed, done.Message);
    }

    /// <summary>Two resources at the top; below the second nine addresses with two scripts each, and a script.</summary>
    private static ImmutableArray<ResourceConfiguration> Tree(string agent)
    {
        ResourceConfiguration Make(string type, string name) => new()
        {
            Id = $"{type}:{name}", Type = type, Agent = $"exec:{agent}", MonitorInterval = 0,
                Parameters = ClusterConfiguration.Sorted<string>().Add("nic", "eth0"),
        };
        ResourceConfiguration[] addresses =
        [
            .. Enumerable.Range(0, 9)
            .Select(i => Make("ip", $"{i}") with { Children = [Make("script", $"{i}a"), Make("script", $"{i}b")] }),
        ];
        return [Make("lvm", "vg"), Make("fs", "data") with { Children = [.. addresses, Make("script", "last")] }];
    }

    private static int Count(ImmutableArray<ResourceConfiguration> resources) => resources.Sum(r => 1 + Count(r.Children));
}
