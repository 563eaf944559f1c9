using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ClusterTools.Engines.Corosync;

/// <summary>A digest of an entry and, by that of the one before it, of everything before it.</summary>
internal static class EntryDigest
{
    public static UInt128 Of(UInt128 before, LogEntry entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> head = stackalloc byte[32];
        BinaryPrimitives.WriteUInt128BigEndian(head, before);
        BinaryPrimitives.WriteInt64BigEndian(head[16..], entry.Index);
        BinaryPrimitives.WriteInt64BigEndian(head[24..], entry.Epoch);
        hash.AppendData(head);
        switch (entry)
        {
            case ProposedEntry proposed:
                hash.AppendData(Encoding.UTF8.GetBytes($"{proposed.Origin.Node} {proposed.Origin.Incarnation} {Words(proposed.Votes)}\n"));
                hash.AppendData(proposed.Payload.Span);
                break;
            case ViewEntry view:
                hash.AppendData(Encoding.UTF8.GetBytes(
                    $"{string.Join(' ', view.Members.Select(m => $"{m.Node}:{m.Incarnation}"))} {view.Continuous} {view.Count} "
                        + string.Join(' ', view.Superseded.Order(StringComparer.Ordinal))));
                break;
            default:
                throw new ArgumentException($"Unknown entry {entry.GetType().Name}.", nameof(entry));
        }

        return BinaryPrimitives.ReadUInt128BigEndian(hash.GetHashAndReset());
    }

    private static string Words(VoteTable? votes) => votes is null ? ""
        : $"{votes.Expected} {votes.TwoNode} "
            + string.Join(' ', votes.Votes.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => $"{v.Key}={v.Value}"))
            + (votes.Device is { } device ? $" {device.Votes} of {device.Name}" : "");
}
