using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ClusterTools.Engines.Corosync;

/// <summary>
/// Gives each membership of the group a name that all of its processes agree on, and that no earlier one had: whenever the membership
/// changes each says a word that it has never said before, and the name is a digest of the last word of each. A word that was said for an
/// earlier membership and is delivered late makes a name, too, the same for all, and gives way when the right word comes. Pure.
/// </summary>
/// <param name="self">This process.</param>
/// <param name="answerLimit">Milliseconds that a process may take to say its word before the others go on without it.</param>
internal sealed class Gathering(Peer self, int answerLimit)
{
    private readonly SortedDictionary<Peer, UInt128> words = [];
    private readonly SortedSet<Peer> without = [];
    private IReadOnlySet<Peer> members = new HashSet<Peer>();
    private long? deadline;
    private RingId? last;

    /// <summary>The others go on without this process.</summary>
    public bool IsLeftOut => without.Contains(self);

    /// <summary>When it must be told the time; null: everybody has said a word.</summary>
    public long? Due => deadline;

    /// <summary>Processes that did not say a word in time.</summary>
    public IReadOnlyCollection<Peer> Without => without;

    /// <summary>Whose words make the name.</summary>
    public IEnumerable<Peer> Awaited => members.Where(peer => !without.Contains(peer));

    /// <summary>The membership has changed; this process says a new word.</summary>
    public void OnMembers(IEnumerable<Peer> peers, long time)
    {
        members = peers.ToHashSet();
        words.Clear();
        without.IntersectWith(members);
        deadline = time + answerLimit;
    }

    /// <summary>A process has said its word, and whom it goes on without.</summary>
    /// <returns>The name of the ring, if it is one now that was none before.</returns>
    public RingId? OnHere(Peer from, UInt128 word, IEnumerable<Peer> goesWithout)
    {
        without.UnionWith(goesWithout.Where(members.Contains));
        if (members.Contains(from) && !without.Contains(from))
        {
            words[from] = word;
        }

        return Name();
    }

    /// <summary>A process is given up by another.</summary>
    /// <returns>The name of the ring, if it is one now that was none before.</returns>
    public RingId? OnWithout(Peer peer) => members.Contains(peer) && without.Add(peer) ? Name() : null;

    /// <summary>Who is late.</summary>
    public IReadOnlyList<Peer> OnTime(long time)
    {
        if (deadline is not { } due || due > time)
        {
            return [];
        }

        deadline = time + answerLimit;
        return [.. Awaited.Where(peer => peer != self && !words.ContainsKey(peer))];
    }

    private RingId? Name()
    {
        foreach (Peer gone in without)
        {
            words.Remove(gone);
        }

        if (IsLeftOut || !Awaited.All(words.ContainsKey))
        {
            return null;
        }

        deadline = null;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> bytes = stackalloc byte[24];
        foreach ((Peer peer, UInt128 word) in words)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, peer.Node);
            BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], peer.Process);
            BinaryPrimitives.WriteUInt128BigEndian(bytes[8..], word);
            hash.AppendData(bytes);
        }

        var name = new RingId(BinaryPrimitives.ReadUInt128BigEndian(hash.GetHashAndReset()));
        bool isNew = name != last;
        last = name;
        return isNew ? name : null;
    }
}
