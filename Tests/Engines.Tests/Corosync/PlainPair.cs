using ClusterTools.Engines.Corosync;
using ClusterTools.Engines.Corosync.QuorumDisk;

namespace ClusterTools.Engines.Tests.Corosync;

/// <summary>
/// Two protocols over a ring and disks that do at once whatever they are told; a shared disk is written and read when a test says so. What
/// comes of it is that of the first node.
/// </summary>
internal sealed class PlainPair
{
    public const int AnswerLimit = 3_000;
    public static readonly string[] Names = ["a", "b"];

    private readonly Protocol[] nodes;
    private readonly long[] delivered = new long[Names.Length];
    private readonly WriteMark?[] wanted = new WriteMark?[Names.Length];
    private readonly DiskSlot?[] slots = new DiskSlot?[Names.Length];
    private ulong ring;

    public PlainPair(VoteTable votes) => nodes = [.. Names.Select(name => Create(name, votes))];

    public long Now { get; set; } = 1_000;

    public Protocol First => nodes[0];

    public Protocol Second => nodes[1];

    /// <summary>Whether a node does not hear something, with its number, who says it and what; null: each hears all.</summary>
    public Func<int, int, Message, bool>? Loses { get; set; }

    /// <summary>That the first was told.</summary>
    public List<ViewChanged> Views { get; } = [];

    /// <summary>That the first has asked the arbiter.</summary>
    public List<long> Questions { get; } = [];

    /// <summary>Both are in one ring, and in a view.</summary>
    public void Meet()
    {
        Join();
        Assert.Equal((ViewQuorum.Quorate, 2), (Views[^1].Quorum, Views[^1].Members.Count));
    }

    /// <summary>Both are in one ring.</summary>
    public void Join()
    {
        var both = new RingId(++ring);
        for (int i = 0; i < nodes.Length; i++)
        {
            nodes[i].OnRing(both, PeerOf(i), [PeerOf(0), PeerOf(1)], Now);
        }

        Run(2);
    }

    /// <summary>The first is alone in its ring.</summary>
    public void Part()
    {
        nodes[0].OnRing(new RingId(++ring), PeerOf(0), [PeerOf(0)], Now);
        Run(1);
    }

    /// <summary>A node's slot is written as it was last wanted.</summary>
    /// <returns>The number of what was wanted.</returns>
    public long WriteSlot(int node)
    {
        if (wanted[node] is { } mark)
        {
            slots[node] = new DiskSlot { Owner = nodes[node].Self, Beat = (slots[node]?.Beat ?? 0) + 1, Mark = mark.Mark };
        }

        return wanted[node]?.Number ?? 0;
    }

    /// <summary>All slots as they are now.</summary>
    public DiskReading Read(long number) => new(1, number, Now, [.. slots.OfType<DiskSlot>()]);

    /// <summary>A node writes its slot, and reads all.</summary>
    public void Beat(int node, int count)
    {
        nodes[node].OnDisk(Read(WriteSlot(node)), Now);
        Run(count);
    }

    /// <summary>What the first nodes say is heard by them all, what they write is on their disks, until nothing is left to do.</summary>
    public void Run(int count)
    {
        var said = new Queue<(Peer From, Message Message)>();
        for (bool isBusy = true; isBusy;)
        {
            isBusy = false;
            for (int i = 0; i < count; i++)
            {
                foreach (Deed deed in nodes[i].TakeDeeds())
                {
                    isBusy = true;
                    Do(i, deed, said);
                }

                nodes[i].OnHandled(delivered[i], Now);
            }

            while (said.TryDequeue(out (Peer From, Message Message) next))
            {
                isBusy = true;
                foreach (int i in Enumerable.Range(0, count).Where(i => Loses?.Invoke(i, (int)next.From.Node - 1, next.Message) != true))
                {
                    nodes[i].OnMessage(next.From, next.Message, Now);
                }
            }
        }
    }

    private void Do(int node, Deed deed, Queue<(Peer From, Message Message)> said)
    {
        switch (deed)
        {
            case Multicast spoken:
                said.Enqueue((PeerOf(node), spoken.Message));
                break;
            case DiskWrite write:
                nodes[node].OnStored(write.Number, Now);
                break;
            case WriteMark mark:
                wanted[node] = mark;
                break;
            case AskArbiter question when node == 0:
                Questions.Add(question.Number);
                break;
            case Deliver given:
                delivered[node]++;
                if (node == 0 && given.Event is ViewChanged view)
                {
                    Views.Add(view);
                }

                break;
        }
    }

    private static Protocol Create(string name, VoteTable votes)
    {
        var start = new LogBase(new SnapshotDelivered(0, 0, default), 0, votes, new HashSet<string>());
        return new Protocol(
            new ProtocolOptions { Self = new Member(name, 1), AnswerLimit = AnswerLimit, FormDelay = 0, PresenceInterval = 60_000 },
            new StoredLog(new LogImage(start, []), 0, 0, true));
    }

    private static Peer PeerOf(int node) => new((uint)node + 1, 1);
}
