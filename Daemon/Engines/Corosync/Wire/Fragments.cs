namespace ClusterTools.Engines.Corosync.Wire;

/// <summary>
/// Cuts messages that are too long for one of the process group, and puts together what comes in. A sender's parts come in its order and
/// one message after the other; of a message whose beginning was not seen the rest is passed over.
/// </summary>
internal sealed class Fragments
{
    /// <summary>Bytes of a part. A message of the group may hold 1,047,552, and longer ones would hold others up.</summary>
    public const int Size = 256 * 1024;

    /// <summary>Far more than the longest message of the protocol; whoever says more is not one of us.</summary>
    private const int MostParts = 4096;

    private readonly Dictionary<Peer, Begun> begun = [];
    private uint last;

    /// <summary>The frames of a message.</summary>
    public IEnumerable<Frame.Part> Cut(ReadOnlyMemory<byte> message)
    {
        uint number = ++last;
        int count = Math.Max(1, (message.Length + Size - 1) / Size);
        for (int part = 0; part < count; part++)
        {
            yield return new Frame.Part(number, part, count, message[(part * Size)..Math.Min(message.Length, (part + 1) * Size)]);
        }
    }

    /// <summary>A part has come.</summary>
    /// <returns>The message, when this was its last part.</returns>
    /// <exception cref="InvalidDataException">It is no part of a message.</exception>
    public ReadOnlyMemory<byte>? Add(Peer from, Frame.Part part)
    {
        if (part.Count is < 1 or > MostParts || part.Number < 0 || part.Number >= part.Count || part.Bytes.Length > Size)
        {
            throw new InvalidDataException($"There is no part {part.Number} of {part.Count} with {part.Bytes.Length} bytes.");
        }

        if (part.Count == 1)
        {
            return part.Bytes;
        }

        if (part.Number == 0)
        {
            begun[from] = new Begun(part.Message, [part.Bytes]);
            return null;
        }

        if (!begun.TryGetValue(from, out Begun? of) || of.Message != part.Message || of.Parts.Count != part.Number)
        {
            begun.Remove(from);
            return null;
        }

        of.Parts.Add(part.Bytes);
        if (of.Parts.Count < part.Count)
        {
            return null;
        }

        begun.Remove(from);
        byte[] whole = new byte[of.Parts.Sum(p => p.Length)];
        int at = 0;
        foreach (ReadOnlyMemory<byte> each in of.Parts)
        {
            each.CopyTo(whole.AsMemory(at));
            at += each.Length;
        }

        return whole;
    }

    /// <summary>Of the others nothing more will come.</summary>
    public void Keep(IReadOnlySet<Peer> peers)
    {
        foreach (Peer gone in begun.Keys.Where(peer => !peers.Contains(peer)).ToArray())
        {
            begun.Remove(gone);
        }
    }

    private sealed record Begun(uint Message, List<ReadOnlyMemory<byte>> Parts);
}
