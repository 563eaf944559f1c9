using System.Threading.Channels;
using ClusterTools.Core;

namespace ClusterTools.Node;

/// <summary>A journal entry with its place in this node's journal.</summary>
/// <param name="Sequence">Grows by one; of this node's journal alone.</param>
/// <param name="Entry">The entry.</param>
public sealed record JournalRecord(long Sequence, JournalEntry Entry);

/// <summary>
/// The journal of decisions (FEATURES G5): kept in files of this node's state folder, newest in memory, followed live.
/// Every text in it is plain and bounded, whoever said it; what may be kept is bounded, too, by number and by length.
/// </summary>
public sealed class Journal : IAsyncDisposable
{
    /// <summary>Entries kept in memory, all shares together (<see cref="JournalMemory"/>).</summary>
    public const int MemoryLimit = JournalMemory.Entries;

    /// <summary>Entries that may wait for one follower; beyond it the oldest are not told to it, and it sees a gap.</summary>
    public const int FollowerLimit = 2_000;

    private readonly Lock gate = new();
    private readonly JournalMemory memory = new();
    private readonly List<Channel<JournalRecord>> followers = [];
    private readonly JournalFile? file;
    private long sequence;

    /// <summary>Opens the journal of a state folder and reads what is there.</summary>
    /// <param name="folder">Null: in memory only.</param>
    public Journal(string? folder)
    {
        if (folder is null)
        {
            return;
        }

        string path = Path.Combine(folder, "journal.jsonl");
        foreach (JournalRecord record in JournalFile.Read(path))
        {
            sequence = Math.Max(sequence, record.Sequence);
            memory.Add(record);
        }

        file = new JournalFile(path, Append);
    }

    /// <summary>Sequence number of the newest entry; 0 when there is none.</summary>
    public long Last
    {
        get
        {
            lock (gate)
            {
                return sequence;
            }
        }
    }

    public void Append(IEnumerable<JournalEntry> entries)
    {
        lock (gate)
        {
            foreach (JournalEntry entry in entries)
            {
                var record = new JournalRecord(++sequence, Bounded(entry));
                memory.Add(record);
                file?.Write(record);
                foreach (Channel<JournalRecord> follower in followers)
                {
                    follower.Writer.TryWrite(record);
                }
            }
        }
    }

    /// <summary>Waits until what was journalled stands in the file, as long as that may take.</summary>
    public void AwaitWritten(TimeSpan limit) => file?.AwaitWritten(limit);

    /// <summary>Entries after a sequence number, oldest first.</summary>
    public IReadOnlyList<JournalRecord> Read(long after, int limit)
    {
        lock (gate)
        {
            return [.. memory.Records.Where(r => r.Sequence > after).Take(limit)];
        }
    }

    /// <summary>Entries after a sequence number, then new ones as they come. A follower that does not read loses the oldest.</summary>
    public async IAsyncEnumerable<JournalRecord> FollowAsync(
        long after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Channel<JournalRecord> channel = Channel.CreateBounded<JournalRecord>(
            new BoundedChannelOptions(FollowerLimit) { FullMode = BoundedChannelFullMode.DropOldest });
        JournalRecord[] past;
        lock (gate)
        {
            past = [.. memory.Records.Where(r => r.Sequence > after)];
            followers.Add(channel);
        }

        try
        {
            foreach (JournalRecord record in past)
            {
                yield return record;
            }

            await foreach (JournalRecord record in channel.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return record;
            }
        }
        finally
        {
            lock (gate)
            {
                followers.Remove(channel);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (file is not null)
        {
            await file.DisposeAsync().ConfigureAwait(false);
        }
    }

    // What the daemon itself says may hold words of the system's, of a file or of a program.
    private static JournalEntry Bounded(JournalEntry entry) => entry with
    {
        WallTime = entry.WallTime != 0 ? entry.WallTime : DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
        Message = PlainText.CutWords(PlainText.Escape(entry.Message), TextLimits.JournalMessage),
        Node = entry.Node is { } node ? PlainText.CutName(node, TextLimits.Name) : null,
        Group = entry.Group is { } group ? PlainText.CutName(group, TextLimits.Name) : null,
        Resource = entry.Resource is { } resource ? PlainText.CutName(resource, TextLimits.Name) : null,
        Who = entry.Who is { } who ? PlainText.CutWords(PlainText.Escape(who), TextLimits.Who) : null,
    };
}
