using ClusterTools.Voting;

namespace ClusterTools.Engines.Corosync.Wire;

/// <summary>The messages of the protocol as bytes. The first byte is the format: a later version has another.</summary>
internal static class MessageCodec
{
    private const byte Format = 1;

    private enum Kind : byte
    {
        Hello = 1,
        Line = 2,
        SnapshotSent = 3,
        EntriesSent = 4,
        Ready = 5,
        Stored = 6,
        Proposal = 7,
        Reconsider = 8,
        Expel = 9,
        Leave = 10,
        Presence = 11,
        Granted = 12,
    }

    public static byte[] Encode(Message message) => WireFormat.Bytes(writer =>
    {
        writer.Write(Format);
        writer.Write((byte)KindOf(message));
        writer.Write(message.Round.Ring.Digest);
        writer.Write7BitEncodedInt(message.Round.Number);
        WriteRest(writer, message);
    });

    /// <exception cref="InvalidDataException">It is none of these messages, or of another version.</exception>
    public static Message Decode(ReadOnlyMemory<byte> bytes)
    {
        using BinaryReader reader = WireFormat.Reader(bytes);
        try
        {
            byte format = reader.ReadByte();
            if (format != Format)
            {
                throw new InvalidDataException($"It is of format {format}, and this version knows {Format}.");
            }

            var kind = (Kind)reader.ReadByte();
            var ring = new RingId(reader.ReadUInt128());
            Message message = ReadRest(reader, kind, new Round(ring, reader.Read7BitEncodedInt()));
            return reader.BaseStream.Position == reader.BaseStream.Length ? message
                : throw new InvalidDataException($"A {kind} is longer than it should be.");
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"It can't be read: {e.Message}", e);
        }
    }

    private static Kind KindOf(Message message) => message switch
    {
        Hello => Kind.Hello,
        Line => Kind.Line,
        SnapshotSent => Kind.SnapshotSent,
        EntriesSent => Kind.EntriesSent,
        Ready => Kind.Ready,
        Stored => Kind.Stored,
        Proposal => Kind.Proposal,
        Reconsider => Kind.Reconsider,
        Expel => Kind.Expel,
        Leave => Kind.Leave,
        Presence => Kind.Presence,
        Granted => Kind.Granted,
        _ => throw new ArgumentException($"Unknown message {message.GetType().Name}.", nameof(message)),
    };

    private static void WriteRest(BinaryWriter writer, Message message)
    {
        switch (message)
        {
            case Hello said:
                WriteHello(writer, said);
                break;
            case Line said:
                writer.WriteList(said.Common, static (w, common) =>
                {
                    w.Write(common.Key);
                    w.Write(common.Value ?? -1);
                });
                break;
            case SnapshotSent said:
                writer.Write(said.Start);
                break;
            case EntriesSent said:
                writer.WriteList(said.Entries, WireFormat.Write);
                break;
            case Stored said:
                writer.Write(said.Index);
                break;
            case Granted said:
                writer.Write(said.Index);
                break;
            case Proposal said:
                writer.Write(said.Number);
                writer.WriteOptional(said.Votes, WireFormat.Write);
                writer.WriteBytes(said.Payload);
                break;
            case Expel said:
                writer.Write(said.Peer);
                writer.Write(said.Reason);
                break;
            case Presence said:
                writer.Write(said.Said);
                break;
        }
    }

    private static Message ReadRest(BinaryReader reader, Kind kind, Round round)
    {
        switch (kind)
        {
            case Kind.Hello:
                return ReadHello(reader, round);
            case Kind.Line:
                var common = reader.ReadList(static r => (Peer: r.ReadPeer(), Index: r.ReadInt64()));
                return new Line(round, common.ToDictionary(c => c.Peer, c => c.Index < 0 ? null : (long?)c.Index));
            case Kind.SnapshotSent:
                return new SnapshotSent(round, reader.ReadBase());
            case Kind.EntriesSent:
                return new EntriesSent(round, reader.ReadList(WireFormat.ReadEntry));
            case Kind.Ready:
                return new Ready(round);
            case Kind.Stored:
                return new Stored(round, reader.ReadInt64());
            case Kind.Granted:
                return new Granted(round, reader.ReadInt64());
            case Kind.Proposal:
                long number = reader.ReadInt64();
                VoteTable? votes = reader.ReadOptional(WireFormat.ReadVotes);
                return new Proposal(round, number, WireFormat.ReadBytes(reader), votes);
            case Kind.Reconsider:
                return new Reconsider(round);
            case Kind.Expel:
                Peer peer = reader.ReadPeer();
                return new Expel(round, peer, reader.ReadString());
            case Kind.Leave:
                return new Leave(round);
            case Kind.Presence:
                return new Presence(round, reader.ReadInt64());
            default:
                throw new InvalidDataException($"There is no message of kind {kind}.");
        }
    }

    private static void WriteHello(BinaryWriter writer, Hello said)
    {
        writer.Write(said.Self);
        writer.Write(said.Last);
        writer.Write(said.Committed);
        writer.Write(said.Promised);
        writer.WriteList(said.Spans, static (w, span) =>
        {
            w.Write(span.Epoch);
            w.Write(span.First);
            w.WriteOptional(span.Members, static (each, members) => each.WriteList(members, WireFormat.Write));
        });
        writer.Write(said.IsNew);
        writer.Write(said.Votes);
        writer.WriteNames(said.Superseded);
        writer.Write(said.InView);
        writer.Write(said.WasMember);
        writer.WriteNames(said.Barred);
        writer.Write(said.IsIdle);
        writer.Write(said.HasWaited);
        writer.Write(said.IsContested);
        writer.Write(said.Opening is not null);
        writer.WriteBytes(said.Opening ?? default);
        writer.Write(said.Device);
        writer.WriteList(said.VotesBefore, WireFormat.Write);
        writer.WriteOptional(said.Disk, WireFormat.Write);
        writer.Write(said.IsFit);
    }

    private static Hello ReadHello(BinaryReader reader, Round round)
    {
        var said = new Hello(round)
        {
            Self = reader.ReadMember(),
            Last = reader.ReadPosition(),
            Committed = reader.ReadPosition(),
            Promised = reader.ReadInt64(),
            Spans = reader.ReadList(static r => new EpochSpan(
                r.ReadInt64(), r.ReadInt64(), r.ReadOptional<IReadOnlyList<Member>>(static each => each.ReadList(WireFormat.ReadMember)))),
            IsNew = reader.ReadBoolean(),
            Votes = reader.ReadVotes(),
            Superseded = reader.ReadNames(),
            InView = reader.ReadInt64(),
            WasMember = reader.ReadBoolean(),
            Barred = reader.ReadNames(),
            IsIdle = reader.ReadBoolean(),
            HasWaited = reader.ReadBoolean(),
            IsContested = reader.ReadBoolean(),
            Opening = ReadOpening(reader),
            Device = reader.ReadDevice(),
            VotesBefore = reader.ReadList(WireFormat.ReadVotes),
            Disk = reader.ReadOptional(WireFormat.ReadSight),
            IsFit = reader.ReadBoolean(),
        };
        return said;
    }

    private static ReadOnlyMemory<byte>? ReadOpening(BinaryReader reader)
    {
        bool isThere = reader.ReadBoolean();
        byte[] bytes = WireFormat.ReadBytes(reader);
        return isThere ? bytes : default(ReadOnlyMemory<byte>?);
    }
}
