using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using Xunit;

namespace ClusterTools.Node.Tests;

/// <summary>A cluster that has existed does not begin again from what it was made with.</summary>
public sealed class LostLogTests
{
    [Theory]
    [InlineData("gone")]
    [InlineData("empty")]
    [InlineData("memory gone too")]
    public async Task A_lost_log_is_told_by_every_node_and_nothing_is_formed_from_the_bootstrap(string how)
    {
        await using var cluster = new TestCluster();
        ClusterConfiguration configuration = cluster.Three("web");
        await FormAndChangeAsync(cluster, configuration);
        foreach (string file in Directory.GetFiles(cluster.FileOf("engine"), "log.db*"))
        {
            File.Delete(file);
        }

        if (how == "empty")
        {
            await File.WriteAllTextAsync(Path.Combine(cluster.FileOf("engine"), "log.db"), "");
        }

        foreach (string node in configuration.Nodes.Keys)
        {
            if (how == "memory gone too")
            {
                File.Delete(Path.Combine(cluster.FileOf(node), NodeSettings.LogMemoryFile));
            }

            // The test cluster puts the bootstrap back, as a program that keeps files in place would.
            NodeHost host = await cluster.StartAsync(node, configuration);
            Assert.Equal(NodeEnd.Failed, await host.Ended.WaitAsync(TestCluster.Limit));
            AssertToldOfVersionTwo(host);
            Assert.Equal(0, host.State.Configuration.Version);
        }

        Assert.Equal(how == "empty", File.Exists(Path.Combine(cluster.FileOf("engine"), "log.db")));
    }

    [Fact]
    public async Task A_node_that_has_seen_a_newer_configuration_takes_no_part_in_an_older_one()
    {
        await using var cluster = new TestCluster();
        ClusterConfiguration configuration = cluster.Three("web");
        await FormAndChangeAsync(cluster, configuration);

        // Two nodes were made anew, and form a cluster by themselves.
        Directory.Delete(cluster.FileOf("engine"), recursive: true);
        Directory.Delete(cluster.FileOf("node2"), recursive: true);
        Directory.Delete(cluster.FileOf("node3"), recursive: true);
        await cluster.StartAsync("node2", configuration);
        await cluster.StartAsync("node3", configuration);
        await TestCluster.UntilAsync(cluster["node2"], s => s.Configuration.Version == 1 && s.Quorum == Quorum.Quorate);
        File.Delete(Path.Combine(cluster.FileOf("node1"), NodeSettings.LogMemoryFile));

        NodeHost host = await cluster.StartAsync("node1", configuration);
        Assert.Equal(NodeEnd.Failed, await host.Ended.WaitAsync(TestCluster.Limit));
        AssertToldOfVersionTwo(host);
        using var limit = new CancellationTokenSource(TestCluster.Limit);
        Assert.Equal([1L, 2L], (await host.Configurations.ReadAllAsync(limit.Token)).Select(k => k.Version));
    }

    [Fact]
    public async Task The_bootstrap_is_out_of_the_way_once_there_is_a_cluster()
    {
        await using var cluster = new TestCluster();
        ClusterConfiguration configuration = cluster.Three("web");
        await cluster.StartAllAsync(configuration);
        foreach (string node in configuration.Nodes.Keys)
        {
            await TestCluster.UntilAsync(cluster[node], s => s.Configuration.Version == 1);
            Assert.False(File.Exists(Path.Combine(cluster.FileOf(node), "bootstrap.json")));
            Assert.True(File.Exists(Path.Combine(cluster.FileOf(node), "bootstrap.json.used")));
        }
    }

    private static async Task FormAndChangeAsync(TestCluster cluster, ClusterConfiguration configuration)
    {
        await cluster.StartAllAsync(configuration);
        await TestCluster.UntilAsync(cluster["node2"], s => s.Configuration.Version == 1);
        using var limit = new CancellationTokenSource(TestCluster.Limit);
        ClusterConfiguration next = cluster["node2"].State.Configuration with { Version = 2 };
        await cluster["node2"].SubmitAsync(new ConfigurationRequest("change", "ada", next, "rights taken away"), limit.Token);
        foreach (string node in configuration.Nodes.Keys)
        {
            await TestCluster.UntilAsync(cluster[node], s => s.Configuration.Version == 2);
        }

        foreach (string node in configuration.Nodes.Keys)
        {
            await cluster.CrashAsync(node);
        }
    }

    private static void AssertToldOfVersionTwo(NodeHost host)
    {
        JournalEntry told = Assert.Single(host.Journal.Read(0, 10_000), r => r.Entry.Kind == "log.lost").Entry;
        Assert.Equal(JournalSeverity.Error, told.Severity);
        Assert.Contains("configuration version 2", told.Message, StringComparison.Ordinal);
        Assert.Contains("clusterd recover", told.Message, StringComparison.Ordinal);
    }
}
