namespace ClusterTools.Engines.Corosync.Wire;

/// <summary>What one message of the process group holds.</summary>
internal abstract record Frame
{
    private const byte HereKind = 1;
    private const byte WithoutKind = 2;
    private const byte PartKind = 3;
    private const byte SeveralKind = 4;

    /// <summary>More than any frame has besides the bytes of its part.</summary>
    private const int Overhead = 32;

    /// <summary>A process is there, in the membership as it sees it.</summary>
    /// <param name="Word">Never said before.</param>
    /// <param name="Without">Whom it goes on without.</param>
    internal sealed record Here(UInt128 Word, IReadOnlyCollection<Peer> Without) : Frame;

    /// <summary>A process has not said that it is there.</summary>
    internal sealed record LeftOut(Peer Peer) : Frame;

    /// <summary>A part of a message of the protocol.</summary>
    /// <param name="Message">The sender's count of messages.</param>
    /// <param name="Number">Of the part, from 0 on.</param>
    /// <param name="Count">Of the message's parts.</param>
    /// <param name="Bytes">The part.</param>
    internal sealed record Part(uint Message, int Number, int Count, ReadOnlyMemory<byte> Bytes) : Frame;

    /// <summary>Frames that were said one after the other.</summary>
    internal sealed record Several(IReadOnlyList<Frame> Frames) : Frame;

    /// <summary>About how many bytes it takes.</summary>
    public int Size => Overhead + (this is Part part ? part.Bytes.Length : 0);

    public byte[] Encode() => WireFormat.Bytes(writer =>
    {
        switch (this)
        {
            case Here here:
                writer.Write(HereKind);
                writer.Write(here.Word);
                writer.WriteList(here.Without, WireFormat.Write);
                break;
            case LeftOut left:
                writer.Write(WithoutKind);
                writer.Write(left.Peer);
                break;
            case Part part:
                writer.Write(PartKind);
                writer.Write(part.Message);
                writer.Write7BitEncodedInt(part.Number);
                writer.Write7BitEncodedInt(part.Count);
                writer.Write(part.Bytes.Span);
                break;
            case Several several:
                writer.Write(SeveralKind);
                writer.WriteList(several.Frames, static (w, frame) => w.WriteBytes(frame.Encode()));
                break;
        }
    });

    /// <exception cref="InvalidDataException">It is none.</exception>
    public static Frame Decode(ReadOnlyMemory<byte> bytes) => Decode(bytes, isInner: false);

    private static Frame Decode(ReadOnlyMemory<byte> bytes, bool isInner)
    {
        using BinaryReader reader = WireFormat.Reader(bytes);
        try
        {
            switch (reader.ReadByte())
            {
                case HereKind:
                    UInt128 word = reader.ReadUInt128();
                    return new Here(word, reader.ReadList(WireFormat.ReadPeer));
                case WithoutKind:
                    return new LeftOut(reader.ReadPeer());
                case PartKind:
                    uint message = reader.ReadUInt32();
                    int number = reader.Read7BitEncodedInt();
                    int count = reader.Read7BitEncodedInt();
                    return new Part(message, number, count, bytes[(int)reader.BaseStream.Position..]);
                case SeveralKind when !isInner:
                    return new Several(reader.ReadList(r => Decode(Slice(r, bytes), isInner: true)));
                case byte kind:
                    throw new InvalidDataException($"There is no frame of kind {kind}.");
            }
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"It can't be read: {e.Message}", e);
        }
    }

    /// <summary>The next bytes, with their length before them, where they are.</summary>
    private static ReadOnlyMemory<byte> Slice(BinaryReader reader, ReadOnlyMemory<byte> bytes)
    {
        int length = reader.Read7BitEncodedInt();
        ReadOnlyMemory<byte> slice = bytes.Slice((int)reader.BaseStream.Position, length);
        reader.BaseStream.Position += length;
        return slice;
    }
}
