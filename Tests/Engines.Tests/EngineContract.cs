using System.Text;
using ClusterTools.Voting;

namespace ClusterTools.Engines.Tests;

/// <summary>
/// The six promises of the engine contract, as far as they can be tried where nodes are only started, hung and killed; each engine has one
/// class that says how it is made.
/// </summary>
public abstract class EngineContract
{
    private static readonly VoteTable Three = TestNode.Votes("a", "b", "c");

    private static readonly Member[] All = [new("a", 1), new("b", 1), new("c", 1)];

    /// <summary>An engine of the cluster that this test plays.</summary>
    /// <param name="setup">The life.</param>
    /// <param name="isImpatient">A consumer that hangs is given up as soon as it may be, and else not while a test lasts.</param>
    protected abstract IClusterEngine Create(EngineSetup setup, bool isImpatient);

    [Fact]
    public async Task Promise_1_what_is_committed_every_member_has_at_the_same_index()
    {
        await using TestNode a = Start("a");
        await using TestNode b = Start("b");
        await using TestNode c = Start("c");
        await Task.WhenAll(a.WaitForViewAsync(ViewQuorum.Quorate, All), b.WaitForViewAsync(ViewQuorum.Quorate, All));
        long index = await b.ProposeAsync("kept");
        Committed[] kept = await Task.WhenAll(a.WaitForTextAsync("kept"), b.WaitForTextAsync("kept"), c.WaitForTextAsync("kept"));
        Assert.All(kept, entry => Assert.Equal((index, new Member("b", 1)), (entry.Index, entry.Origin)));
    }

    [Fact]
    public async Task Promise_1_every_member_offers_its_snapshot_and_who_joins_begins_with_it()
    {
        await using TestNode a = Start("a");
        await using TestNode b = Start("b");
        await a.WaitForViewAsync(ViewQuorum.Quorate, All[..2]);
        await a.ProposeAsync("in the snapshot");
        Committed last = await b.WaitForTextAsync("in the snapshot");
        await a.WaitForTextAsync("in the snapshot");
        await a.Engine.OfferSnapshotAsync(last.Index, "state"u8.ToArray(), CancellationToken.None);
        await b.Engine.OfferSnapshotAsync(last.Index, "state"u8.ToArray(), CancellationToken.None);
        await a.ProposeAsync("after it");
        await using TestNode c = Start("c");
        await c.WaitForViewAsync(ViewQuorum.Quorate, All);
        SnapshotDelivered snapshot = Assert.IsType<SnapshotDelivered>(c.Events[0]);
        Assert.Equal((last.Index, last.Epoch, "state"), (snapshot.Index, snapshot.Epoch, Encoding.UTF8.GetString(snapshot.State.Span)));
        Assert.Equal(["after it"], c.Texts);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => a.Engine.OfferSnapshotAsync(last.Index + 1000, "of the future"u8.ToArray(), CancellationToken.None));
    }

    [Fact]
    public async Task Promise_2_a_view_carries_the_votes_that_were_counted()
    {
        await using TestNode a = Start("a");
        Assert.Equal(new VoteCount(1, 3), (await a.WaitForViewAsync(ViewQuorum.NotQuorate, new Member("a", 1))).Votes);
        await using TestNode b = Start("b");
        Assert.Equal(new VoteCount(2, 3), (await a.WaitForViewAsync(ViewQuorum.Quorate, All[..2])).Votes);
        await a.ProposeAsync("more", new VoteTable(new Dictionary<string, int> { ["a"] = 3, ["b"] = 2, ["c"] = 0 }, 5, TwoNode: false));
        await using TestNode c = Start("c");
        Assert.Equal(new VoteCount(5, 5), (await b.WaitForViewAsync(ViewQuorum.Quorate, All)).Votes);
    }

    [Fact]
    public async Task Promise_2_one_of_two_is_contested_until_it_opens_an_epoch_against_the_arithmetic()
    {
        VoteTable two = TestNode.Votes("a", "b");
        await using TestNode a = Start("a", votes: two);
        await using TestNode b = Start("b", votes: two);
        await a.WaitForViewAsync(ViewQuorum.Quorate, All[..2]);
        await b.CrashAsync();
        ViewChanged contested = await a.WaitForViewAsync(ViewQuorum.Contested, new Member("a", 1));
        await Assert.ThrowsAsync<NotQuorateException>(() => a.ProposeAsync("contested"));
        long index = await a.OpenAsync("b is off");
        Committed first = await a.WaitForTextAsync("b is off");
        ViewChanged alone = await a.WaitForViewAsync(ViewQuorum.Quorate, new Member("a", 1));
        Assert.Equal((index, alone.Index + 1, alone.Epoch), (first.Index, first.Index, first.Epoch));
        Assert.True(alone.Epoch > contested.Epoch && alone.Continuous);
        Assert.Equal((new VoteCount(1, 2), false), (alone.Votes, alone.Votes!.IsMajority));
        await using TestNode again = Start("b", 2, votes: two);
        ViewChanged whole = await a.WaitForViewAsync(ViewQuorum.Quorate, new("a", 1), new("b", 2));
        Assert.Equal(new VoteCount(2, 2), whole.Votes);
    }

    [Fact]
    public async Task Promise_2_only_a_majority_commits_and_votes_change_under_the_old_and_the_new_one()
    {
        await using TestNode a = Start("a");
        await a.WaitForViewAsync(ViewQuorum.NotQuorate, new Member("a", 1));
        await Assert.ThrowsAsync<NotQuorateException>(() => a.ProposeAsync("alone"));
        await using TestNode b = Start("b");
        await a.WaitForViewAsync(ViewQuorum.Quorate, All[..2]);
        await Assert.ThrowsAsync<VotesRefusedException>(() => a.ProposeAsync("five at once", TestNode.Votes("a", "b", "c", "d", "e")));
        await a.ProposeAsync("a decides",
            new VoteTable(new Dictionary<string, int> { ["a"] = 3, ["b"] = 1, ["c"] = 1 }, 5, TwoNode: false));
        await b.CrashAsync();
        await a.WaitForViewAsync(ViewQuorum.Quorate, new Member("a", 1));
        await a.ProposeAsync("by its new votes");
        await a.WaitForTextAsync("by its new votes");
        Assert.Equal(["a decides", "by its new votes"], a.Texts);
    }

    [Fact]
    public async Task Promise_2_who_has_no_vote_any_more_forms_nothing_and_the_others_survive_the_next_loss()
    {
        VoteTable four = TestNode.Votes("a", "b", "c", "d");
        await using (TestNode a = Start("a", votes: four))
        {
            await using TestNode b = Start("b", votes: four);
            await using TestNode c = Start("c", votes: four);
            await using TestNode d = Start("d", votes: four);
            await a.WaitForViewAsync(ViewQuorum.Quorate, [.. All, new("d", 1)]);
            await d.CrashAsync();
            await a.WaitForLossOfAsync("d");
            await a.ProposeAsync(
                "without d", new VoteTable(new Dictionary<string, int> { ["a"] = 1, ["b"] = 1, ["c"] = 1, ["d"] = 0 }, 3, TwoNode: false));
            await c.WaitForTextAsync("without d");
            await c.CrashAsync();
            // Two of four were none.
            await a.WaitForLossOfAsync("c");
            await a.ProposeAsync("two of three");
            await b.WaitForTextAsync("two of three");
        }

        await using TestNode lone = Start("d", 2, votes: four);
        await using TestNode other = Start("c", 2, votes: four);
        await other.WaitAsync<ViewChanged>(view => view.Quorum == ViewQuorum.NotQuorate);
        await Assert.ThrowsAsync<NotQuorateException>(() => other.ProposeAsync("one of three"));
        await using TestNode third = Start("b", 2, votes: four);
        await third.WaitForTextAsync("two of three");
        await other.WaitForTextAsync("two of three");
        // The views before the cold start are in the log, too.
        Assert.All(
            other.Events.Concat(lone.Events).OfType<ViewChanged>().Where(
                view => view.Quorum == ViewQuorum.Quorate && view.Members.Any(member => member.Incarnation == 2)),
            view => Assert.Contains(new Member("b", 2), view.Members));
    }

    [Fact]
    public async Task Promise_2_who_is_forced_to_go_on_without_a_vote_can_be_given_one()
    {
        await using TestNode c = Start("c");
        await using (TestNode a = Start("a"))
        {
            await using TestNode b = Start("b");
            await c.WaitForViewAsync(ViewQuorum.Quorate, All);
            await a.ProposeAsync(
                "without c", new VoteTable(new Dictionary<string, int> { ["a"] = 1, ["b"] = 1, ["c"] = 0 }, 2, TwoNode: false));
            await c.WaitForTextAsync("without c");
            await Task.WhenAll(a.CrashAsync(), b.CrashAsync());
        }

        // Not the view in which one of the two is lost and the other is not yet: its loss would end the epoch that is forced now.
        await c.WaitAsync<ViewChanged>(
            view => view.Quorum == ViewQuorum.NotQuorate && view.Epoch > 0 && view.Members.SequenceEqual([new("c", 1)]));
        await c.OpenAsync("a and b are gone");
        await c.WaitForTextAsync("a and b are gone");
        await c.ProposeAsync("c decides", Three);
        await using TestNode again = Start("a", 2);
        await c.WaitForViewAsync(ViewQuorum.Quorate, new("a", 2), new("c", 1));
        await again.WaitForTextAsync("c decides");
    }

    [Fact]
    public async Task Promise_3_every_quorate_view_opens_a_higher_epoch_and_a_cold_start_goes_on_from_the_last()
    {
        long last;
        await using (TestNode a = Start("a"))
        {
            await using TestNode b = Start("b");
            await a.WaitForViewAsync(ViewQuorum.Quorate, All[..2]);
            await using TestNode c = Start("c");
            await a.WaitForViewAsync(ViewQuorum.Quorate, All);
            await c.CrashAsync();
            await a.WaitForLossOfAsync("c");
            long[] epochs = [.. a.Events.OfType<ViewChanged>().Where(v => v.Quorum == ViewQuorum.Quorate).Select(v => v.Epoch)];
            Assert.Equal(epochs.Distinct().Order(), epochs);
            Assert.True(epochs.Length >= 3);
            last = epochs[^1];
            await a.ProposeAsync("before the cold start");
        }

        await using TestNode again = Start("a", 2);
        await using TestNode other = Start("b", 2);
        ViewChanged formed = await again.WaitForViewAsync(ViewQuorum.Quorate, new("a", 2), new("b", 2));
        Assert.True(formed.Epoch > last);
        Assert.False(formed.Continuous);
        await other.WaitForTextAsync("before the cold start");
    }

    [Fact]
    public async Task Promise_4_a_member_that_does_not_acknowledge_is_expelled_by_the_others()
    {
        TaskCompletionSource release = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestNode a = Start("a");
        await using TestNode b = Start("b");
        await using TestNode c = Start(
            "c", handle: (_, happening) => happening is Committed ? release.Task : Task.CompletedTask, isImpatient: true);
        await a.WaitForViewAsync(ViewQuorum.Quorate, All);
        await a.ProposeAsync("c hangs on this");
        await a.WaitForLossOfAsync("c");
        await b.ProposeAsync("goes on");
        release.SetResult();
        await c.WaitAsync<Expelled>();
        await Assert.ThrowsAsync<NotQuorateException>(() => c.ProposeAsync("too late"));
        Assert.False(await c.Engine.ConfirmAsync(CancellationToken.None));
        Assert.True(await a.Engine.ConfirmAsync(CancellationToken.None));
        Assert.IsType<Expelled>(c.Events[^1]);
    }

    [Fact]
    public async Task Promise_4_since_when_a_lost_member_is_silent_is_told_by_this_machine_s_clock()
    {
        long begun = BootClock.Now;
        await using TestNode a = Start("a");
        await using TestNode b = Start("b");
        await using TestNode c = Start("c");
        await a.WaitForViewAsync(ViewQuorum.Quorate, All);
        await c.CrashAsync();
        long crashed = BootClock.Now;
        await a.WaitForLossOfAsync("c");
        Assert.InRange(a.Engine.LastHeard(All[2]) ?? 0, begun, crashed);
        Assert.True(a.Engine.LastHeard(All[1]) >= begun);
        Assert.Null(a.Engine.LastHeard(new Member("c", 2)));
    }

    [Fact]
    public async Task Promise_5_views_and_entries_come_in_one_order_without_a_gap()
    {
        await using TestNode a = Start("a");
        await using TestNode b = Start("b");
        await a.WaitForViewAsync(ViewQuorum.Quorate, All[..2]);
        await Task.WhenAll(Enumerable.Range(0, 20).SelectMany(i => new[] { a.ProposeAsync($"a{i}"), b.ProposeAsync($"b{i}") }));
        await using TestNode c = Start("c");
        await Task.WhenAll(a.WaitForViewAsync(ViewQuorum.Quorate, All), b.WaitForViewAsync(ViewQuorum.Quorate, All));
        await c.ProposeAsync("last");
        await Task.WhenAll(a.WaitForTextAsync("last"), b.WaitForTextAsync("last"), c.WaitForTextAsync("last"));
        string[] seen = [.. Logged(a)];
        Assert.Equal(seen, Logged(b));
        // A joiner starts from a snapshot, and misses nothing after it.
        SnapshotDelivered start = Assert.IsType<SnapshotDelivered>(c.Events[0]);
        Assert.Equal(start.Index + 1, c.Events.First(IsLogged).Index);
        Assert.Equal(seen[^Logged(c).Count()..], Logged(c));
        long[] indices = [.. a.Events.Where(IsLogged).Select(e => e.Index)];
        Assert.Equal(Enumerable.Range(0, indices.Length).Select(i => indices[0] + i), indices);
    }

    [Fact]
    public async Task Promise_6_who_leaves_is_out_at_once_and_is_not_told_that_it_is_lost()
    {
        await using TestNode a = Start("a");
        await using TestNode b = Start("b");
        await using TestNode c = Start("c");
        await Task.WhenAll(a.WaitForViewAsync(ViewQuorum.Quorate, All), c.WaitForViewAsync(ViewQuorum.Quorate, All));
        await c.Engine.LeaveAsync(CancellationToken.None).WaitAsync(TestNode.Limit);
        await c.Running.WaitAsync(TestNode.Limit);
        Assert.IsNotType<Expelled>(c.Events[^1]);
        ViewChanged left = await a.WaitForLossOfAsync("c");
        Assert.Equal((ViewQuorum.Quorate, true), (left.Quorum, left.Continuous));
    }

    [Fact]
    public async Task Promise_6_a_new_life_is_first_the_loss_of_the_old_and_who_is_fenced_is_not_readmitted()
    {
        await using TestNode a = Start("a", handle: BarCAtItsLoss);
        await using TestNode b = Start("b", handle: BarCAtItsLoss);
        await using (TestNode c = Start("c"))
        {
            await a.WaitForViewAsync(ViewQuorum.Quorate, All);
        }

        await using TestNode again = Start("c", 2);
        ViewChanged loss = await a.WaitForLossOfAsync("c");
        await a.ProposeAsync("c is still out");
        await a.ProposeAsync("fenced");
        ViewChanged back = await again.WaitForViewAsync(ViewQuorum.Quorate, new("a", 1), new("b", 1), new("c", 2));
        Assert.True(loss.Index < (await a.WaitForTextAsync("c is still out")).Index);
        Assert.True(back.Index > (await a.WaitForTextAsync("fenced")).Index);

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

    private static bool IsLogged(EngineEvent happening) => happening is Committed or ViewChanged { Quorum: ViewQuorum.Quorate };

    private static IEnumerable<string> Logged(TestNode node) => node.Events.Where(IsLogged).Select(e => e is Committed entry
        ? $"{entry.Index} {entry.Epoch} {Encoding.UTF8.GetString(entry.Payload.Span)}"
        : TestNode.Describe(e));

    private protected TestNode Start(
        string node, long incarnation = 1, Func<TestNode, EngineEvent, Task>? handle = null, bool isImpatient = false,
        VoteTable? votes = null) =>
        new(
            Create(
                new EngineSetup
                {
                    Self = new Member(node, incarnation),
                    Votes = votes ?? Three,
                    AcceptAnyLog = false,
                    MayBeNew = true,
                    Log = text => TestContext.Current.TestOutputHelper?.WriteLine($"{BootClock.Now} {node}:{incarnation} {text}"),
                },
                isImpatient),
            handle);
}
