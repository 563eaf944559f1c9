using ClusterTools.Engines.Corosync;
using ClusterTools.Engines.Corosync.QuorumDisk;
using ClusterTools.Engines.Tests.Corosync.Network;

namespace ClusterTools.Engines.Tests.Corosync;

/// <summary>Two nodes with real corosyncs and one file as their quorum disk.</summary>
[Collection(CorosyncCollection.Name)]
public sealed class QuorumDiskTests(CorosyncNetwork network) : IDisposable
{
    private const int Interval = 300;
    private const int Silence = 10 * Interval;
    private static readonly Member[] Both = [new("a", 1), new("b", 1)];

    private readonly CorosyncNodes nodes = new(network);
    private readonly TemporaryFolder folder = new();
    private readonly TaskCompletionSource apart = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private string Device => Path.Combine(folder.Path, "disk");

    public void Dispose()
    {
        nodes.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Of_two_nodes_whose_network_is_cut_exactly_one_goes_on_and_the_other_is_known_to_be_alive()
    {
        await using TestNode a = Start("a");
        await using TestNode b = Start("b");
        await TogetherAsync(a, b);
        // How it is used may change meanwhile.
        a.Engine.UseDisk(Setup("a") with { Interval = Interval / 2 });
        await network.CutAsync(["a"], ["b"]);
        try
        {
            ViewChanged won = await a.WaitForViewAsync(ViewQuorum.Quorate, Both[0]);
            Assert.Equal((true, true), (won.Continuous, won.Votes!.Device.IsHere));
            await a.ProposeAsync("by the disk");
            await b.WaitAsync<ViewChanged>(view => view.Quorum == ViewQuorum.NotQuorate);
            await Assert.ThrowsAnyAsync<Exception>(() => b.ProposeAsync("by none"));
            await apart.Task.WaitAsync(TestNode.Limit);
            Assert.Equal("a", a.Engine.Disk!.Holder);
            Assert.All(a.Engine.Disk.Nodes, n => Assert.True(n.IsAlive));
        }
        finally
        {
            await network.CutAsync();
        }

        Assert.Contains("view without it", (await b.WaitAsync<Expelled>()).Reason, StringComparison.Ordinal);
        await using TestNode again = Start("b", 2);
        await again.WaitForTextAsync("by the disk");
        Assert.DoesNotContain("by none", a.Texts);
    }

    [Fact]
    public async Task Who_holds_the_disk_and_dies_is_followed_by_the_other_once_it_is_silent_there()
    {
        await using TestNode a = Start("a");
        await using TestNode b = Start("b");
        await TogetherAsync(a, b);
        await b.CrashAsync();
        await a.WaitForViewAsync(ViewQuorum.Quorate, Both[0]);
        await a.ProposeAsync("alone");
        await using TestNode second = Start("b", 2);
        await second.WaitForTextAsync("alone");
        await SeenAsync(second);
        await a.CrashAsync();
        ViewChanged won = await second.WaitForViewAsync(ViewQuorum.Quorate, new Member("b", 2));
        Assert.True(won.Continuous);
        await second.ProposeAsync("the other alone");
    }

    [Fact]
    public async Task Who_has_not_what_the_disk_tells_of_does_not_begin_without_the_node_that_has()
    {
        TestNode a = Start("a");
        await using (TestNode b = Start("b"))
        {
            await TogetherAsync(a, b);
        }

        await a.WaitForViewAsync(ViewQuorum.Quorate, Both[0]);
        await a.ProposeAsync("b does not know this");
        await a.DisposeAsync();
        await using TestNode older = Start("b", 2);
        await older.WaitAsync<ViewChanged>(view => view.Quorum == ViewQuorum.NotQuorate);
        await SeenAsync(older);
        await Task.Delay(Silence + (4 * Interval));
        Assert.DoesNotContain(
            older.Events, e => e is ViewChanged { Quorum: ViewQuorum.Quorate } v && v.Members.Contains(older.Engine.Self));
        await using TestNode back = Start("a", 2);
        await older.WaitForTextAsync("b does not know this");
    }

    [Fact]
    public async Task The_loss_of_the_disk_alone_changes_nothing_and_with_a_node_it_stops_the_other()
    {
        await using TestNode a = Start("a");
        await using TestNode b = Start("b");
        await TogetherAsync(a, b);
        await using (FileStream file = File.Open(Device, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(0);
        }

        await a.WaitAsync<ViewChanged>(
            v => v is { Quorum: ViewQuorum.Quorate, Members.Count: 2, Votes.Device: { Votes: 1, IsHere: false }, Epoch: > 1 });
        await b.ProposeAsync("without the disk");
        Assert.DoesNotContain(a.Events, e => e is ViewChanged { Quorum: ViewQuorum.NotQuorate, Epoch: > 0 });
        Assert.Contains("format", a.Engine.Disk!.Trouble, StringComparison.Ordinal);
        await b.CrashAsync();
        await a.WaitAsync<ViewChanged>(view => view is { Quorum: ViewQuorum.NotQuorate, Epoch: > 0 });
    }

    [Fact]
    public async Task A_node_with_too_low_a_score_gives_way_to_the_other()
    {
        await using TestNode a = Start("a");
        await using TestNode b = Start("b");
        await TogetherAsync(a, b);
        a.Engine.SetScore(0);
        await a.WaitAsync<ViewChanged>(view => view is { Quorum: ViewQuorum.Quorate, Votes: { Members: 1, Device.IsHere: true } });
        await a.ProposeAsync("a member still, by b's vote and the disk's");
        await network.CutAsync(["a"], ["b"]);
        try
        {
            await b.WaitForViewAsync(ViewQuorum.Quorate, Both[1]);
            await b.ProposeAsync("a has no vote");
            await a.WaitAsync<ViewChanged>(view => view is { Quorum: ViewQuorum.NotQuorate, Epoch: > 0 });
        }
        finally
        {
            await network.CutAsync();
        }
    }

    private static QuorumDiskSetup SetupOf(string device, string node) => new()
    {
        Device = device, Cluster = "test", Slot = node[0] - 'a' + 1, Interval = Interval, Silence = Silence, MinimumScore = 1,
    };

    private static async Task SeenAsync(params TestNode[] all)
    {
        foreach (TestNode node in all)
        {
            using var limit = new CancellationTokenSource(TestNode.Limit);
            while (node.Engine.Disk is not { Trouble: null, Nodes.Count: 2 })
            {
                await Task.Delay(20, limit.Token);
            }
        }
    }

    private QuorumDiskSetup Setup(string node) => SetupOf(Device, node);

    /// <summary>Both are in a view, and the disk has learnt of it.</summary>
    private static async Task TogetherAsync(TestNode a, TestNode b)
    {
        await b.WaitAsync<ViewChanged>(v => v is { Quorum: ViewQuorum.Quorate, Members.Count: 2 });
        await a.ProposeAsync("together");
        await SeenAsync(a, b);
        await a.WaitAsync<ViewChanged>(v => v is { Quorum: ViewQuorum.Quorate, Votes.Device.IsHere: true });
    }

    private TestNode Start(string node, long incarnation = 1)
    {
        if (CorosyncNetwork.Obstacle is null && !File.Exists(Device))
        {
            SharedDisk.Format(Device, "test", overwrites: false);
        }

        var setup = new EngineSetup
        {
            Self = new Member(node, incarnation),
            Votes = new VoteTable(new Dictionary<string, int> { ["a"] = 1, ["b"] = 1 }, 2, TwoNode: false)
            {
                Device = new DeviceVotes(Device, 1),
            },
            AcceptAnyLog = false,
            MayBeNew = true,
            Log = text =>
            {
                if (text.Contains("b is silent on the network and writes on the quorum disk:", StringComparison.Ordinal))
                {
                    apart.TrySetResult();
                }
            },
        };
        CorosyncEngine engine = nodes.Create(setup, answerLimit: 10_000);
        bool isFirst = true;
        return new TestNode(engine, (_, _) =>
        {
            // As the node's shell does, once it knows the configuration.
            if (isFirst)
            {
                isFirst = false;
                engine.SetScore(1);
                engine.UseDisk(Setup(node));
            }

            return Task.CompletedTask;
        });
    }
}
