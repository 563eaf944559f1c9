using System.Text;

namespace ClusterTools.Agents;

/// <summary>Keeps the last bytes of a stream, whatever its length.</summary>
internal sealed class TailBuffer(int limit)
{
    private byte[] ring = new byte[Math.Min(limit, 1024)];
    private long written;

    public bool Cut => written > limit;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > limit)
        {
            written += bytes.Length - limit;
            bytes = bytes[^limit..];
        }

        if (written + bytes.Length > ring.Length && ring.Length < limit)
        {
            // Not yet wrapped around: a plain copy keeps the order.
            Array.Resize(ref ring, (int)Math.Min(limit, Math.Max(written + bytes.Length, ring.Length * 2L)));
        }

        int at = (int)(written % ring.Length);
        int first = Math.Min(bytes.Length, ring.Length - at);
        bytes[..first].CopyTo(ring.AsSpan(at));
        bytes[first..].CopyTo(ring);
        written += bytes.Length;
    }

    /// <summary>What was kept, as UTF-8 text; starts at a whole character.</summary>
    public override string ToString()
    {
        int length = (int)Math.Min(written, limit);
        byte[] bytes = new byte[length];
        int start = (int)((written - length) % ring.Length);
        int first = Math.Min(length, ring.Length - start);
        ring.AsSpan(start, first).CopyTo(bytes);
        ring.AsSpan(0, length - first).CopyTo(bytes.AsSpan(first));
        int skip = 0;
        while (Cut && skip < Math.Min(3, length) && (bytes[skip] & 0xC0) == 0x80)
        {
            skip++;
        }

        return Encoding.UTF8.GetString(bytes, skip, length - skip);
    }
}
