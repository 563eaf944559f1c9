using System.Text.Json;
using System.Threading.Channels;
using ClusterTools.Core;

namespace ClusterTools.Node;

/// <summary>A journal entry with its place in this node's journal.</summary>
/// <param name="Sequence">Grows by one; of this node's journal alone.</param>
/// <param name="Entry">The entry.</param>
public sealed record JournalRecord(long Sequence, JournalEntry Entry);

/// <summary>
/// The journal of decisions (FEATURES G5): kept in files of this node's state folder, newest in memory, followed live.
/// The files are bounded: two of <see cref="FileLimit"/> bytes, the older one dropped.
/// </summary>
public sealed class Journal : IAsyncDisposable
{
    /// <summary>Entries kept in memory.</summary>
    public const int MemoryLimit = 10_000;

    /// <summary>Size at which a file is closed and the next begun, in bytes.</summary>
    public const long FileLimit = 16 * 1024 * 1024;

    private readonly Lock gate = new();
    private readonly Queue<JournalRecord> records = new();
    private readonly List<Channel<JournalRecord>> followers = [];
    private readonly Channel<JournalRecord> toDisk = Channel.CreateBounded<JournalRecord>(new BoundedChannelOptions(65_536) { SingleReader = true });
    private readonly string? path;
    private readonly Task writer;
    private long sequence;

    /// <summary>Opens the journal of a state folder and reads what is there.</summary>
    /// <param name="folder">Null: in memory only.</param>
    public Journal(string? folder)
    {
        path = folder is null ? null : Path.Combine(folder, "journal.jsonl");
        foreach (string file in path is null ? [] : new[] { path + ".1", path })
        {
            Load(file);
        }

        writer = path is null ? Task.CompletedTask : Task.Run(WriteAsync);
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
                var record = new JournalRecord(
                    ++sequence,
                    entry.WallTime != 0 ? entry : entry with { WallTime = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() });
                Remember(record);
                if (path is not null)
                {
                    // A full queue means a disk that hangs: the newest stay in memory, the file has a gap.
                    toDisk.Writer.TryWrite(record);
                }

                foreach (Channel<JournalRecord> follower in followers)
                {
                    follower.Writer.TryWrite(record);
                }
            }
        }
    }

    /// <summary>Entries after a sequence number, oldest first.</summary>
    public IReadOnlyList<JournalRecord> Read(long after, int limit)
    {
        lock (gate)
        {
            return [.. records.Where(r => r.Sequence > after).Take(limit)];
        }
    }

    /// <summary>Entries after a sequence number, then new ones as they come. A follower that does not read loses the oldest.</summary>
    public async IAsyncEnumerable<JournalRecord> FollowAsync(
        long after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Channel<JournalRecord> channel = Channel.CreateBounded<JournalRecord>(
            new BoundedChannelOptions(MemoryLimit) { FullMode = BoundedChannelFullMode.DropOldest });
        JournalRecord[] past;
        lock (gate)
        {
            past = [.. records.Where(r => r.Sequence > after)];
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
        toDisk.Writer.TryComplete();
        await writer.ConfigureAwait(false);
    }

    private void Remember(JournalRecord record)
    {
        records.Enqueue(record);
        while (records.Count > MemoryLimit)
        {
            records.Dequeue();
        }
    }

    private void Load(string file)
    {
        if (!File.Exists(file))
        {
            return;
        }

        foreach (string line in File.ReadLines(file))
        {
            try
            {
                if (JsonSerializer.Deserialize<JournalRecord>(line, CoreJson.Options) is { } record)
                {
                    sequence = Math.Max(sequence, record.Sequence);
                    Remember(record);
                }
            }
            catch (JsonException)
            {
                // The last line of a node that lost power may be torn.
            }
        }
    }

    private async Task WriteAsync()
    {
        StreamWriter? stream = null;
        try
        {
            while (await toDisk.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                stream ??= new StreamWriter(path!, append: true);
                while (toDisk.Reader.TryRead(out JournalRecord? record))
                {
                    await stream.WriteLineAsync(JsonSerializer.Serialize(record, CoreJson.Options)).ConfigureAwait(false);
                }

                await stream.FlushAsync().ConfigureAwait(false);
                if (stream.BaseStream.Length > FileLimit)
                {
                    await stream.DisposeAsync().ConfigureAwait(false);
                    stream = null;
                    File.Move(path!, path + ".1", overwrite: true);
                }
            }
        }
        finally
        {
            if (stream is not null)
            {
                await stream.DisposeAsync().ConfigureAwait(false);
            }
        }
    }
}
