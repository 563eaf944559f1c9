using ClusterTools.Engines.Corosync;

namespace ClusterTools.Engines.Tests.Corosync;

/// <summary>Who is alone of two, and has the proof that the other one is off.</summary>
public sealed class OpeningTests
{
    /// <summary>
    /// The proof and the end of the fencing, which is a round of its own, come at nearly the same moment. It was refused then, and nothing
    /// asked for it again: the pair stood still.
    /// </summary>
    [Fact]
    public void An_epoch_that_is_asked_for_while_a_round_is_under_way_is_opened_by_the_next()
    {
        var pair = new PlainPair(new VoteTable(PlainPair.Names.ToDictionary(n => n, _ => 1), 2, TwoNode: true));
        pair.Meet();
        pair.First.Bar(new HashSet<string> { "b" }, pair.Now);
        pair.Part();
        Assert.Equal(ViewQuorum.Contested, pair.Views[^1].Quorum);

        bool isAsked = false;
        pair.Loses = (_, _, message) =>
        {
            if (message is Hello && !isAsked)
            {
                isAsked = true;
                pair.First.OpenEpoch(1, "b is off"u8.ToArray(), pair.Now);
            }

            return false;
        };
        pair.First.Bar(new HashSet<string>(), pair.Now);
        pair.Run(1);
        Assert.True(isAsked);
        Assert.Equal((ViewQuorum.Quorate, 1), (pair.Views[^1].Quorum, pair.Views[^1].Members.Count));
    }
}
