using ClusterTools.Voting;

namespace ClusterTools.Engines.Tests;

/// <summary>
/// What the contract promises where the network between nodes can be cut and a disk be held up. An engine of one machine has none of these:
/// its nodes share the disk that is their network.
/// </summary>
public abstract class NetworkEngineContract : EngineContract
{
    protected static readonly VoteTable Four = TestNode.Votes("a", "b", "c", "d");

    protected static readonly Member[] All = [new("a", 1), new("b", 1), new("c", 1), new("d", 1)];

    /// <summary>From now on only the nodes of one side hear each other; no sides: all do.</summary>
    protected abstract void Cut(params string[][] sides);

    /// <summary>A node's disk takes nothing until it is let go.</summary>
    protected abstract void HoldDisk(string node, bool held);

    [Fact]
    public async Task Promise_1_what_is_not_on_every_member_s_disk_is_not_committed_and_becomes_what_the_side_that_goes_on_makes_of_it()
    {
        await using TestNode a = Start("a");
        await using TestNode b = Start("b");
        await using TestNode c = Start("c");
        await a.WaitForViewAsync(ViewQuorum.Quorate, All[..3]);
        await a.ProposeAsync("committed");
        Committed before = await a.WaitForTextAsync("committed");
        HoldDisk("b", held: true);
        HoldDisk("c", held: true);
        Task<long> mine = a.ProposeAsync("on one disk");
        Assert.False(mine.IsCompleted);
        Cut(["a"], ["b", "c"]);
        HoldDisk("b", held: false);
        HoldDisk("c", held: false);
        await Assert.ThrowsAsync<UnknownOutcomeException>(() => mine);
        await a.WaitAsync<ViewChanged>(view => view.Quorum == ViewQuorum.NotQuorate && view.Epoch == before.Epoch);
        await b.WaitForLossOfAsync("a");
        await b.ProposeAsync("goes on");
        Cut();
        await a.WaitAsync<Expelled>();
        await using TestNode again = Start("a", 2);
        await again.WaitForTextAsync("goes on");
        Assert.Equal(["committed"], a.Texts);
        // It may have reached the others before the cut; then it was not taken back.
        Assert.Equal(b.Texts, again.Texts);
        Assert.Equal(["committed", "goes on"], again.Texts.Where(text => text != "on one disk"));
    }

    [Fact]
    public async Task Promise_1_what_the_winning_side_has_on_disk_is_kept_though_its_proposer_does_not_know()
    {
        await using TestNode a = Start("a");
        await using TestNode b = Start("b");
        await using TestNode c = Start("c");
        await a.WaitForViewAsync(ViewQuorum.Quorate, All[..3]);
        HoldDisk("c", held: true);
        Task<long> carried = a.ProposeAsync("on two disks");
        Assert.False(carried.IsCompleted);
        Cut(["a"], ["b", "c"]);
        HoldDisk("c", held: false);
        await Task.WhenAll(b.WaitForTextAsync("on two disks"), c.WaitForTextAsync("on two disks"));
        Assert.Empty(a.Texts);
    }

    [Fact]
    public async Task Promise_2_of_two_halves_neither_is_quorate_and_together_they_go_on_in_their_lives()
    {
        await using TestNode a = Start("a", votes: Four);
        await using TestNode b = Start("b", votes: Four);
        await using TestNode c = Start("c", votes: Four);
        await using TestNode d = Start("d", votes: Four);
        ViewChanged whole = await d.WaitForViewAsync(ViewQuorum.Quorate, All);
        Cut(["a", "b"], ["c", "d"]);
        await Task.WhenAll(LostQuorumAsync(a, All[..2]), LostQuorumAsync(b, All[..2]));
        await Task.WhenAll(LostQuorumAsync(c, All[2..]), LostQuorumAsync(d, All[2..]));
        await Assert.ThrowsAsync<NotQuorateException>(() => a.ProposeAsync("half"));
        await Assert.ThrowsAsync<NotQuorateException>(() => c.ProposeAsync("half"));
        Cut();
        ViewChanged again = await b.WaitAsync<ViewChanged>(
            view => view.Epoch > whole.Epoch && view.Quorum == ViewQuorum.Quorate && view.Members.SequenceEqual(All));
        Assert.False(again.Continuous);
        await d.ProposeAsync("whole");
        await a.WaitForTextAsync("whole");

        // Before it was quorate for the first time each was without quorum, too.
        Task LostQuorumAsync(TestNode node, Member[] side) => node.WaitAsync<ViewChanged>(
            view => view.Quorum == ViewQuorum.NotQuorate && view.Epoch == whole.Epoch && view.Members.SequenceEqual(side));
    }

    [Fact]
    public async Task Promise_2_of_two_that_are_cut_off_from_each_other_the_one_that_opens_an_epoch_goes_on_and_the_other_is_lost()
    {
        VoteTable two = TestNode.Votes("a", "b");
        await using TestNode a = Start("a", votes: two);
        await using TestNode b = Start("b", votes: two);
        await Task.WhenAll(a.WaitForViewAsync(ViewQuorum.Quorate, All[..2]), b.WaitForViewAsync(ViewQuorum.Quorate, All[..2]));
        Cut(["a"], ["b"]);
        await a.WaitForViewAsync(ViewQuorum.Contested, new Member("a", 1));
        await b.WaitForViewAsync(ViewQuorum.Contested, new Member("b", 1));
        await b.OpenAsync("a is off");
        Cut();
        await a.WaitAsync<Expelled>();
        Assert.Empty(a.Texts);
    }

    [Fact]
    public async Task Promise_4_a_member_whose_disk_takes_nothing_is_expelled_by_the_others()
    {
        await using TestNode a = Start("a", isImpatient: true);
        await using TestNode b = Start("b", isImpatient: true);
        await using TestNode c = Start("c", isImpatient: true);
        await a.WaitForViewAsync(ViewQuorum.Quorate, All[..3]);
        HoldDisk("c", held: true);
        Task<long> late = b.ProposeAsync("c has no room");
        await c.WaitAsync<Expelled>();
        await late;
        await a.WaitForTextAsync("c has no room");
        Assert.DoesNotContain("c has no room", c.Texts);
    }
}
