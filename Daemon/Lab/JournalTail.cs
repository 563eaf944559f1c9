using System.Text;
using System.Text.Json;
using ClusterTools.Core;
using ClusterTools.Node;

namespace ClusterTools.Lab;

/// <summary>Reads the journal that a node writes, from outside and as it grows. Not thread-safe.</summary>
public sealed class JournalTail
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);

    private readonly string path;
    private readonly List<JournalEntry> entries = [];
    private byte[] partial = [];
    private long offset;

    /// <param name="stateFolder">The node's.</param>
    public JournalTail(string stateFolder) => path = Path.Combine(stateFolder, "journal.jsonl");

    /// <summary>What has been read, oldest first.</summary>
    public IReadOnlyList<JournalEntry> Entries => entries;

    /// <summary>Reads what is new.</summary>
    public IReadOnlyList<JournalEntry> Read()
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            // A shorter file means that the journal was rotated.
            offset = stream.Length < offset ? 0 : offset;
            stream.Position = offset;
            byte[] more = new byte[stream.Length - offset];
            stream.ReadExactly(more);
            partial = [.. partial, .. more];
            offset = stream.Position;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return entries;
        }

        int end = Array.LastIndexOf(partial, (byte)'\n');
        if (end < 0)
        {
            return entries;
        }

        foreach (string line in Encoding.UTF8.GetString(partial.AsSpan(0, end)).Split('\n'))
        {
            Add(line);
        }

        partial = partial[(end + 1)..];
        return entries;
    }

    /// <summary>Waits until an entry after the given number of them fits.</summary>
    /// <param name="after">Entries that are not looked at.</param>
    /// <param name="fits">What is waited for.</param>
    /// <param name="limit">For the wait.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Null when the time was up.</returns>
    public async Task<JournalEntry?> WaitForAsync(int after, Func<JournalEntry, bool> fits, TimeSpan limit, CancellationToken cancel)
    {
        long deadline = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        int looked = after;
        while (true)
        {
            Read();
            for (; looked < entries.Count; looked++)
            {
                if (fits(entries[looked]))
                {
                    return entries[looked];
                }
            }

            if (Environment.TickCount64 >= deadline)
            {
                return null;
            }

            await Task.Delay(Poll, cancel).ConfigureAwait(false);
        }
    }

    private void Add(string line)
    {
        try
        {
            if (JsonSerializer.Deserialize(line, NodeJson.Options.GetTypeInfo<JournalRecord>()) is { } record)
            {
                entries.Add(record.Entry);
            }
        }
        catch (JsonException)
        {
            // The last line of a life that lost its power may be torn.
        }
    }
}
