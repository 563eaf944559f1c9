using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ClusterTools.Engines.Local;

/// <summary>Checksums of what the log holds.</summary>
internal static class LogIntegrity
{
    private const int Length = 8;

    /// <summary>Loads what computing takes, so that no transaction waits for it.</summary>
    public static void Load()
    {
        _ = SumOf(new LogRow(0, 0, LogKind.Entry, new Member("", 0), []), []);
        _ = SumOf("");
    }

    /// <summary>Of a row: of its payload, its place and who wrote it.</summary>
    public static byte[] SumOf(LogRow row, ReadOnlySpan<byte> payload)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, row.Index);
        Append(hash, row.Epoch);
        Append(hash, (long)row.Kind);
        Append(hash, row.Origin.Incarnation);
        hash.AppendData(Encoding.UTF8.GetBytes(row.Origin.Node));
        hash.AppendData(payload);
        return hash.GetHashAndReset()[..Length];
    }

    /// <summary>Of a snapshot.</summary>
    public static byte[] SumOf(long index, long epoch, ReadOnlySpan<byte> state)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, index);
        Append(hash, epoch);
        hash.AppendData(state);
        return hash.GetHashAndReset()[..Length];
    }

    /// <summary>Of a text.</summary>
    public static byte[] SumOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text))[..Length];

    /// <summary>Whether a stored checksum fits; one that an earlier version did not write fits everything.</summary>
    public static bool Fits(byte[]? stored, ReadOnlySpan<byte> computed) => stored is null || computed.SequenceEqual(stored);

    private static void Append(IncrementalHash hash, long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        hash.AppendData(bytes);
    }
}
