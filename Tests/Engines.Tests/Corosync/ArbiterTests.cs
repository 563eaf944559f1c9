using ClusterTools.Engines.Corosync;
using ClusterTools.Voting;

namespace ClusterTools.Engines.Tests.Corosync;

/// <summary>What the protocol makes of an arbiter's word: one of a pair, whose other one has gone.</summary>
public sealed class ArbiterTests
{
    private const int AnswerLimit = 3_000;
    private static readonly string[] Names = ["a", "b"];

    private readonly Protocol[] nodes = [.. Names.Select(Create)];
    private readonly List<ViewChanged> views = [];
    private readonly List<long> questions = [];
    private readonly long[] delivered = new long[Names.Length];
    private long now = 1_000;

    [Fact]
    public void Who_is_alone_asks_before_it_is_told_and_is_told_what_the_arbiter_says()
    {
        Meet();
        Protocol a = Use(true);
        Part();
        Assert.Single(questions);
        Assert.Equal(ViewQuorum.Quorate, views[^1].Quorum);
        a.OnArbiter(questions[0], ArbiterWord.Here, now);
        Run(1);
        Assert.Equal((ViewQuorum.Contested, new QuorumDevice(1, true)), Told());

        // What has changed is told, and what has not is not.
        a.OnArbiter(questions[0], ArbiterWord.Here, now);
        Run(1);
        int said = views.Count;
        a.OnArbiter(questions[0], ArbiterWord.Elsewhere, now);
        Run(1);
        Assert.Equal((ViewQuorum.Contested, new QuorumDevice(1, false)), Told());
        Assert.Equal(said + 1, views.Count);
        a.OnArbiter(questions[0], ArbiterWord.Unknown, now);
        Run(1);
        Assert.Equal((ViewQuorum.Contested, default), Told());
    }

    [Fact]
    public void A_word_of_an_earlier_ring_counts_for_nothing()
    {
        Meet();
        Protocol a = Use(true);
        a.OnArbiter(0, ArbiterWord.Here, now);
        Part();
        a.OnArbiter(0, ArbiterWord.Here, now);
        Run(1);
        Assert.Equal(ViewQuorum.Quorate, views[^1].Quorum);
        a.OnArbiter(questions[^1], ArbiterWord.Elsewhere, now);
        Run(1);
        Assert.Equal((ViewQuorum.Contested, new QuorumDevice(1, false)), Told());
    }

    [Fact]
    public void Where_nothing_is_heard_of_it_the_pair_is_as_one_without_an_arbiter()
    {
        Meet();
        Protocol a = Use(true);
        Part();
        a.OnTime(now += AnswerLimit / 4);
        Run(1);
        Assert.Equal((ViewQuorum.Contested, default), Told());
    }

    [Fact]
    public void Without_an_arbiter_nobody_is_asked_and_one_that_comes_later_is_asked_then()
    {
        Meet();
        Part();
        Assert.Empty(questions);
        Assert.Equal((ViewQuorum.Contested, default), Told());
        Protocol a = Use(true);
        Run(1);
        a.OnArbiter(questions[^1], ArbiterWord.Here, now);
        Run(1);
        Assert.Equal((ViewQuorum.Contested, new QuorumDevice(1, true)), Told());
        Use(false);
        Run(1);
        Assert.Equal((ViewQuorum.Contested, default), Told());
    }

    private (ViewQuorum Quorum, QuorumDevice Device) Told() => (views[^1].Quorum, views[^1].Votes!.Device);

    private static Protocol Create(string name)
    {
        var votes = new VoteTable(Names.ToDictionary(n => n, _ => 1), 2, TwoNode: true);
        var start = new LogBase(new SnapshotDelivered(0, 0, default), 0, votes, new HashSet<string>());
        return new Protocol(
            new ProtocolOptions { Self = new Member(name, 1), AnswerLimit = AnswerLimit, FormDelay = 0, PresenceInterval = 60_000 },
            new StoredLog(new LogImage(start, []), 0, 0, true));
    }

    private static Peer PeerOf(int node) => new((uint)node + 1, 1);

    private void Meet()
    {
        for (int i = 0; i < nodes.Length; i++)
        {
            nodes[i].OnRing(new RingId((UInt128)1), PeerOf(i), [PeerOf(0), PeerOf(1)], now);
        }

        Run(2);
        Assert.Equal((ViewQuorum.Quorate, 2), (views[^1].Quorum, views[^1].Members.Count));
    }

    private Protocol Use(bool arbiter)
    {
        nodes[0].UseArbiter(arbiter, now);
        return nodes[0];
    }

    private void Part()
    {
        nodes[0].OnRing(new RingId((UInt128)2), PeerOf(0), [PeerOf(0)], now);
        Run(1);
    }

    /// <summary>What the first nodes say is heard by them all, what they write is on their disks, until nothing is left to do.</summary>
    private void Run(int count)
    {
        var said = new Queue<(Peer From, Message Message)>();
        for (bool isBusy = true; isBusy;)
        {
            isBusy = false;
            for (int i = 0; i < count; i++)
            {
                long handled = 0;
                foreach (Deed deed in nodes[i].TakeDeeds())
                {
                    isBusy = true;
                    switch (deed)
                    {
                        case Multicast spoken:
                            said.Enqueue((PeerOf(i), spoken.Message));
                            break;
                        case DiskWrite write:
                            nodes[i].OnStored(write.Number, now);
                            break;
                        case AskArbiter question:
                            questions.Add(question.Number);
                            break;
                        case Deliver given:
                            handled = ++delivered[i];
                            if (i == 0 && given.Event is ViewChanged view)
                            {
                                views.Add(view);
                            }

                            break;
                    }
                }

                if (handled > 0)
                {
                    nodes[i].OnHandled(handled, now);
                }
            }

            while (said.TryDequeue(out (Peer From, Message Message) next))
            {
                isBusy = true;
                for (int i = 0; i < count; i++)
                {
                    nodes[i].OnMessage(next.From, next.Message, now);
                }
            }
        }
    }
}
