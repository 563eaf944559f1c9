using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace ClusterTools.Agents;

/// <summary>
/// Intents and results in a file of lines (<c>checksum JSON</c>). What is written survives the end of this process, which is all that it
/// is for: the end of the machine ends what was begun as well, and nothing waits for the disk. It is written over a stretch of zeros that
/// was made beforehand, so that a stop can still be recorded on a full disk for as long as the stretch lasts.
/// </summary>
internal sealed class ActionJournal : IDisposable
{
    private const string FileName = "actions.journal";
    private const int InitialLength = 4 * 1024 * 1024;
    private const int ChecksumLength = 16;

    /// <summary>How long it is not tried again to write the file anew after that has failed (ms).</summary>
    private const long TryAgain = 2_000;

    private readonly string folder;
    private readonly Func<long> now;
    private readonly FileStream guard;
    private readonly Lock gate = new();
    private readonly Dictionary<string, JournalRecord> intents = new(StringComparer.Ordinal);
    private readonly RememberedResults changes;
    private readonly RememberedResults questions;
    private SafeFileHandle file = null!;
    private long length;
    private long written;
    private bool disposed;
    private (long At, IOException Why)? noRoom;

    /// <summary>Opens the journal in its folder, which is made when missing.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="rememberedResults">How many answers to changes, and to questions, are remembered.</param>
    /// <param name="now">Milliseconds that only grow; null: the machine's.</param>
    /// <exception cref="IOException">Another daemon uses the folder, or it cannot be written.</exception>
    public ActionJournal(string folder, int rememberedResults, Func<long>? now = null)
    {
        this.folder = folder;
        this.now = now ?? (static () => Environment.TickCount64);
        changes = new RememberedResults(rememberedResults);
        questions = new RememberedResults(rememberedResults);
        Directory.CreateDirectory(folder);
        string guardPath = Path.Combine(folder, "actions.lock");
        try
        {
            guard = new FileStream(guardPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error)
        {
            throw new IOException(
                $"The action journal in '{folder}' is in use ({error.Message}). Stop the other clusterd of this node, or give this one a "
                    + "state folder of its own.", error);
        }

        try
        {
            Open();
        }
        catch
        {
            guard.Dispose();
            throw;
        }
    }

    private string FilePath => Path.Combine(folder, FileName);

    /// <summary>
    /// What was damaged when the journal was opened, for people; null: nothing, or no more than a last line that was never finished.
    /// </summary>
    public string? Damage { get; private set; }

    /// <summary>Lines that did not fit their checksum when the journal was opened.</summary>
    public int DamagedLines { get; private set; }

    /// <summary>What was begun and has neither a result nor a withdrawal, oldest first.</summary>
    public IReadOnlyList<JournalRecord> OpenIntents
    {
        get
        {
            lock (gate)
            {
                return [.. intents.Values];
            }
        }
    }

    /// <summary>The remembered answer to an action.</summary>
    public ResourceResult? FindResult(string actionId)
    {
        lock (gate)
        {
            return (changes.Find(actionId) ?? questions.Find(actionId))?.Result;
        }
    }

    /// <summary>Writes a record; it survives the end of this process.</summary>
    public void Append(JournalRecord record)
    {
        byte[] line = Encode(record);
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            try
            {
                MakeRoom(line.Length);
                RandomAccess.Write(file, line, written);
            }
            catch when (record.Kind == JournalRecordKind.Result)
            {
                // The answer stays the same at least for as long as this process lives.
                Fold(record);
                throw;
            }

            written += line.Length;
            Fold(record);
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            if (!disposed)
            {
                disposed = true;
                file.Dispose();
                guard.Dispose();
            }
        }
    }

    // On a full disk every question would try in vain to write all of it anew, and keep the node from everything else.
    private void MakeRoom(int needed)
    {
        if (written + needed <= length)
        {
            return;
        }

        if (noRoom is { } before && now() - before.At < TryAgain)
        {
            throw new IOException(before.Why.Message, before.Why);
        }

        try
        {
            Rewrite();
            noRoom = null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            noRoom = (now(), error as IOException ?? new IOException(error.Message, error));
            throw;
        }
    }

    private void Fold(JournalRecord record)
    {
        switch (record.Kind)
        {
            case JournalRecordKind.Intent:
                intents[record.ActionId] = record;
                break;
            case JournalRecordKind.Spawned when intents.TryGetValue(record.ActionId, out JournalRecord? intent):
                intents[record.ActionId] = intent with { Pid = record.Pid, StartTime = record.StartTime };
                break;
            case JournalRecordKind.Spawned:
                break;
            case JournalRecordKind.Result:
                intents.Remove(record.ActionId);
                (record.Operation is ResourceOperation.Start or ResourceOperation.Stop ? changes : questions).Add(record);
                break;
            case JournalRecordKind.Withdrawn:
                intents.Remove(record.ActionId);
                break;
            default:
                throw new InvalidOperationException($"Unknown record kind {record.Kind}.");
        }
    }

    private void Open()
    {
        byte[] content = File.Exists(FilePath) ? File.ReadAllBytes(FilePath) : [];
        Load(content);
        // A file that is whole and has room is kept as it is, so that a daemon can start on a full disk.
        if (DamagedLines > 0)
        {
            SetAside(content);
        }

        if (DamagedLines > 0 || content.Length < InitialLength || written > content.Length / 2)
        {
            Rewrite();
            return;
        }

        file = File.OpenHandle(FilePath, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        length = content.Length;
    }

    // What comes after a damaged line is as good as what was before it. A machine that lost power leaves pieces that never reached the
    // disk, and nothing runs any more of what they told of.
    private void Load(ReadOnlySpan<byte> content)
    {
        int first = 0;
        int line = 0;
        int last = 0;
        string? boot = null;
        for (ReadOnlySpan<byte> rest = content; rest.IndexOfAnyExcept((byte)0) is >= 0 and var start; line++)
        {
            // Zeros before more are a piece that never reached the disk.
            DamagedLines += start > 0 ? 1 : 0;
            first = start > 0 && first == 0 ? line + 1 : first;
            rest = rest[start..];
            int end = rest.IndexOf((byte)'\n');
            if (end >= 0 && Decode(rest[..end]) is { } record)
            {
                Fold(record);
                last = line + 1;
                boot = record.BootId ?? boot;
            }
            else
            {
                DamagedLines++;
                first = first == 0 ? line + 1 : first;
            }

            rest = end < 0 ? [] : rest[(end + 1)..];
            written = content.Length - rest.Length;
        }

        if (first > 0 && last > first && (boot ?? ProcessIdentity.BootId) == ProcessIdentity.BootId)
        {
            Damage = $"{DamagedLines} lines of '{FilePath}', the first of them line {first}, do not fit their checksums and were passed "
                + $"over; the file is kept as '{FilePath}.damaged'. "
                + "What they told of actions under way is found again by probes. Check the disk.";
        }
    }

    private void SetAside(byte[] content)
    {
        if (Damage is null)
        {
            return;
        }

        try
        {
            File.WriteAllBytes(FilePath + ".damaged", content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // On a full disk the daemon starts without the copy.
            Damage = Damage.Replace($"the file is kept as '{FilePath}.damaged'", "the file could not be kept", StringComparison.Ordinal);
        }
    }

    // Everything that is still of use into a new file, which then takes the old one's place.
    private void Rewrite()
    {
        using var content = new MemoryStream();
        foreach (JournalRecord record in changes.Concat(questions).Concat(intents.Values))
        {
            content.Write(Encode(record));
        }

        long live = content.Length;
        long total = Math.Max(InitialLength, live * 2);
        content.SetLength(total);
        string next = FilePath + ".new";
        SafeFileHandle replacement = File.OpenHandle(next, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            RandomAccess.Write(replacement, content.GetBuffer().AsSpan(0, (int)total), 0);
            RandomAccess.FlushToDisk(replacement);
            File.Move(next, FilePath, overwrite: true);
            if (OperatingSystem.IsLinux())
            {
                LinuxNative.SyncFolder(folder);
            }
        }
        catch
        {
            // What it has taken of a disk that is full is not left in the way of others.
            replacement.Dispose();
            File.Delete(next);
            throw;
        }

        file?.Dispose();
        file = replacement;
        length = total;
        written = live;
    }

    private static byte[] Encode(JournalRecord record)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(record, JournalJson.Default.JournalRecord);
        return [.. Checksum(json), (byte)' ', .. json, (byte)'\n'];
    }

    private static JournalRecord? Decode(ReadOnlySpan<byte> line)
    {
        if (line.Length <= ChecksumLength + 1 || !line[..ChecksumLength].SequenceEqual(Checksum(line[(ChecksumLength + 1)..])))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(line[(ChecksumLength + 1)..], JournalJson.Default.JournalRecord);
        }
        catch (JsonException)
        {
            // A newer version's record, after a return to this one.
            return null;
        }
    }

    private static byte[] Checksum(ReadOnlySpan<byte> json)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(json, hash);
        return Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash[..(ChecksumLength / 2)]));
    }

    /// <summary>The last so many results, oldest first.</summary>
    private sealed class RememberedResults(int limit) : IEnumerable<JournalRecord>
    {
        private readonly Dictionary<string, JournalRecord> records = new(StringComparer.Ordinal);
        private readonly Queue<string> order = new();

        public JournalRecord? Find(string actionId) => records.GetValueOrDefault(actionId);

        public void Add(JournalRecord record)
        {
            if (records.TryAdd(record.ActionId, record))
            {
                order.Enqueue(record.ActionId);
                if (order.Count > limit)
                {
                    records.Remove(order.Dequeue());
                }
            }
        }

        public IEnumerator<JournalRecord> GetEnumerator() => order.Select(id => records[id]).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
