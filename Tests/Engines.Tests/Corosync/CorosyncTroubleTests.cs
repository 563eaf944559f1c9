using ClusterTools.Engines.Corosync;
using ClusterTools.Engines.Tests.Corosync.Network;
using Microsoft.Data.Sqlite;

namespace ClusterTools.Engines.Tests.Corosync;

/// <summary>What is below the engine, or beside it, fails.</summary>
[Collection(CorosyncCollection.Name)]
public sealed class CorosyncTroubleTests(CorosyncNetwork network) : IDisposable
{
    private static readonly VoteTable Three = TestNode.Votes("a", "b", "c");
    private static readonly Member[] All = [new("a", 1), new("b", 1), new("c", 1)];

    private readonly CorosyncNodes nodes = new(network);
    private readonly TaskCompletionSource notUnderstood = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose() => nodes.Dispose();

    [Fact]
    public async Task A_corosync_that_is_killed_leaves_its_node_without_quorum_and_the_others_go_on_until_it_is_back()
    {
        await using TestNode a = Start("a");
        await using TestNode b = Start("b");
        await using TestNode c = Start("c");
        ViewChanged whole = await c.WaitForViewAsync(ViewQuorum.Quorate, All);
        await network.DoAsync("c", "end");
        await c.WaitAsync<ViewChanged>(view => view.Quorum == ViewQuorum.NotQuorate && view.Epoch == whole.Epoch);
        Assert.NotNull(c.Engine.Trouble);
        await Assert.ThrowsAsync<NotQuorateException>(() => c.ProposeAsync("alone"));
        await a.WaitForLossOfAsync("c");
        await b.ProposeAsync("without c");
        await network.DoAsync("c", "start");
        await c.WaitAsync<Expelled>();
        Assert.Empty(c.Texts);
        await using TestNode again = Start("c", 2);
        await again.WaitForTextAsync("without c");
    }

    [Fact]
    public async Task A_corosync_that_is_stopped_does_not_stop_its_daemon_from_knowing_and_from_ending()
    {
        await using TestNode a = Start("a");
        await using TestNode b = Start("b");
        TestNode c = Start("c", limit: 3_000);
        ViewChanged whole = await c.WaitForViewAsync(ViewQuorum.Quorate, All);
        await network.DoAsync("c", "stop");
        try
        {
            await c.WaitAsync<ViewChanged>(view => view.Quorum == ViewQuorum.NotQuorate && view.Epoch == whole.Epoch);
            Assert.NotNull(c.Engine.LastHeard(All[0]));
            await Assert.ThrowsAsync<EngineFailedException>(() => c.Engine.ConfirmAsync(CancellationToken.None).AsTask());
            await a.WaitForLossOfAsync("c");
            await c.CrashAsync();
        }
        finally
        {
            await network.DoAsync("c", "continue");
        }

        await a.ProposeAsync("goes on");
        await using TestNode again = Start("c", 2);
        await again.WaitForTextAsync("goes on");
    }

    [Fact]
    public async Task Who_is_none_of_ours_and_speaks_in_the_group_is_told_of_and_gone_on_without()
    {
        await using TestNode a = Start("a");
        await using TestNode b = Start("b");
        await a.WaitForViewAsync(ViewQuorum.Quorate, All[..2]);
        var stranger = new Thread(Speak);
        stranger.Start();
        await notUnderstood.Task.WaitAsync(TestNode.Limit);
        await a.ProposeAsync("goes on");
        await b.WaitForTextAsync("goes on");
        stranger.Join();
        await b.ProposeAsync("and on");
        await a.WaitForTextAsync("and on");

        void Speak()
        {
            network.Enter("d");
            using var process = ProcessGroup.Join(nodes.Group, new Deaf());
            while (!process.TrySend("Is anybody there?"u8))
            {
                Thread.Sleep(1);
            }

            // Leaves when it was heard.
            SpinWait.SpinUntil(() => notUnderstood.Task.IsCompleted || !process.Dispatch(), TestNode.Limit);
            Thread.Sleep(200);
        }
    }

    [Fact]
    public async Task A_log_that_is_gone_or_damaged_is_refused_in_words_that_name_the_file()
    {
        await using (TestNode a = Start("a"))
        {
            await using TestNode b = Start("b");
            await a.WaitForViewAsync(ViewQuorum.Quorate, All[..2]);
            await a.ProposeAsync("to be damaged");
        }

        string path = Path.Combine(nodes.Folder("a"), "log.db");
        using (var connection = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand damage = connection.CreateCommand();
            damage.CommandText = "UPDATE entry SET digest = zeroblob(16) WHERE idx = 2";
            Assert.Equal(1, damage.ExecuteNonQuery());
        }

        await using TestNode damaged = Start("a", 2);
        EngineFailedException refused = await Assert.ThrowsAsync<EngineFailedException>(() => damaged.Running.WaitAsync(TestNode.Limit));
        Assert.Contains(path, refused.Message, StringComparison.Ordinal);
        Assert.Contains("entry 2 is not what was written", refused.Message, StringComparison.Ordinal);
        Directory.Delete(nodes.Folder("a"), recursive: true);
        await using TestNode lost = Start("a", 3, mayBeNew: false);
        LogLostException gone = await Assert.ThrowsAsync<LogLostException>(() => lost.Running.WaitAsync(TestNode.Limit));
        Assert.Contains(path, gone.Message, StringComparison.Ordinal);
    }

    private TestNode Start(string node, long incarnation = 1, int limit = 60_000, bool mayBeNew = true)
    {
        var setup = new EngineSetup
        {
            Self = new Member(node, incarnation),
            Votes = Three,
            AcceptAnyLog = false,
            MayBeNew = mayBeNew,
            Log = text =>
            {
                if (text.Contains("is not understood here", StringComparison.Ordinal))
                {
                    notUnderstood.TrySetResult();
                }
            },
        };
        return new TestNode(nodes.Create(setup, limit));
    }

    private sealed class Deaf : IProcessGroupListener
    {
        public void OnMembers(IReadOnlyList<Peer> peers)
        {
        }

        public void OnBytes(Peer from, ReadOnlySpan<byte> bytes)
        {
        }
    }
}
