using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using Xunit;

namespace ClusterTools.Node.Tests;

/// <summary>A cluster whose daemons are upgraded one after the other (FEATURES A14): the next version knows one level more.</summary>
public sealed class VersionsTests
{
    private const int Next = Cluster.FunctionalLevel + 1;

    [Fact]
    public async Task Two_versions_work_together_until_the_level_is_raised_and_the_older_one_is_refused_afterwards()
    {
        await using var cluster = new TestCluster();
        ClusterConfiguration configuration = cluster.Three("web");
        await cluster.StartAllAsync(configuration);
        await TestCluster.UntilAsync(cluster["node2"], s => Runs(s, "node1"));

        // One after the other, and one of them back again: nothing else changes.
        await ReplaceAsync("node3", Next);
        await ReplaceAsync("node3", Cluster.FunctionalLevel);
        await ReplaceAsync("node3", Next);
        await ReplaceAsync("node2", Next);
        OperationState refused = await RaiseAsync("too early");
        Assert.Equal(OperationPhase.Failed, refused.Phase);
        Assert.Contains("daemon of node1 knows no level above", refused.Message, StringComparison.Ordinal);
        Assert.All(configuration.Nodes.Keys, n => Assert.Equal(Cluster.FirstLevel, cluster[n].State.FunctionalLevel));

        await ReplaceAsync("node1", Next);
        Assert.Equal(OperationPhase.Succeeded, (await RaiseAsync("now")).Phase);
        await TestCluster.UntilAsync(cluster["node3"], s => s.FunctionalLevel == Next);

        await cluster.CrashAsync("node3");
        InvalidDataException error = await Assert.ThrowsAsync<InvalidDataException>(() => cluster.StartAsync("node3", configuration));
        Assert.Contains("Install the version that the other nodes run", error.Message, StringComparison.Ordinal);
        await cluster.StartAsync("node3", configuration, level: Next);
        await TestCluster.UntilAsync(cluster["node3"], s => Knows(s, "node3", Next));

        async Task ReplaceAsync(string node, int level)
        {
            await cluster.CrashAsync(node);
            await cluster.StartAsync(node, configuration, level: level);
            await TestCluster.UntilAsync(cluster["node2"], s => Knows(s, node, level));
        }

        Task<OperationState> RaiseAsync(string id) => cluster["node2"].SubmitAsync(new LevelRequest(id, "ada"), CancellationToken.None);
    }

    [Fact]
    public async Task A_daemon_that_learns_of_a_level_that_it_does_not_know_does_nothing_by_it()
    {
        await using var cluster = new TestCluster();
        ClusterConfiguration configuration = cluster.Three("web");
        foreach (string node in configuration.Nodes.Keys)
        {
            await cluster.StartAsync(node, configuration, level: Next);
        }

        await TestCluster.UntilAsync(cluster["node2"], s => configuration.Nodes.Keys.All(n => Knows(s, n, Next)));
        Assert.Equal(
            OperationPhase.Succeeded,
            (await cluster["node2"].SubmitAsync(new LevelRequest("now", "ada"), CancellationToken.None)).Phase);
        await cluster.CrashAsync("node3");
        // As after a machine was made anew: nothing there remembers what it has acted by.
        File.Delete(Path.Combine(cluster.FileOf("node3"), "functional-level"));
        NodeHost old = await cluster.StartAsync("node3", configuration);
        Assert.Equal(NodeEnd.Failed, await old.Ended.WaitAsync(TestCluster.Limit));
        Assert.Contains(old.Journal.Read(0, 1000), r => r.Entry.Kind == "node.outdated");
    }

    private static bool Knows(ClusterState state, string node, int level) =>
        state.Nodes.TryGetValue(node, out NodeState? at) && at is { Phase: NodePhase.Online } && at.Level == level;

    private static bool Runs(ClusterState state, string node) =>
        state.Groups.TryGetValue("web", out GroupState? web) && web is { Phase: GroupPhase.Started } && web.Owner == node;
}
