using System.Buffers;

namespace ClusterTools.Api;

/// <summary>
/// An answer that waits to be sent, in pieces that are counted as they are made: what is too long is noticed before it is there.
/// </summary>
internal sealed class AnswerBuffer(HeldBytes held) : IBufferWriter<byte>, IDisposable
{
    // Small enough to be collected soon, and what a slow client is given time for at once.
    private const int LongestPiece = 64 * 1024;
    private const int FirstPiece = 2 * 1024;

    private readonly List<ReadOnlyMemory<byte>> pieces = [];
    private byte[] current = [];
    private int used;

    public long Length { get; private set; }

    /// <summary>What was written, in order.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Pieces => used > 0 ? pieces.Append(current.AsMemory(0, used)) : pieces;

    /// <summary>Takes bytes that are there already.</summary>
    public void Append(ReadOnlyMemory<byte> content)
    {
        held.Take(content.Length);
        Seal();
        for (int at = 0; at < content.Length; at += LongestPiece)
        {
            pieces.Add(content.Slice(at, Math.Min(LongestPiece, content.Length - at)));
        }

        Length += content.Length;
    }

    public void Advance(int count)
    {
        used += count;
        Length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (current.Length - used < Math.Max(sizeHint, 1))
        {
            int size = Math.Max(sizeHint, current.Length == 0 ? FirstPiece : Math.Min(LongestPiece, current.Length * 2));
            held.Take(size);
            Seal();
            current = new byte[size];
        }

        return current.AsMemory(used);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Dispose()
    {
        pieces.Clear();
        current = [];
        used = 0;
        held.Dispose();
    }

    private void Seal()
    {
        if (used > 0)
        {
            pieces.Add(current.AsMemory(0, used));
            used = 0;
        }

        current = [];
    }
}
