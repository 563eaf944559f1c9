using System.Runtime.InteropServices;
using System.Text;
using ClusterTools.Engines.Corosync.QuorumDisk;
using ClusterTools.Voting;

namespace ClusterTools.Engines.Corosync.Wire;

/// <summary>How values stand in messages and in the log on disk: little-endian, lengths before what they count.</summary>
internal static class WireFormat
{
    private const byte ProposedKind = 1;
    private const byte ViewKind = 2;
    private const int TwoNodeFlag = 1;
    private const int DeviceFlag = 2;

    /// <summary>Bytes that most of what is written fits into.</summary>
    private const int UsualSize = 2048;

    public static BinaryWriter Writer(Stream stream) => new(stream, Encoding.UTF8, leaveOpen: true);

    public static BinaryReader Reader(ReadOnlyMemory<byte> bytes) => new(
        MemoryMarshal.TryGetArray(bytes, out ArraySegment<byte> part)
            ? new MemoryStream(part.Array!, part.Offset, part.Count, writable: false)
            : new MemoryStream(bytes.ToArray(), writable: false),
        Encoding.UTF8);

    public static byte[] Bytes(Action<BinaryWriter> write)
    {
        using var stream = new MemoryStream(UsualSize);
        using BinaryWriter writer = Writer(stream);
        write(writer);
        writer.Flush();
        return stream.ToArray();
    }

    public static void Write(this BinaryWriter writer, UInt128 value)
    {
        writer.Write((ulong)(value >> 64));
        writer.Write((ulong)value);
    }

    public static UInt128 ReadUInt128(this BinaryReader reader)
    {
        ulong high = reader.ReadUInt64();
        return new UInt128(high, reader.ReadUInt64());
    }

    public static void WriteBytes(this BinaryWriter writer, ReadOnlyMemory<byte> bytes)
    {
        writer.Write7BitEncodedInt(bytes.Length);
        writer.Write(bytes.Span);
    }

    public static byte[] ReadBytes(this BinaryReader reader)
    {
        int length = reader.Read7BitEncodedInt();
        byte[] bytes = reader.ReadBytes(length);
        return bytes.Length == length ? bytes : throw new EndOfStreamException("It ends too early.");
    }

    public static void WriteList<T>(this BinaryWriter writer, IReadOnlyCollection<T> items, Action<BinaryWriter, T> write)
    {
        writer.Write7BitEncodedInt(items.Count);
        foreach (T item in items)
        {
            write(writer, item);
        }
    }

    public static T[] ReadList<T>(this BinaryReader reader, Func<BinaryReader, T> read)
    {
        List<T> items = [];
        for (int left = reader.Read7BitEncodedInt(); left > 0; left--)
        {
            items.Add(read(reader));
        }

        return [.. items];
    }

    /// <summary>A value that may be missing.</summary>
    public static void WriteOptional<T>(this BinaryWriter writer, T? value, Action<BinaryWriter, T> write)
        where T : class
    {
        writer.Write(value is not null);
        if (value is not null)
        {
            write(writer, value);
        }
    }

    public static T? ReadOptional<T>(this BinaryReader reader, Func<BinaryReader, T> read)
        where T : class => reader.ReadBoolean() ? read(reader) : null;

    public static void Write(this BinaryWriter writer, Peer peer)
    {
        writer.Write(peer.Node);
        writer.Write(peer.Process);
    }

    public static Peer ReadPeer(this BinaryReader reader)
    {
        uint node = reader.ReadUInt32();
        return new Peer(node, reader.ReadUInt32());
    }

    public static void Write(this BinaryWriter writer, Member member)
    {
        writer.Write(member.Node);
        writer.Write(member.Incarnation);
    }

    public static Member ReadMember(this BinaryReader reader)
    {
        string node = reader.ReadString();
        return new Member(node, reader.ReadInt64());
    }

    public static void WriteNames(this BinaryWriter writer, IReadOnlySet<string> names) =>
        writer.WriteList([.. names.Order(StringComparer.Ordinal)], static (w, name) => w.Write(name));

    public static IReadOnlySet<string> ReadNames(this BinaryReader reader) =>
        reader.ReadList(static r => r.ReadString()).ToHashSet(StringComparer.Ordinal);

    public static void Write(this BinaryWriter writer, QuorumDevice device)
    {
        writer.Write(device.Votes);
        writer.Write(device.IsHere);
    }

    public static QuorumDevice ReadDevice(this BinaryReader reader)
    {
        int votes = reader.ReadInt32();
        return new QuorumDevice(votes, reader.ReadBoolean());
    }

    public static void Write(this BinaryWriter writer, VoteTable votes)
    {
        writer.Write(votes.Expected);
        writer.Write((byte)((votes.TwoNode ? TwoNodeFlag : 0) | (votes.Device is null ? 0 : DeviceFlag)));
        writer.WriteList([.. votes.Votes.OrderBy(static v => v.Key, StringComparer.Ordinal)], static (w, vote) =>
        {
            w.Write(vote.Key);
            w.Write(vote.Value);
        });
        if (votes.Device is { } device)
        {
            writer.Write(device.Name);
            writer.Write(device.Votes);
        }
    }

    public static VoteTable ReadVotes(this BinaryReader reader)
    {
        int expected = reader.ReadInt32();
        byte flags = reader.ReadByte();
        var votes = reader.ReadList(static r => (Node: r.ReadString(), Votes: r.ReadInt32()));
        return new VoteTable(
            votes.ToDictionary(v => v.Node, v => v.Votes, StringComparer.Ordinal), expected, (flags & TwoNodeFlag) != 0)
        {
            Device = (flags & DeviceFlag) != 0 ? new DeviceVotes(reader.ReadString(), reader.ReadInt32()) : null,
        };
    }

    public static void Write(this BinaryWriter writer, DiskSight sight)
    {
        writer.Write(sight.Disk);
        writer.Write(sight.Name);
        writer.Write(sight.Claim);
        writer.Write(sight.Holder ?? "");
        writer.Write((byte)sight.HolderState);
        writer.Write(sight.Written);
        writer.WriteNames(sight.Alive);
        writer.Write(sight.IsReady);
        writer.Write(sight.HasGivenWay);
    }

    public static DiskSight ReadSight(this BinaryReader reader)
    {
        UInt128 disk = reader.ReadUInt128();
        string name = reader.ReadString();
        long claim = reader.ReadInt64();
        string holder = reader.ReadString();
        var state = (HolderState)reader.ReadByte();
        return new DiskSight(
            disk, name, claim, holder.Length == 0 ? null : holder, state, reader.ReadPosition(), reader.ReadNames(), reader.ReadBoolean(),
            reader.ReadBoolean());
    }

    public static void Write(this BinaryWriter writer, LogPosition position)
    {
        writer.Write(position.Epoch);
        writer.Write(position.Index);
        writer.Write(position.Digest);
    }

    public static LogPosition ReadPosition(this BinaryReader reader)
    {
        long epoch = reader.ReadInt64();
        long index = reader.ReadInt64();
        return new LogPosition(epoch, index, reader.ReadUInt128());
    }

    public static void Write(this BinaryWriter writer, LogBase start)
    {
        writer.Write(start.Position);
        writer.Write(start.Votes);
        writer.WriteNames(start.Superseded);
        writer.WriteBytes(start.Snapshot.State);
    }

    public static LogBase ReadBase(this BinaryReader reader)
    {
        LogPosition at = reader.ReadPosition();
        VoteTable votes = reader.ReadVotes();
        IReadOnlySet<string> superseded = reader.ReadNames();
        return new LogBase(new SnapshotDelivered(at.Index, at.Epoch, ReadBytes(reader)), at.Digest, votes, superseded);
    }

    public static void Write(this BinaryWriter writer, LogEntry entry)
    {
        writer.Write(entry is ViewEntry ? ViewKind : ProposedKind);
        writer.Write(entry.Index);
        writer.Write(entry.Epoch);
        if (entry is ProposedEntry proposed)
        {
            writer.Write(proposed.Origin);
            writer.WriteOptional(proposed.Votes, Write);
            writer.WriteBytes(proposed.Payload);
            return;
        }

        var view = (ViewEntry)entry;
        writer.WriteList(view.Members, Write);
        writer.Write(view.Continuous);
        writer.Write(view.Count.Members);
        writer.Write(view.Count.Expected);
        writer.Write(view.Count.Device);
        writer.WriteNames(view.Superseded);
    }

    public static LogEntry ReadEntry(this BinaryReader reader)
    {
        byte kind = reader.ReadByte();
        long index = reader.ReadInt64();
        long epoch = reader.ReadInt64();
        switch (kind)
        {
            case ProposedKind:
                Member origin = reader.ReadMember();
                VoteTable? votes = reader.ReadOptional(ReadVotes);
                return new ProposedEntry(index, epoch, origin, ReadBytes(reader), votes);
            case ViewKind:
                Member[] members = reader.ReadList(ReadMember);
                bool continuous = reader.ReadBoolean();
                int counted = reader.ReadInt32();
                int expected = reader.ReadInt32();
                QuorumDevice device = reader.ReadDevice();
                return new ViewEntry(
                    index, epoch, members, continuous, new VoteCount(counted, expected, device), reader.ReadNames());
            default:
                throw new InvalidDataException($"There is no entry of kind {kind}.");
        }
    }
}
