using System.Collections.Immutable;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Engines;
using Xunit;

namespace ClusterTools.Node.Tests;

/// <summary>What can't be handled ends a node's life aloud; what a newer member says is passed over.</summary>
public sealed class FailingLifeTests
{
    private const string Newer =
        """{"origin":"node9","incarnation":1,"time":5,"wallTime":7,"event":{"type":"teleported","group":"web","how":[1,2]}}""";

    [Fact]
    public async Task An_event_of_a_kind_that_is_not_known_is_counted_and_told_of_once()
    {
        await using var cluster = new TestCluster();
        await cluster.StartAllAsync(cluster.Three("web"));
        await TestCluster.UntilAsync(cluster["node2"], s => Runs(s, "web", "node1"));

        string[] nodes = ["node1", "node2", "node3"];
        Dictionary<string, long> before = nodes.ToDictionary(n => n, n => cluster[n].State.Ignored);

        cluster.Inject(Newer);
        long last = cluster.Inject(Newer);
        foreach (string node in nodes)
        {
            await TestCluster.UntilAsync(cluster[node], s => s.Index >= last);
            JournalEntry told = Assert.Single(cluster[node].Journal.Read(0, 1000), r => r.Entry.Kind == "event.unknown").Entry;
            Assert.Contains($"index {last - 1}", told.Message, StringComparison.Ordinal);
            Assert.Contains("'teleported'", told.Message, StringComparison.Ordinal);
            Assert.Equal(2, cluster[node].Metrics().Single(m => m.Name == "node_unknown_events_total").Value);
            Assert.True(cluster[node].State.Ignored >= before[node] + 2);
            Assert.False(cluster[node].Ended.IsCompleted);
        }

        using var limit = new CancellationTokenSource(TestCluster.Limit);
        OperationState done =
            await cluster["node1"].SubmitAsync(new MessageWritten("m", "ada", JournalSeverity.Information, "hello"), limit.Token);
        Assert.Equal(OperationPhase.Succeeded, done.Phase);
    }

    [Theory]
    [InlineData("{\"origin\":\"node9\"")]
    [InlineData("\0\0\0\0")]
    [InlineData("null")]
    [InlineData("""{"origin":"node9","incarnation":1,"time":5,"event":{"type":"nodeLeft","node":7}}""")]
    [InlineData("""{"origin":"node9","incarnation":1,"time":5,"event":{"type":"tick","since":7}}""")]
    public async Task An_entry_that_can_not_be_read_ends_the_lives_of_all_nodes_aloud_and_again_when_it_is_replayed(string payload)
    {
        await using var cluster = new TestCluster();
        ClusterConfiguration configuration = cluster.Three("web");
        await cluster.StartAllAsync(configuration);
        foreach (string node in configuration.Nodes.Keys)
        {
            await TestCluster.UntilAsync(cluster[node], s => Runs(s, "web", "node1"));
        }

        long index = cluster.Inject(payload);
        foreach (string node in configuration.Nodes.Keys)
        {
            await AssertFailedAsync(cluster[node], $"index {index}");
        }

        Assert.Null(cluster.Runs("web"));
        Assert.Empty(cluster.Resets);

        await cluster.CrashAsync("node2");
        NodeHost again = await cluster.StartAsync("node2", configuration);
        await AssertFailedAsync(again, $"index {index}");
    }

    [Fact]
    public async Task An_event_whose_application_throws_ends_the_life_of_the_node_where_it_does_and_the_others_take_over()
    {
        await using var cluster = new TestCluster();
        ClusterConfiguration configuration = cluster.Three("web");
        await cluster.StartAsync("node1", configuration, folding: new Poisoned());
        await cluster.StartAsync("node2", configuration);
        await cluster.StartAsync("node3", configuration);
        await TestCluster.UntilAsync(cluster["node2"], s => Runs(s, "web", "node1"));

        using var limit = new CancellationTokenSource(TestCluster.Limit);
        await cluster["node2"].SubmitAsync(new MessageWritten("m", "ada", JournalSeverity.Information, Poisoned.Word), limit.Token);
        string said = await AssertFailedAsync(cluster["node1"], "messageWritten");
        Assert.Contains("InvalidOperationException: poisoned", said, StringComparison.Ordinal);
        await TestCluster.UntilAsync(cluster["node2"], s => Runs(s, "web", "node2"));
        Assert.Equal("node1", Assert.Single(cluster["node3"].State.FenceHistory).Target);
    }

    [Fact]
    public async Task A_failed_life_that_can_not_stop_what_it_runs_resets_its_machine_by_the_deadline()
    {
        await using var cluster = new TestCluster();
        ClusterConfiguration configuration = cluster.Three("web");
        configuration = configuration with { Timing = configuration.Timing with { QuorumLossDeadline = 3_000 } };
        string hang = cluster.Program("hang", "case \"$1\" in status) exit 0;; stop) exit 1;; esac");
        configuration = configuration with
        {
            Groups = configuration.Groups.SetItem("web", configuration.Groups["web"] with
            {
                Resources = [new ResourceConfiguration { Id = "script:web", Type = "script", Agent = $"lsb:{hang}" }],
            }),
        };
        await cluster.StartAsync("node1", configuration, folding: new Poisoned());
        await cluster.StartAsync("node2", configuration);
        await TestCluster.UntilAsync(cluster["node2"], s => s.Groups.TryGetValue("web", out GroupState? web)
            && web.ActiveOn.Contains("node1"));

        using var limit = new CancellationTokenSource(TestCluster.Limit);
        await cluster["node2"].SubmitAsync(new MessageWritten("m", "ada", JournalSeverity.Information, Poisoned.Word), limit.Token);
        await AssertFailedAsync(cluster["node1"], "messageWritten");
        Assert.NotEmpty(cluster.Resets);
        Assert.Contains(cluster["node1"].Journal.Read(0, 1000), r => r.Entry.Kind == "node.reset");
    }

    private static async Task<string> AssertFailedAsync(NodeHost node, string what)
    {
        Assert.Equal(NodeEnd.Failed, await node.Ended.WaitAsync(TestCluster.Limit));
        Assert.NotEqual(Quorum.Quorate, node.State.Quorum);
        JournalEntry said = Assert.Single(
            node.Journal.Read(0, 10_000), r =>
            r.Entry.Kind == "node.failed" && r.Entry.WallTime >= node.Incarnation
            && r.Entry.Message.Contains(what, StringComparison.Ordinal)).Entry;
        Assert.Equal(JournalSeverity.Error, said.Severity);
        Assert.Contains("clusterd", said.Message, StringComparison.Ordinal);
        Assert.Equal(1, node.Metrics().Single(m => m.Name == "node_failed").Value);
        using var limit = new CancellationTokenSource(TestCluster.Limit);
        await Assert.ThrowsAsync<NotQuorateException>(
            () => node.SubmitAsync(new MessageWritten("late", "ada", JournalSeverity.Information, "late"), limit.Token));
        return said.Message;
    }

    private static bool Runs(ClusterState state, string group, string node) =>
        state.Groups.TryGetValue(group, out GroupState? found) && found.Phase == GroupPhase.Started && found.Owner == node;

    /// <summary>Throws at one message, as a fault in the rules would.</summary>
    private sealed class Poisoned : IFolding
    {
        public const string Word = "poison";

        public ClusterState Apply(ClusterState state, long epoch, long index, EventEnvelope envelope) =>
            envelope.Event is MessageWritten { Message: Word } ? throw new InvalidOperationException("poisoned")
            : Cluster.Apply(state, epoch, index, envelope);

        public ClusterState Apply(ClusterState state, long index, ViewEvent view) => Cluster.Apply(state, index, view);

        public ImmutableArray<ClusterAction> Plan(ClusterState state) => Cluster.Plan(state);
    }
}
