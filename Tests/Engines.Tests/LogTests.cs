using System.Text;

namespace ClusterTools.Engines.Tests;

public sealed class LogTests : IDisposable
{
    private static readonly VoteTable Three = TestNode.Votes("a", "b", "c");
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_single_node_forms_a_view_and_sees_its_own_entries()
    {
        await using TestNode a = new(folder.Path, "a", 1, TestNode.Votes("a"));
        ViewChanged view = await a.WaitForViewAsync(ViewQuorum.Quorate, new Member("a", 1));
        Assert.Equal((1, 1, false), (view.Index, view.Epoch, view.Continuous));
        Assert.Equal(2, await a.ProposeAsync("one"));
        Committed entry = await a.WaitForTextAsync("one");
        Assert.Equal((2, 1, new Member("a", 1)), (entry.Index, entry.Epoch, entry.Origin));
        Assert.True(await a.Engine.ConfirmAsync(CancellationToken.None));
        Assert.NotEqual(0, a.Engine.LastConfirmed);
    }

    [Fact]
    public async Task The_first_event_is_an_empty_snapshot()
    {
        await using TestNode a = new(folder.Path, "a", 1, TestNode.Votes("a"));
        await a.WaitForViewAsync(ViewQuorum.Quorate, new Member("a", 1));
        SnapshotDelivered snapshot = Assert.IsType<SnapshotDelivered>(a.Events[0]);
        Assert.Equal((0, 0, 0), (snapshot.Index, snapshot.Epoch, snapshot.State.Length));
    }

    [Fact]
    public async Task Nodes_that_start_together_form_one_view()
    {
        await using TestNode a = new(folder.Path, "a", 1, Three, token: 60_000);
        await using TestNode b = new(folder.Path, "b", 1, Three, token: 60_000);
        await using TestNode c = new(folder.Path, "c", 1, Three, token: 60_000);
        Member[] all = [new("a", 1), new("b", 1), new("c", 1)];
        ViewChanged view = await a.WaitForViewAsync(ViewQuorum.Quorate, all);
        Assert.Equal(1, view.Index);
        Assert.Equal(1, view.Epoch);
    }

    [Fact]
    public async Task All_nodes_see_the_same_entries_in_the_same_order_without_a_gap()
    {
        const int Each = 200;
        TestNode[] nodes = [.. Three.Votes.Keys.Select(node => new TestNode(folder.Path, node, 1, Three))];
        try
        {
            Member[] all = [new("a", 1), new("b", 1), new("c", 1)];
            await Task.WhenAll(nodes.Select(node => node.WaitForViewAsync(ViewQuorum.Quorate, all)));
            long[][] indexes = await Task.WhenAll(nodes.Select(node => Task.WhenAll(
                Enumerable.Range(0, Each).Select(number => node.ProposeAsync($"{node.Engine.Self.Node}{number}")))));
            long last = indexes.SelectMany(index => index).Max();
            Assert.Equal(nodes.Length * Each, indexes.SelectMany(index => index).Distinct().Count());
            await Task.WhenAll(nodes.Select(node => node.WaitAsync<Committed>(entry => entry.Index == last)));

            string[] expected = [.. nodes[0].Texts];
            Assert.Equal(nodes.Length * Each, expected.Length);
            foreach (TestNode node in nodes)
            {
                Assert.Equal(expected, node.Texts);
                long[] logged =
                    [.. node.Events.Where(one => one is Committed or ViewChanged { Quorum: ViewQuorum.Quorate }).Select(one => one.Index)];
                Assert.Equal(Enumerable.Range(1, logged.Length).Select(index => (long)index), logged);
            }

            // Each node's own come in the order of their indexes, as its callers were told.
            foreach ((TestNode node, long[] own) in nodes.Zip(indexes))
            {
                foreach ((long index, int number) in own.Select((index, number) => (index, number)))
                {
                    Committed entry = (Committed)node.Events.Single(one => one is Committed && one.Index == index);
                    Assert.Equal($"{node.Engine.Self.Node}{number}", Encoding.UTF8.GetString(entry.Payload.Span));
                }
            }
        }
        finally
        {
            await Task.WhenAll(nodes.Select(node => node.DisposeAsync().AsTask()));
        }
    }

    [Fact]
    public async Task A_joiner_starts_from_the_snapshot_and_sees_all_that_follows()
    {
        await using TestNode a = new(folder.Path, "a", 1, new VoteTable(Three.Votes, 1, TwoNode: false), logMargin: 5);
        await a.WaitForViewAsync(ViewQuorum.Quorate, new Member("a", 1));
        long last = 0;
        for (int number = 0; number < 30; number++)
        {
            last = await a.ProposeAsync($"{number}");
        }

        await a.WaitAsync<Committed>(entry => entry.Index == last);
        await a.Engine.OfferSnapshotAsync(20, "state"u8.ToArray(), CancellationToken.None);
        Assert.Equal(16, FirstRow());

        await using TestNode b = new(folder.Path, "b", 1, Three);
        ViewChanged admitted = await b.WaitForViewAsync(ViewQuorum.Quorate, new Member("a", 1), new Member("b", 1));
        SnapshotDelivered snapshot = Assert.IsType<SnapshotDelivered>(b.Events[0]);
        Assert.Equal((20, 1, "state"), (snapshot.Index, snapshot.Epoch, Encoding.UTF8.GetString(snapshot.State.Span)));
        Assert.Equal(
            Enumerable.Range(21, (int)admitted.Index - 20).Select(index => (long)index),
            b.Events.Skip(1).Select(one => one.Index));
        Assert.True(admitted.Continuous);
        await b.ProposeAsync("from b");
        await a.WaitForTextAsync("from b");
    }

    [Fact]
    public async Task Rows_that_the_older_snapshot_needs_are_kept()
    {
        await using TestNode a = new(folder.Path, "a", 1, TestNode.Votes("a"), logMargin: 5);
        await a.WaitForViewAsync(ViewQuorum.Quorate, new Member("a", 1));
        long last = 0;
        for (int number = 0; number < 30; number++)
        {
            last = await a.ProposeAsync($"{number}");
        }

        await a.WaitAsync<Committed>(entry => entry.Index == last);
        await a.Engine.OfferSnapshotAsync(10, "older"u8.ToArray(), CancellationToken.None);
        await a.Engine.OfferSnapshotAsync(28, "newer"u8.ToArray(), CancellationToken.None);
        Assert.Equal(11, FirstRow());
    }

    [Fact]
    public async Task A_snapshot_of_what_was_not_handled_yet_is_refused()
    {
        await using TestNode a = new(folder.Path, "a", 1, TestNode.Votes("a"));
        await a.WaitForViewAsync(ViewQuorum.Quorate, new Member("a", 1));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => a.Engine.OfferSnapshotAsync(100, new byte[1], CancellationToken.None));
    }

    [Fact]
    public async Task Rows_that_a_slow_member_has_not_read_are_kept()
    {
        TaskCompletionSource release = new(TaskCreationOptions.RunContinuationsAsynchronously);
        VoteTable two = new(TestNode.Votes("a", "b").Votes, 1, TwoNode: false);
        await using TestNode a = new(folder.Path, "a", 1, two, logMargin: 0);
        await a.WaitForViewAsync(ViewQuorum.Quorate, new Member("a", 1));
        await using TestNode b = new(
            folder.Path, "b", 1, two, handle: (_, happening) =>
            happening is Committed ? release.Task : Task.CompletedTask, consumerLimit: 120_000);
        await b.WaitForViewAsync(ViewQuorum.Quorate, new Member("a", 1), new Member("b", 1));
        await a.ProposeAsync("holds b up");
        Committed holding = await b.WaitForTextAsync("holds b up");
        long last = 0;
        for (int number = 0; number < 300; number++)
        {
            last = await a.ProposeAsync($"{number}");
        }

        await a.WaitAsync<Committed>(entry => entry.Index == last);
        await a.Engine.OfferSnapshotAsync(last, "state"u8.ToArray(), CancellationToken.None);
        Assert.Equal(holding.Index, FirstRow());
        release.SetResult();
        await b.WaitAsync<Committed>(entry => entry.Index == last);
        Assert.Equal(a.Texts, b.Texts);
    }

    [Fact]
    public async Task Of_two_snapshots_the_newer_stays()
    {
        await using TestNode a = new(folder.Path, "a", 1, TestNode.Votes("a"));
        await a.WaitForViewAsync(ViewQuorum.Quorate, new Member("a", 1));
        long last = await a.ProposeAsync("x");
        await a.WaitAsync<Committed>(entry => entry.Index == last);
        await a.Engine.OfferSnapshotAsync(2, "new"u8.ToArray(), CancellationToken.None);
        await a.Engine.OfferSnapshotAsync(1, "old"u8.ToArray(), CancellationToken.None);
        await a.CrashAsync();
        await using TestNode again = new(folder.Path, "a", 2, TestNode.Votes("a"));
        SnapshotDelivered snapshot = await again.WaitAsync<SnapshotDelivered>();
        Assert.Equal("new", Encoding.UTF8.GetString(snapshot.State.Span));
    }

    [Fact]
    public async Task The_largest_payload_goes_through_and_a_larger_one_is_refused()
    {
        await using TestNode a = new(folder.Path, "a", 1, TestNode.Votes("a"));
        await a.WaitForViewAsync(ViewQuorum.Quorate, new Member("a", 1));
        byte[] payload = new byte[EngineLimits.MaxPayload];
        new Random(1).NextBytes(payload);
        long index = await a.Engine.ProposeAsync(payload, CancellationToken.None);
        Committed entry = await a.WaitAsync<Committed>(one => one.Index == index);
        Assert.True(entry.Payload.Span.SequenceEqual(payload));
        await Assert.ThrowsAsync<ArgumentException>(
            () => a.Engine.ProposeAsync(new byte[EngineLimits.MaxPayload + 1], CancellationToken.None));
    }

    [Fact]
    public async Task A_proposal_before_quorum_is_refused()
    {
        await using TestNode a = new(folder.Path, "a", 1, Three);
        await Assert.ThrowsAsync<NotQuorateException>(() => a.ProposeAsync("too early"));
        ViewChanged view = await a.WaitForViewAsync(ViewQuorum.NotQuorate, new Member("a", 1));
        Assert.Equal(0, view.Index);
        await Assert.ThrowsAsync<NotQuorateException>(() => a.ProposeAsync("still alone"));
    }

    [Fact]
    public async Task A_cold_start_continues_the_log()
    {
        Member[] first = [new("a", 1), new("b", 1), new("c", 1)];
        long last;
        long epoch;
        {
            await using TestNode a = new(folder.Path, "a", 1, Three, token: 1000);
            await using TestNode b = new(folder.Path, "b", 1, Three, token: 1000);
            await using TestNode c = new(folder.Path, "c", 1, Three, token: 1000);
            epoch = (await a.WaitForViewAsync(ViewQuorum.Quorate, first)).Epoch;
            last = await a.ProposeAsync("before");
        }

        await using TestNode again = new(folder.Path, "a", 2, Three, token: 1000);
        await again.WaitForViewAsync(ViewQuorum.NotQuorate, new Member("a", 2));
        await using TestNode other = new(folder.Path, "c", 2, Three, token: 1000);
        ViewChanged view = await again.WaitForViewAsync(ViewQuorum.Quorate, new Member("a", 2), new Member("c", 2));
        Assert.Equal((last + 1, epoch + 1, false), (view.Index, view.Epoch, view.Continuous));
        Assert.Equal(["a", "b", "c"], again.Missing(view));
        Assert.Equal(["before"], again.Texts);
        Assert.Equal(view.Index + 1, await other.ProposeAsync("after"));
    }

    private long FirstRow()
    {
        using Microsoft.Data.Sqlite.SqliteConnection connection =
            new($"Data Source={System.IO.Path.Combine(folder.Path, "log.db")};Pooling=False");
        connection.Open();
        using Microsoft.Data.Sqlite.SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT min(idx) FROM log";
        return (long)command.ExecuteScalar()!;
    }
}
