using System.Security.Cryptography;
using ClusterTools.Engines.Corosync.Wire;

namespace ClusterTools.Engines.Corosync.QuorumDisk;

/// <summary>A block of the disk as bytes: what kind it is, what is in it, and a checksum at its end.</summary>
internal static class DiskBlock
{
    private const ushort Version = 1;
    private const int SumLength = 32;
    private static readonly byte[] HeaderMark = "ClusterTools quorum disk"u8.ToArray();
    private static readonly byte[] SlotMark = "ClusterTools quorum slot"u8.ToArray();

    public static byte[] Encode(DiskHeader header) => Block(HeaderMark, writer =>
    {
        writer.Write(header.Disk);
        writer.Write(header.Cluster);
    });

    public static byte[] Encode(UInt128 disk, DiskSlot slot) => Block(SlotMark, writer =>
    {
        writer.Write(disk);
        writer.Write(slot.Owner);
        writer.Write(slot.Beat);
        writer.Write(slot.Mark.Claim);
        writer.Write(slot.Mark.Holds);
        writer.Write(slot.Mark.Written);
        writer.Write(slot.Score);
        writer.Write(slot.MinimumScore);
        writer.Write(slot.HasLeft);
    });

    /// <summary>Null: it is none of ours.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or of another version.</exception>
    public static DiskHeader? DecodeHeader(ReadOnlySpan<byte> block) =>
        Content(block, HeaderMark) is { } content ? Read(content, static r => new DiskHeader(r.ReadUInt128(), r.ReadString())) : null;

    /// <summary>Null: it was not written since the disk was formatted.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or of another version.</exception>
    public static DiskSlot? DecodeSlot(UInt128 disk, ReadOnlySpan<byte> block) =>
        Content(block, SlotMark) is { } content
            ? Read(content, r => r.ReadUInt128() != disk ? null : new DiskSlot
            {
                Owner = r.ReadMember(),
                Beat = r.ReadInt64(),
                Mark = new DiskMark(r.ReadInt64(), r.ReadBoolean(), r.ReadPosition()),
                Score = r.ReadInt32(),
                MinimumScore = r.ReadInt32(),
                HasLeft = r.ReadBoolean(),
            })
            : null;

    private static byte[] Block(byte[] mark, Action<BinaryWriter> write)
    {
        byte[] content = WireFormat.Bytes(writer =>
        {
            writer.Write(mark);
            writer.Write(Version);
            write(writer);
        });
        byte[] block = new byte[BlockFile.BlockSize];
        content.CopyTo(block, 0);
        SHA256.HashData(block.AsSpan(..^SumLength), block.AsSpan(^SumLength..));
        return block;
    }

    private static byte[]? Content(ReadOnlySpan<byte> block, byte[] mark)
    {
        if (!block.StartsWith(mark))
        {
            return block.ContainsAnyExcept((byte)0) && mark == SlotMark
                ? throw new InvalidDataException("A block holds what clusterd does not write.")
                : null;
        }

        Span<byte> sum = stackalloc byte[SumLength];
        SHA256.HashData(block[..^SumLength], sum);
        ushort version = BitConverter.ToUInt16(block[mark.Length..]);
        return !sum.SequenceEqual(block[^SumLength..]) ? throw new InvalidDataException("A block does not fit its checksum.")
            : version != Version ? throw new InvalidDataException($"It is of version {version}, and this clusterd knows {Version}.")
            : block[(mark.Length + sizeof(ushort))..].ToArray();
    }

    private static T Read<T>(byte[] content, Func<BinaryReader, T> read)
    {
        using BinaryReader reader = WireFormat.Reader(content);
        try
        {
            return read(reader);
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"A block can't be read ({e.Message}).", e);
        }
    }
}
