using System.Text;
using ClusterTools.Engines.Corosync;

namespace ClusterTools.Engines.Tests.Corosync;

/// <summary>Logs that become as the best one.</summary>
public sealed class TransferTests
{
    private readonly PlainPair pair = new(new VoteTable(PlainPair.Names.ToDictionary(n => n, _ => 1), 2, TwoNode: true));
    private long proposals;

    /// <summary>
    /// The second has committed something that the first has on its disk and does not know to be committed; each has gone on a little by
    /// itself; and the second is gone again before it has sent its log.
    /// </summary>
    [Fact]
    public void What_may_be_committed_stays_until_it_has_come_again()
    {
        pair.Meet();
        pair.Loses = (node, from, message) => node == 0 && from == 1 && message is Stored;
        Propose(pair.Second, "done");
        pair.Run(2);
        long done = pair.Second.Commit;
        Assert.Equal((done - 1, done), (pair.First.Commit, pair.First.Log.Last.Index));

        pair.Loses = (node, from, _) => node != from;
        Propose(pair.First, "own");
        Propose(pair.Second, "other");
        Propose(pair.Second, "more");
        pair.Run(2);
        Assert.Equal((done + 1, done + 2), (pair.First.Log.Last.Index, pair.Second.Log.Last.Index));

        pair.Loses = (_, _, message) => message is EntriesSent;
        pair.Join();
        Assert.Equal((Phase.Transferring, Phase.Transferring), (pair.First.Phase, pair.Second.Phase));
        pair.Loses = null;
        pair.Part();
        pair.First.OpenEpoch(100, "opened"u8.ToArray(), pair.Now);
        pair.Run(1);
        Assert.Equal((Phase.Open, "done"), (pair.First.Phase, Payload(pair.First, done)));
        Assert.True(pair.First.Commit > done);
    }

    /// <summary>What only one of them has goes when it is known to be another line, and not what both have before it.</summary>
    [Fact]
    public void Another_line_gives_way_from_where_it_parts()
    {
        pair.Meet();
        pair.Loses = (node, from, message) => node != from && message is Stored;
        Propose(pair.Second, "both");
        pair.Run(2);
        long both = pair.First.Log.Last.Index;
        pair.Loses = (node, from, _) => node != from;
        Propose(pair.First, "own");
        Propose(pair.Second, "other");
        Propose(pair.Second, "more");
        pair.Run(2);

        pair.Loses = null;
        pair.Join();
        Assert.Equal(Phase.Open, pair.First.Phase);
        Assert.Equal(["both", "other", "more"], Enumerable.Range(0, 3).Select(i => Payload(pair.First, both + i)));
        Assert.Equal(pair.First.Log.Last, pair.Second.Log.Last);
    }

    private static string Payload(Protocol node, long index) =>
        Encoding.UTF8.GetString(Assert.IsType<ProposedEntry>(node.Log.At(index)).Payload.Span);

    private void Propose(Protocol node, string what) => node.Propose(++proposals, Encoding.UTF8.GetBytes(what), null, pair.Now);
}
