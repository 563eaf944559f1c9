using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;
using ClusterTools.Core;

namespace ClusterTools.Node;

/// <summary>
/// The journal on the disk of the state folder: one line of JSON an entry, in two files of <see cref="Limit"/> bytes, the older one
/// dropped. A disk that is full or hangs costs entries, never the journal: writing is tried again, and a line says how much is missing.
/// </summary>
internal sealed class JournalFile : IAsyncDisposable
{
    /// <summary>Size at which a file is closed and the next begun, in bytes.</summary>
    public const long Limit = 16 * 1024 * 1024;

    /// <summary>Entries that may wait while the disk hangs or is full; what comes after is missing in the file.</summary>
    public const int MostWaiting = 4_096;

    private const int BlockLimit = 1024 * 1024;

    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(2);

    private readonly Channel<JournalRecord> waiting = Channel.CreateBounded<JournalRecord>(
        new BoundedChannelOptions(MostWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly string path;
    private readonly Action<IEnumerable<JournalEntry>> say;
    private readonly Func<string, Stream> open;
    private readonly CancellationTokenSource closing = new();
    private readonly MemoryStream block = new();
    private readonly Task writing;
    private Stream? stream;
    private long whole;
    private long missing;
    private long accepted;
    private long filled;
    private long written;
    private (DateTimeOffset Since, string Why)? trouble;

    /// <param name="path">The newer of the two files.</param>
    /// <param name="say">Journals what is missing in the file, once it can be written again.</param>
    /// <param name="open">Opens a file to be written and read; a test's may fail.</param>
    public JournalFile(string path, Action<IEnumerable<JournalEntry>> say, Func<string, Stream>? open = null)
    {
        this.path = path;
        this.say = say;
        this.open = open ?? Open;
        writing = Task.Run(WriteAsync);
    }

    // Its user's alone, whatever the umask.
    private static FileStream Open(string file)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(file, options);
    }

    /// <summary>What stands in the two files, oldest first. Lines that are torn, as by a loss of power, are passed over.</summary>
    public static IEnumerable<JournalRecord> Read(string path)
    {
        foreach (string file in new[] { path + ".1", path }.Where(File.Exists))
        {
            foreach (string line in File.ReadLines(file))
            {
                if (Parse(line) is { } record)
                {
                    yield return record;
                }
            }
        }
    }

    /// <summary>Has an entry written soon. Never waits: what has no room is missing in the file.</summary>
    public void Write(JournalRecord record)
    {
        if (waiting.Writer.TryWrite(record))
        {
            Interlocked.Increment(ref accepted);
        }
        else
        {
            Interlocked.Increment(ref missing);
        }
    }

    /// <summary>Waits until what was to be written is written, as long as that may take.</summary>
    public void AwaitWritten(TimeSpan limit) =>
        SpinWait.SpinUntil(() => Interlocked.Read(ref written) >= Interlocked.Read(ref accepted), limit);

    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete();
        await closing.CancelAsync().ConfigureAwait(false);
        await writing.ConfigureAwait(false);
        closing.Dispose();
    }

    private static JournalRecord? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, NodeJson.Options.GetTypeInfo<JournalRecord>());
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task WriteAsync()
    {
        while (block.Length > 0 || await waiting.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            try
            {
                Fill();
                Open();
                await stream!.WriteAsync(block.GetBuffer().AsMemory(0, (int)block.Length)).ConfigureAwait(false);
                await stream.FlushAsync().ConfigureAwait(false);
                whole = stream.Position;
                Interlocked.Exchange(ref written, filled);
                block.SetLength(0);
                SayWhatIsMissing();
                Rotate();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
            {
                trouble ??= (DateTimeOffset.UtcNow, e.Message.TrimEnd('.'));
                Close();
                if (closing.IsCancellationRequested)
                {
                    return;
                }

                await PauseAsync().ConfigureAwait(false);
            }
        }

        Close();
    }

    private void Fill()
    {
        while (block.Length < BlockLimit && waiting.Reader.TryRead(out JournalRecord? record))
        {
            JsonSerializer.Serialize(block, record, NodeJson.Options.GetTypeInfo<JournalRecord>());
            block.WriteByte((byte)'\n');
            filled++;
        }
    }

    /// <summary>Goes on after the last whole line: what a full disk or a loss of power has torn must not spoil the next one.</summary>
    private void Open()
    {
        if (stream is not null)
        {
            return;
        }

        stream = open(path);
        if (whole == 0)
        {
            whole = EndOfLastLine(stream);
        }

        stream.SetLength(Math.Min(whole, stream.Length));
        stream.Seek(0, SeekOrigin.End);
    }

    private static long EndOfLastLine(Stream file)
    {
        byte[] block = new byte[4096];
        for (long end = file.Length; end > 0;)
        {
            int length = (int)Math.Min(block.Length, end);
            file.Position = end - length;
            file.ReadExactly(block, 0, length);
            int at = Array.LastIndexOf(block, (byte)'\n', length - 1, length);
            if (at >= 0)
            {
                return end - length + at + 1;
            }

            end -= length;
        }

        return 0;
    }

    private void Rotate()
    {
        if (whole <= Limit)
        {
            return;
        }

        Close();
        File.Move(path, path + ".1", overwrite: true);
        whole = 0;
    }

    private void Close()
    {
        try
        {
            stream?.Dispose();
        }
        catch (IOException)
        {
            // What it could not write is written anew.
        }

        stream = null;
    }

    private async Task PauseAsync()
    {
        try
        {
            await Task.Delay(TryAgain, closing.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The daemon ends; what waits is tried once more.
        }
    }

    private void SayWhatIsMissing()
    {
        long lost = Interlocked.Exchange(ref missing, 0);
        if (trouble is null && lost == 0)
        {
            return;
        }

        (DateTimeOffset since, string why) = trouble ?? (DateTimeOffset.UtcNow, "more came than the disk could take");
        trouble = null;
        string what = lost == 0 ? "no entry is missing in it" : $"{lost:N0} entries are missing in it";
        say(
        [
            new JournalEntry
            {
                Index = 0,
                Time = 0,
                Severity = JournalSeverity.Warning,
                Kind = "journal.missing",
                Message = $"The journal's file {path} could not be written since {since.ToString("u", CultureInfo.InvariantCulture)} "
                    + $"({why}); {what}. It is written again.",
            },
        ]);
    }
}
