using ClusterTools.Engines.Corosync;
using ClusterTools.Engines.Corosync.QuorumDisk;
using ClusterTools.Engines.Corosync.Wire;
using ClusterTools.Voting;

namespace ClusterTools.Engines.Tests.Corosync;

/// <summary>What members say to each other comes out as it went in.</summary>
public sealed class WireTests
{
    private static readonly Round Round = new(new RingId(new UInt128(7, 9)), 300);
    private static readonly Member A = new("a", 1_700_000_000_001);
    private static readonly VoteTable Votes = new(new Dictionary<string, int> { ["a"] = 1, ["b"] = 2 }, 3, TwoNode: true)
    {
        Device = new DeviceVotes("/dev/quorum", 1),
    };

    private static readonly LogPosition Position = new(4, 5, UInt128.MaxValue - 3);

    private static readonly LogEntry[] Entries =
    [
        new ProposedEntry(6, 4, A, "payload"u8.ToArray(), null),
        new ProposedEntry(7, 4, A, default, Votes),
        new ViewEntry(8, 5, [A, new Member("b", 2)], true, new VoteCount(2, 3, new QuorumDevice(1, true)), new HashSet<string> { "c" }),
    ];

    public static TheoryData<string> Kinds => [.. Messages().Select(m => m.Name)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_message_is_read_as_it_was_written(string name)
    {
        Message said = Messages().Single(m => m.Name == name).Said;
        byte[] bytes = MessageCodec.Encode(said);
        Message read = MessageCodec.Decode(bytes);
        Assert.Equivalent(said, read, strict: true);
        Assert.Equal(bytes, MessageCodec.Encode(read));
        Assert.Throws<InvalidDataException>(() => MessageCodec.Decode((byte[])[.. bytes, 0]));
        Assert.Throws<InvalidDataException>(() => MessageCodec.Decode(bytes.AsMemory(0, bytes.Length - 1)));
    }

    [Fact]
    public void Every_kind_of_message_is_tried()
    {
        Type[] all = [.. typeof(Message).Assembly.GetTypes().Where(t => t.BaseType == typeof(Message))];
        Assert.Empty(all.Except(Messages().Select(m => m.Said.GetType())));
    }

    [Fact]
    public void Nothing_asked_and_nothing_given_are_two_things()
    {
        Hello Read(ReadOnlyMemory<byte>? opening) => (Hello)MessageCodec.Decode(MessageCodec.Encode(SayHello() with { Opening = opening }));
        Assert.Null(Read(null).Opening);
        Assert.Equal(0, Read(ReadOnlyMemory<byte>.Empty).Opening?.Length);
    }

    [Fact]
    public void A_message_of_another_version_is_refused_by_its_version()
    {
        byte[] bytes = MessageCodec.Encode(new Ready(Round));
        bytes[0] = 200;
        Assert.Contains("format 200", Assert.Throws<InvalidDataException>(() => MessageCodec.Decode(bytes)).Message);
    }

    [Fact]
    public void Whatever_bytes_come_they_are_read_or_refused()
    {
        var random = new Random(11);
        byte[][] right = [.. Messages().Select(m => MessageCodec.Encode(m.Said)), .. Frames().Select(f => f.Encode())];
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = [.. right[random.Next(right.Length)]];
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            foreach (Action read in (Action[])[() => MessageCodec.Decode(bytes), () => Frame.Decode(bytes)])
            {
                Exception? error = Record.Exception(read);
                Assert.True(error is null or InvalidDataException, $"{error}");
            }
        }
    }

    [Fact]
    public void Long_messages_are_cut_and_put_together_each_sender_s_by_itself()
    {
        byte[] longOne = new byte[(3 * Fragments.Size) + 5];
        new Random(1).NextBytes(longOne);
        byte[] other = [.. longOne.Reverse()];
        var receiver = new Fragments();
        Frame.Part[] first = [.. new Fragments().Cut(longOne).Select(Sent)];
        Frame.Part[] second = [.. new Fragments().Cut(other).Select(Sent)];
        Assert.Equal(4, first.Length);
        List<byte[]> whole = [];
        for (int i = 0; i < first.Length; i++)
        {
            whole.AddRange(Whole(receiver.Add(new Peer(1, 1), first[i])));
            whole.AddRange(Whole(receiver.Add(new Peer(2, 1), second[i])));
        }

        Assert.Equal([longOne, other], whole);
    }

    [Fact]
    public void Of_a_message_whose_beginning_was_not_seen_nothing_is_made()
    {
        byte[] longOne = new byte[2 * Fragments.Size];
        var sender = new Fragments();
        var receiver = new Fragments();
        Frame.Part[] missed = [.. sender.Cut(longOne)];
        Assert.Null(receiver.Add(new Peer(1, 1), missed[1]));
        Assert.Null(receiver.Add(new Peer(1, 1), missed[0]));
        receiver.Keep(new HashSet<Peer>());
        Assert.Null(receiver.Add(new Peer(1, 1), missed[1]));
        Assert.NotNull(receiver.Add(new Peer(1, 1), sender.Cut(new byte[3]).Single()));
        Assert.Throws<InvalidDataException>(() => receiver.Add(new Peer(1, 1), new Frame.Part(1, 2, 2, default)));
    }

    [Fact]
    public void What_goes_out_together_comes_in_as_it_was_said_one_after_the_other()
    {
        Frame[] said = [.. Frames().Where(f => f is not Frame.Several)];
        byte[] bytes = new Frame.Several(said).Encode();
        Frame.Several read = Assert.IsType<Frame.Several>(Frame.Decode(bytes));
        Assert.Equal(said.Select(f => f.Encode()), read.Frames.Select(f => f.Encode()));
        Assert.True(bytes.Length <= said.Sum(f => f.Size), $"{bytes.Length}");
        Assert.Throws<InvalidDataException>(() => Frame.Decode(bytes.AsMemory(0, bytes.Length - 1)));
        Assert.Throws<InvalidDataException>(() => Frame.Decode(new Frame.Several([new Frame.Several(said)]).Encode()));
    }

    private static IEnumerable<byte[]> Whole(ReadOnlyMemory<byte>? message) => message is { } some ? [some.ToArray()] : [];

    private static Frame.Part Sent(Frame.Part part) => Assert.IsType<Frame.Part>(Frame.Decode(part.Encode()));

    private static Frame[] Frames() =>
    [
        new Frame.Here(UInt128.MaxValue, [new Peer(1, 2)]), new Frame.LeftOut(new Peer(3, 4)), new Frame.Part(1, 0, 1, "x"u8.ToArray()),
        new Frame.Several([new Frame.LeftOut(new Peer(5, 6)), new Frame.Part(2, 0, 1, "yz"u8.ToArray())]),
    ];

    private static Hello SayHello() => new(Round)
    {
        Self = A,
        Last = Position,
        Committed = Position with { Index = 3 },
        Promised = 12,
        IsNew = true,
        Spans = [new EpochSpan(1, 1, null), new EpochSpan(4, 2, [A])],
        Votes = Votes,
        Superseded = new HashSet<string> { "x" },
        InView = 4,
        WasMember = true,
        Barred = new HashSet<string> { "y", "z" },
        IsIdle = true,
        HasWaited = false,
        IsContested = true,
        Opening = "go on"u8.ToArray(),
        Device = new QuorumDevice(2, true),
        VotesBefore = [Votes, Votes with { Device = null }],
        Disk = new DiskSight(7, "/dev/quorum", 8, "b", HolderState.Quiet, Position, new HashSet<string> { "a", "b" }, true, false),
        IsFit = false,
    };

    private static IEnumerable<(string Name, Message Said)> Messages() =>
    [
        ("hello", SayHello()),
        ("hello of one that asks for nothing", SayHello() with { Opening = null }),
        ("hello of one that sees no disk", SayHello() with { Disk = null }),
        ("line", new Line(Round, new Dictionary<Peer, long?> { [new Peer(1, 10)] = 5, [new Peer(2, 20)] = null })),
        ("snapshot", new SnapshotSent(Round, new LogBase(
            new SnapshotDelivered(5, 4, "state"u8.ToArray()), Position.Digest, Votes, new HashSet<string> { "c" }))),
        ("entries", new EntriesSent(Round, Entries)),
        ("ready", new Ready(Round)),
        ("stored", new Stored(Round, long.MaxValue)),
        ("granted", new Granted(Round, 70_000)),
        ("proposal", new Proposal(Round, 4, "payload"u8.ToArray(), null)),
        ("change of votes", new Proposal(Round, 4, "payload"u8.ToArray(), Votes)),
        ("reconsider", new Reconsider(Round)),
        ("expel", new Expel(Round, new Peer(1, 2), "it does not say hello")),
        ("leave", new Leave(Round)),
        ("presence", new Presence(Round, 77)),
    ];
}
