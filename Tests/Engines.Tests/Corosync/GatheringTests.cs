using ClusterTools.Engines.Corosync;

namespace ClusterTools.Engines.Tests.Corosync;

/// <summary>Names of memberships: the same for all that are in one, and never used twice.</summary>
public sealed class GatheringTests
{
    private const int Limit = 1000;
    private static readonly Peer A = new(1, 10);
    private static readonly Peer B = new(2, 20);
    private static readonly Peer C = new(3, 30);

    [Fact]
    public void It_is_named_when_everybody_has_said_a_word_and_alike_on_all()
    {
        Gathering a = Begin(A, A, B);
        Gathering b = Begin(B, A, B);
        Assert.Null(a.OnHere(A, 1, []));
        Assert.Null(b.OnHere(A, 1, []));
        RingId? name = a.OnHere(B, 2, []);
        Assert.NotNull(name);
        Assert.Equal(name, b.OnHere(B, 2, []));
        Assert.Null(a.Due);
    }

    [Fact]
    public void The_same_members_again_have_another_name()
    {
        Gathering a = Begin(A, A, B);
        a.OnHere(A, 1, []);
        RingId? before = a.OnHere(B, 2, []);
        a.OnMembers([A], 0);
        a.OnMembers([A, B], 0);
        a.OnHere(A, 3, []);
        Assert.NotEqual(before, Assert.NotNull(a.OnHere(B, 4, [])));
    }

    [Fact]
    public void A_word_for_an_earlier_membership_gives_way_to_the_right_one()
    {
        Gathering a = Begin(A, A, B);
        a.OnHere(B, 2, []);
        RingId? late = a.OnHere(A, 1, []);
        RingId? right = a.OnHere(B, 3, []);
        Assert.NotNull(late);
        Assert.NotNull(right);
        Assert.NotEqual(late, right);
    }

    [Fact]
    public void Who_says_nothing_in_time_is_gone_on_without_and_learns_it()
    {
        Gathering a = Begin(A, A, B, C);
        Gathering c = Begin(C, A, B, C);
        a.OnHere(A, 1, []);
        a.OnHere(B, 2, []);
        Assert.Empty(a.OnTime(Limit - 1));
        Assert.Equal([C], a.OnTime(Limit));
        Assert.NotNull(a.OnWithout(C));
        Assert.Equal([A, B], a.Awaited.Order());
        Assert.Null(c.OnWithout(C));
        Assert.True(c.IsLeftOut);
        Assert.Null(a.OnHere(C, 3, []));
    }

    [Fact]
    public void Who_comes_later_learns_whom_the_others_go_without()
    {
        Gathering late = Begin(B, A, B, C);
        late.OnHere(B, 2, []);
        Assert.NotNull(late.OnHere(A, 1, [C]));
        late.OnMembers([A, B], 0);
        Assert.Empty(late.Without);
    }

    private static Gathering Begin(Peer self, params Peer[] peers)
    {
        var gathering = new Gathering(self, Limit);
        gathering.OnMembers(peers, 0);
        return gathering;
    }
}
