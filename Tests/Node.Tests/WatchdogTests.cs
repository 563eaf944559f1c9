using System.Collections.Immutable;
using ClusterTools.Core;
using ClusterTools.Engines;
using Xunit;

namespace ClusterTools.Node.Tests;

/// <summary>What the feeding of a machine's watchdog goes by.</summary>
public sealed class WatchdogTests
{
    private const long StallLimit = 10_000;

    [Fact]
    public async Task A_life_that_is_with_the_cluster_is_sound_and_says_that_its_watchdog_is_armed_and_one_that_hangs_is_not()
    {
        using var held = new Held();
        await using var cluster = new TestCluster { Watchdog = new WatchdogSettings { TakenSeconds = 10 } };
        NodeHost life = await cluster.StartAsync("node1", cluster.Three("web"), folding: held);
        await cluster.StartAsync("node2", cluster.Three("web"));
        await TestCluster.UntilAsync(life, s => s.Nodes.Count == 3 && s.Nodes["node1"].Watchdog is { Timeout: 10_000 });
        Assert.Null(life.WhyUnsound(BootClock.Now, StallLimit));

        held.Hold();
        _ = cluster["node2"].SubmitAsync(new MessageWritten("m", "ada", JournalSeverity.Information, Held.Word), CancellationToken.None);
        await held.IsHeld.WaitAsync(TestCluster.Limit);
        Assert.Contains(
            "has not got on with its work", life.WhyUnsound(BootClock.Now + StallLimit + 1, StallLimit), StringComparison.Ordinal);

        long later = BootClock.Now + StallLimit + 1;
        held.LetGo();
        while (life.WhyUnsound(later, StallLimit) is not null)
        {
            await Task.Delay(20);
        }
    }

    /// <summary>As <see cref="Cluster"/>, but one event is not got over until it is let go of.</summary>
    private sealed class Held : IFolding, IDisposable
    {
        public const string Word = "hold";

        private readonly ManualResetEventSlim goesOn = new(initialState: true);
        private readonly TaskCompletionSource isHeld = new();

        public Task IsHeld => isHeld.Task;

        public void Hold() => goesOn.Reset();

        public void LetGo() => goesOn.Set();

        public ClusterState Apply(ClusterState state, long epoch, long index, EventEnvelope envelope)
        {
            if (envelope.Event is MessageWritten { Message: Word })
            {
                isHeld.TrySetResult();
                goesOn.Wait();
            }

            return Cluster.Apply(state, epoch, index, envelope);
        }

        public ClusterState Apply(ClusterState state, long index, ViewEvent view) => Cluster.Apply(state, index, view);

        public ImmutableArray<ClusterAction> Plan(ClusterState state) => Cluster.Plan(state);

        public void Dispose() => goesOn.Dispose();
    }
}
