namespace ClusterTools.Engines.Tests;

public sealed class MembershipTests : IDisposable
{
    private const int Token = 1000;

    // Longer than a test may take, so that nothing here can come of a token that is up.
    private const int LongToken = 60_000;
    private static readonly VoteTable Two = TestNode.Votes("a", "b");
    private static readonly VoteTable Three = TestNode.Votes("a", "b", "c");
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_silent_member_is_declared_lost_and_the_rest_goes_on()
    {
        await using TestNode a = new(folder.Path, "a", 1, Three, Token);
        await using TestNode b = new(folder.Path, "b", 1, Three, Token);
        await using TestNode c = new(folder.Path, "c", 1, Three, Token);
        ViewChanged whole = await a.WaitForViewAsync(ViewQuorum.Quorate, new("a", 1), new("b", 1), new("c", 1));
        await c.CrashAsync();
        long crashed = BootClock.Now;
        ViewChanged view = await a.WaitForLossOfAsync("c");
        Assert.Equal([new("a", 1), new("b", 1)], view.Members);
        Assert.Equal(whole.Epoch + 1, view.Epoch);
        Assert.True(view.Continuous);
        Assert.InRange(a.Engine.LastHeard(new("c", 1)) ?? 0, crashed - Token, crashed);
        Assert.Null(a.Engine.LastHeard(new("c", 2)));
        Assert.Equal(view.Index, (await b.WaitForLossOfAsync("c")).Index);
        await b.ProposeAsync("goes on");
        await a.WaitForTextAsync("goes on");
    }

    [Fact]
    public async Task Without_a_majority_nothing_is_committed_and_the_return_is_not_continuous()
    {
        await using TestNode a = new(folder.Path, "a", 1, Three, Token);
        await using TestNode b = new(folder.Path, "b", 1, Three, Token);
        ViewChanged whole = await a.WaitForViewAsync(ViewQuorum.Quorate, new("a", 1), new("b", 1));
        await b.CrashAsync();
        ViewChanged alone = await a.WaitForLossOfAsync("b");
        Assert.Equal(ViewQuorum.NotQuorate, alone.Quorum);
        Assert.Equal((whole.Index, whole.Epoch), (alone.Index, alone.Epoch));
        await Assert.ThrowsAsync<NotQuorateException>(() => a.ProposeAsync("alone"));
        Assert.True(await a.Engine.ConfirmAsync(CancellationToken.None));

        await using TestNode again = new(folder.Path, "b", 2, Three, Token);
        ViewChanged view = await a.WaitForViewAsync(ViewQuorum.Quorate, new("a", 1), new("b", 2));
        Assert.False(view.Continuous);
        Assert.True(view.Epoch > whole.Epoch);
        Assert.DoesNotContain("alone", a.Texts);
        await again.ProposeAsync("together");
    }

    [Fact]
    public async Task A_greater_incarnation_is_first_the_loss_of_the_old_one()
    {
        await using TestNode a = new(folder.Path, "a", 1, Three, token: 5000);
        await using TestNode b = new(folder.Path, "b", 1, Three, token: 5000);
        await using TestNode c = new(folder.Path, "c", 1, Three, token: 5000);
        ViewChanged whole = await a.WaitForViewAsync(ViewQuorum.Quorate, new("a", 1), new("b", 1), new("c", 1));
        await using TestNode later = new(folder.Path, "c", 2, Three, token: 5000);
        ViewChanged view = await a.WaitForViewAsync(ViewQuorum.Quorate, new("a", 1), new("b", 1), new("c", 2));
        ViewChanged without = Assert.Single(a.Events.OfType<ViewChanged>(), one => one.Index == view.Index - 1);
        Assert.Equal([new("a", 1), new("b", 1)], without.Members);
        Assert.True(without.Index > whole.Index);

        Expelled expelled = await c.WaitAsync<Expelled>();
        Assert.Contains("later daemon of c", expelled.Reason, StringComparison.Ordinal);
        await c.Running.WaitAsync(TestNode.Limit);
        Assert.Same(expelled, c.Events[^1]);
        await Assert.ThrowsAsync<NotQuorateException>(() => c.ProposeAsync("from the grave"));
        Assert.False(await c.Engine.ConfirmAsync(CancellationToken.None));
        await later.ProposeAsync("from the new life");
    }

    [Fact]
    public async Task An_incarnation_that_is_not_greater_is_refused()
    {
        VoteTable one = TestNode.Votes("a");
        await using (TestNode a = new(folder.Path, "a", 5, one, Token))
        {
            await a.WaitForViewAsync(ViewQuorum.Quorate, new Member("a", 5));
        }

        await using TestNode same = new(folder.Path, "a", 5, one, Token);
        InvalidOperationException error = await Assert.ThrowsAsync<InvalidOperationException>(() => same.Running.WaitAsync(TestNode.Limit));
        Assert.Contains("started later than", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_leaver_is_out_of_the_view_before_its_token_is_up()
    {
        await using TestNode a = new(folder.Path, "a", 1, Three, LongToken);
        await using TestNode b = new(folder.Path, "b", 1, Three, LongToken);
        await using TestNode c = new(folder.Path, "c", 1, Three, LongToken);
        await a.WaitForViewAsync(ViewQuorum.Quorate, new("a", 1), new("b", 1), new("c", 1));
        await c.Engine.LeaveAsync(CancellationToken.None);
        ViewChanged view = await a.WaitForLossOfAsync("c");
        Assert.Equal([new("a", 1), new("b", 1)], view.Members);
        await c.Running.WaitAsync(TestNode.Limit);
        Assert.DoesNotContain(c.Events, one => one is Expelled);
        await Assert.ThrowsAsync<NotQuorateException>(() => c.ProposeAsync("gone"));
        await c.Engine.LeaveAsync(CancellationToken.None);
    }

    [Fact]
    public async Task One_of_two_is_contested_until_an_epoch_is_opened()
    {
        await using TestNode a = new(folder.Path, "a", 1, Two, Token);
        await using TestNode b = new(folder.Path, "b", 1, Two, Token);
        ViewChanged whole = await a.WaitForViewAsync(ViewQuorum.Quorate, new("a", 1), new("b", 1));
        await b.CrashAsync();
        ViewChanged contested = await a.WaitForViewAsync(ViewQuorum.Contested, new Member("a", 1));
        Assert.Equal(whole.Epoch, contested.Epoch);
        await Assert.ThrowsAsync<NotQuorateException>(() => a.ProposeAsync("contested"));

        long index = await a.OpenAsync("fenced b");
        Committed opening = await a.WaitForTextAsync("fenced b");
        ViewChanged view = await a.WaitForViewAsync(ViewQuorum.Quorate, new Member("a", 1));
        Assert.Equal((index, whole.Epoch + 1), (opening.Index, opening.Epoch));
        Assert.Equal((index - 1, opening.Epoch), (view.Index, view.Epoch));
        Assert.True(view.Continuous);
        await a.ProposeAsync("alone and quorate");

        await using TestNode again = new(folder.Path, "b", 2, Two, Token);
        await a.WaitForViewAsync(ViewQuorum.Quorate, new("a", 1), new("b", 2));
        await again.WaitForTextAsync("alone and quorate");
    }

    [Fact]
    public async Task One_of_two_restarted_alone_waits_for_its_peer()
    {
        {
            await using TestNode first = new(folder.Path, "a", 1, Two, Token);
            await using TestNode peer = new(folder.Path, "b", 1, Two, Token);
            await first.WaitForViewAsync(ViewQuorum.Quorate, new("a", 1), new("b", 1));
        }

        await using TestNode a = new(folder.Path, "a", 2, Two, Token);
        await a.WaitForViewAsync(ViewQuorum.NotQuorate, new Member("a", 2));
        await Assert.ThrowsAsync<NotQuorateException>(() => a.ProposeAsync("alone"));
        await using TestNode b = new(folder.Path, "b", 2, Two, Token);
        ViewChanged view = await a.WaitForViewAsync(ViewQuorum.Quorate, new("a", 2), new("b", 2));
        Assert.False(view.Continuous);
        Assert.DoesNotContain(a.Events.OfType<ViewChanged>(), one => one.Quorum == ViewQuorum.Contested);
    }

    [Fact]
    public async Task An_opened_epoch_bars_the_absent_from_forming_without_its_line()
    {
        {
            await using TestNode first = new(folder.Path, "a", 1, Three, Token);
            await first.WaitForViewAsync(ViewQuorum.NotQuorate, new Member("a", 1));
            await first.OpenAsync("forced");
            await first.WaitForTextAsync("forced");
            await first.ProposeAsync("alone by force");
        }

        await using TestNode b = new(folder.Path, "b", 1, Three, Token);
        await using TestNode c = new(folder.Path, "c", 1, Three, Token);
        await b.WaitForViewAsync(ViewQuorum.NotQuorate, new("b", 1), new("c", 1));
        await Assert.ThrowsAsync<NotQuorateException>(() => b.ProposeAsync("without a"));
        await using TestNode a = new(folder.Path, "a", 2, Three, Token);
        ViewChanged view = await b.WaitForViewAsync(ViewQuorum.Quorate, new("a", 2), new("b", 1), new("c", 1));
        Assert.False(view.Continuous);
        await c.WaitForTextAsync("alone by force");
    }

    [Fact]
    public async Task A_barred_node_is_admitted_only_when_it_is_barred_no_more()
    {
        await using TestNode a = new(folder.Path, "a", 1, Three, LongToken, BarCAtItsLoss);
        await using TestNode b = new(folder.Path, "b", 1, Three, LongToken, BarCAtItsLoss);
        TestNode c = new(folder.Path, "c", 1, Three, LongToken);
        await using (c)
        {
            await a.WaitForViewAsync(ViewQuorum.Quorate, new("a", 1), new("b", 1), new("c", 1));
            await c.Engine.LeaveAsync(CancellationToken.None);
        }

        await a.WaitForLossOfAsync("c");
        await using TestNode again = new(folder.Path, "c", 2, Three, LongToken);
        await again.WaitForViewAsync(ViewQuorum.Quorate, new("a", 1), new("b", 1));
        for (int number = 0; number < 20; number++)
        {
            await a.ProposeAsync($"c is still out {number}");
        }

        // The joiner reads along; while it is barred nobody lets it in.
        await again.WaitForTextAsync("c is still out 19");
        Assert.DoesNotContain(again.Events.OfType<ViewChanged>(), view => view.Members.Contains(new Member("c", 2)));
        await a.ProposeAsync("fenced");
        ViewChanged view = await again.WaitForViewAsync(ViewQuorum.Quorate, new("a", 1), new("b", 1), new("c", 2));
        Assert.True(view.Index > (await a.WaitForTextAsync("fenced")).Index);

        static Task BarCAtItsLoss(TestNode node, EngineEvent happening)
        {
            if (happening is ViewChanged view && node.Missing(view).Contains("c"))
            {
                node.Engine.Bar(new HashSet<string> { "c" });
            }
            else if (happening is Committed entry && entry.Payload.Span.SequenceEqual("fenced"u8))
            {
                node.Engine.Bar(new HashSet<string>());
            }

            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Votes_change_only_under_both_majorities()
    {
        await using TestNode a = new(folder.Path, "a", 1, Three, Token);
        await using TestNode b = new(folder.Path, "b", 1, Three, Token);
        await a.WaitForViewAsync(ViewQuorum.Quorate, new("a", 1), new("b", 1));
        VoteTable five = TestNode.Votes("a", "b", "c", "d", "e");
        await Assert.ThrowsAsync<VotesRefusedException>(() => a.ProposeAsync("five at once", five));
        await a.ProposeAsync("one alone", new VoteTable(Three.Votes, 1, TwoNode: false));
        Assert.DoesNotContain("five at once", a.Texts);
        await b.CrashAsync();
        await a.WaitForViewAsync(ViewQuorum.Quorate, new Member("a", 1));
        await a.ProposeAsync("quorate alone by the new votes");
    }

    [Fact]
    public async Task A_node_without_an_entry_in_the_votes_is_not_admitted()
    {
        VoteTable one = TestNode.Votes("a");
        await using TestNode a = new(folder.Path, "a", 1, one, Token);
        await a.WaitForViewAsync(ViewQuorum.Quorate, new Member("a", 1));
        await using TestNode b = new(folder.Path, "b", 1, one, Token);
        await b.WaitForViewAsync(ViewQuorum.Quorate, new Member("a", 1));
        await a.ProposeAsync("b is added", new VoteTable(new Dictionary<string, int> { ["a"] = 1, ["b"] = 0 }, 1, TwoNode: false));
        ViewChanged view = await b.WaitForViewAsync(ViewQuorum.Quorate, new("a", 1), new("b", 1));
        Assert.True(view.Index > (await a.WaitForTextAsync("b is added")).Index);
    }

    [Fact]
    public async Task A_member_whose_consumer_hangs_is_expelled()
    {
        TaskCompletionSource release = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestNode a = new(folder.Path, "a", 1, Three, Token);
        await using TestNode b = new(folder.Path, "b", 1, Three, Token);
        await using TestNode c = new(
            folder.Path, "c", 1, Three, Token, (_, happening) =>
            happening is Committed ? release.Task : Task.CompletedTask, consumerLimit: 1000);
        await a.WaitForViewAsync(ViewQuorum.Quorate, new("a", 1), new("b", 1), new("c", 1));
        await a.ProposeAsync("c hangs on this");
        await a.WaitForLossOfAsync("c");
        release.SetResult();
        await c.WaitAsync<Expelled>();
        await Assert.ThrowsAsync<NotQuorateException>(() => c.ProposeAsync("too late"));
    }

    [Fact]
    public async Task The_threads_of_a_hung_member_end_with_its_life_though_its_consumer_never_comes_back()
    {
        // Names as the kernel cuts them.
        string[] names = ["observer hungon", "log writer hung", "heartbeat hungo"];
        TaskCompletionSource release = new(TaskCreationOptions.RunContinuationsAsynchronously);
        VoteTable votes = TestNode.Votes("a", "b", "hungone");
        await using TestNode a = new(folder.Path, "a", 1, votes);
        await using TestNode b = new(folder.Path, "b", 1, votes);
        await using TestNode c = new(
            folder.Path, "hungone", 1, votes, handle: (_, happening) =>
            happening is Committed ? release.Task : Task.CompletedTask, consumerLimit: 5000);
        try
        {
            await a.WaitForViewAsync(ViewQuorum.Quorate, new("a", 1), new("b", 1), new("hungone", 1));
            Assert.Equal(names.Order(), Threads().Intersect(names).Order());
            await a.ProposeAsync("it hangs on this");
            await a.WaitForLossOfAsync("hungone");
            for (long until = BootClock.Now + 60_000; Threads().Intersect(names).Any() && BootClock.Now < until;)
            {
                await Task.Delay(20);
            }

            Assert.Empty(Threads().Intersect(names));
            await Assert.ThrowsAsync<NotQuorateException>(() => c.ProposeAsync("too late"));
        }
        finally
        {
            release.SetResult();
        }

        await c.WaitAsync<Expelled>();

        static IEnumerable<string> Threads() =>
            Directory.EnumerateDirectories("/proc/self/task").Select(task => Path.Combine(task, "comm")).Where(File.Exists)
            .Select(comm => ReadName(comm));

        static string ReadName(string comm)
        {
            try
            {
                return File.ReadAllText(comm).TrimEnd('\n');
            }
            catch (IOException)
            {
                // It has ended meanwhile.
                return "";
            }
        }
    }

    [Fact]
    public async Task A_member_that_cannot_write_is_expelled()
    {
        const int DiskFull = 13;
        bool full = false;
        await using TestNode a = new(folder.Path, "a", 1, Three, Token);
        await using TestNode b = new(folder.Path, "b", 1, Three, Token);
        await using TestNode c = new(folder.Path, "c", 1, Three, Token, inTransaction: () =>
        {
            if (Volatile.Read(ref full))
            {
                throw new Microsoft.Data.Sqlite.SqliteException("disk full", DiskFull);
            }
        });
        await a.WaitForViewAsync(ViewQuorum.Quorate, new("a", 1), new("b", 1), new("c", 1));
        Volatile.Write(ref full, true);
        UnknownOutcomeException error = await Assert.ThrowsAsync<UnknownOutcomeException>(() => c.ProposeAsync("no room"));
        Assert.Contains("Make room", error.Message, StringComparison.Ordinal);
        await a.WaitForLossOfAsync("c");
        await c.WaitAsync<Expelled>();
        await a.ProposeAsync("room for others");
        Assert.DoesNotContain("no room", a.Texts);
    }

    [Fact]
    public async Task A_disk_that_takes_writes_again_in_time_costs_no_membership()
    {
        const int DiskFull = 13;
        int failures = 3;
        await using TestNode a = new(folder.Path, "a", 1, Three, LongToken);
        await using TestNode b = new(folder.Path, "b", 1, Three, LongToken, inTransaction: () =>
        {
            if (Volatile.Read(ref failures) < 3 && Interlocked.Increment(ref failures) <= 3)
            {
                throw new Microsoft.Data.Sqlite.SqliteException("disk full", DiskFull);
            }
        });
        await b.WaitAsync<ViewChanged>(view => view.Quorum == ViewQuorum.Quorate);
        Volatile.Write(ref failures, 2);
        await Assert.ThrowsAsync<UnknownOutcomeException>(() => b.ProposeAsync("fails"));
        await b.ProposeAsync("works again");
        await a.WaitForTextAsync("works again");
        Assert.DoesNotContain("fails", a.Texts);
    }

    [Fact]
    public async Task A_joiner_is_admitted_under_load()
    {
        VoteTable table = new(Three.Votes, 1, TwoNode: false);
        await using TestNode a = new(folder.Path, "a", 1, table, token: 5000);
        await a.WaitForViewAsync(ViewQuorum.Quorate, new Member("a", 1));
        using CancellationTokenSource enough = new();
        Task[] load = [.. Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            for (int number = 0; !enough.IsCancellationRequested; number++)
            {
                await a.ProposeAsync($"{worker}-{number}");
            }
        }))];
        await using TestNode b = new(folder.Path, "b", 1, table, token: 5000);
        await b.WaitForViewAsync(ViewQuorum.Quorate, new("a", 1), new("b", 1));
        await enough.CancelAsync();
        await Task.WhenAll(load);
        long last = await b.ProposeAsync("end");
        await b.WaitAsync<Committed>(entry => entry.Index == last);
        Assert.Equal(last, b.Events.Count(one => one is Committed or ViewChanged { Quorum: ViewQuorum.Quorate }));
    }
}
