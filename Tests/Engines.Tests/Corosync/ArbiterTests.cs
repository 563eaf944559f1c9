using ClusterTools.Engines.Corosync;
using ClusterTools.Voting;

namespace ClusterTools.Engines.Tests.Corosync;

/// <summary>What the protocol makes of an arbiter's word: one of a pair, whose other one has gone.</summary>
public sealed class ArbiterTests
{
    private readonly PlainPair pair = new(new VoteTable(PlainPair.Names.ToDictionary(n => n, _ => 1), 2, TwoNode: true));

    [Fact]
    public void Who_is_alone_asks_before_it_is_told_and_is_told_what_the_arbiter_says()
    {
        pair.Meet();
        Protocol a = Use(true);
        pair.Part();
        Assert.Single(pair.Questions);
        Assert.Equal(ViewQuorum.Quorate, pair.Views[^1].Quorum);
        a.OnArbiter(pair.Questions[0], ArbiterWord.Here, pair.Now);
        pair.Run(1);
        Assert.Equal((ViewQuorum.Contested, new QuorumDevice(1, true)), Told());

        // What has changed is told, and what has not is not.
        a.OnArbiter(pair.Questions[0], ArbiterWord.Here, pair.Now);
        pair.Run(1);
        int said = pair.Views.Count;
        a.OnArbiter(pair.Questions[0], ArbiterWord.Elsewhere, pair.Now);
        pair.Run(1);
        Assert.Equal((ViewQuorum.Contested, new QuorumDevice(1, false)), Told());
        Assert.Equal(said + 1, pair.Views.Count);
        a.OnArbiter(pair.Questions[0], ArbiterWord.Unknown, pair.Now);
        pair.Run(1);
        Assert.Equal((ViewQuorum.Contested, default), Told());
    }

    [Fact]
    public void A_word_of_an_earlier_ring_counts_for_nothing()
    {
        pair.Meet();
        Protocol a = Use(true);
        a.OnArbiter(0, ArbiterWord.Here, pair.Now);
        pair.Part();
        a.OnArbiter(0, ArbiterWord.Here, pair.Now);
        pair.Run(1);
        Assert.Equal(ViewQuorum.Quorate, pair.Views[^1].Quorum);
        a.OnArbiter(pair.Questions[^1], ArbiterWord.Elsewhere, pair.Now);
        pair.Run(1);
        Assert.Equal((ViewQuorum.Contested, new QuorumDevice(1, false)), Told());
    }

    [Fact]
    public void Where_nothing_is_heard_of_it_the_pair_is_as_one_without_an_arbiter()
    {
        pair.Meet();
        Protocol a = Use(true);
        pair.Part();
        a.OnTime(pair.Now += PlainPair.AnswerLimit / 4);
        pair.Run(1);
        Assert.Equal((ViewQuorum.Contested, default), Told());
    }

    [Fact]
    public void Without_an_arbiter_nobody_is_asked_and_one_that_comes_later_is_asked_then()
    {
        pair.Meet();
        pair.Part();
        Assert.Empty(pair.Questions);
        Assert.Equal((ViewQuorum.Contested, default), Told());
        Protocol a = Use(true);
        pair.Run(1);
        a.OnArbiter(pair.Questions[^1], ArbiterWord.Here, pair.Now);
        pair.Run(1);
        Assert.Equal((ViewQuorum.Contested, new QuorumDevice(1, true)), Told());
        Use(false);
        pair.Run(1);
        Assert.Equal((ViewQuorum.Contested, default), Told());
    }

    private (ViewQuorum Quorum, QuorumDevice Device) Told() => (pair.Views[^1].Quorum, pair.Views[^1].Votes!.Device);

    private Protocol Use(bool arbiter)
    {
        pair.First.UseArbiter(arbiter, pair.Now);
        return pair.First;
    }
}
