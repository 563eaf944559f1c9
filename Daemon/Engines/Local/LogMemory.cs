using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ClusterTools.Engines.Local;

/// <summary>
/// What one node has seen of the shared log, in a file of its own: a log that was lost, made anew or cut short is known by it, and does not
/// take back in silence what was committed.
/// </summary>
public sealed class LogMemory : IDisposable
{
    // One write of one size, over itself: it needs no room on a full disk and is never half there.
    private const int Length = 128;
    private const long Interval = 1000;

    private readonly string? path;
    private readonly bool acceptsAny;
    private readonly Lock closing = new();
    private SafeFileHandle? file;
    private string log = "";
    private long index;
    private long seen;
    private long writtenAt;

    /// <summary>Reads what is known.</summary>
    /// <param name="path">Null: nothing is, and nothing is kept.</param>
    /// <param name="acceptsAny">Somebody vouches that whatever log is there, or none, is the one to go on with.</param>
    public LogMemory(string? path, bool acceptsAny)
    {
        this.path = path;
        this.acceptsAny = acceptsAny;
        if (path is not null && Read(path) is { } known)
        {
            (log, index) = known;
        }
    }

    /// <summary>This node has taken part in a log, and nobody has said that another will do.</summary>
    public bool Knows => log.Length > 0 && !acceptsAny;

    /// <summary>What a node has seen: which log, and its last index. Null: nothing is known.</summary>
    public static (string Log, long Index)? Read(string path)
    {
        try
        {
            string[] words = File.ReadAllText(path).Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return words is [var log, var index] && long.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out long last)
                ? (log, last)
                : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Refuses a log that is not what this node knows.</summary>
    /// <exception cref="LogLostException">The message says what is known and what is there.</exception>
    internal void Check(string databasePath, string present, long head)
    {
        if (!Knows)
        {
            return;
        }

        if (present != log)
        {
            throw new LogLostException(
                $"The log '{databasePath}' was made anew since this node last took part, and ends at index {head}; "
                    + $"this node has seen index {index} of the one before. What was committed there would be lost.");
        }

        if (head < index)
        {
            throw new LogLostException(
                $"The log '{databasePath}' ends at index {head}, and this node has seen index {index} of it: "
                    + "its last part is lost, by damage or by an old copy. What was committed there would be lost.");
        }
    }

    /// <summary>From now on this is the node's log.</summary>
    internal void Begin(string present)
    {
        index = present == log && !acceptsAny ? index : 0;
        log = present;
        seen = index;
        if (path is not null)
        {
            file = Open(path);
            Write(file, log, index);
            RandomAccess.FlushToDisk(file);
        }
    }

    /// <summary>An index was handled; written down at most once a second, and when there is nothing more to do.</summary>
    internal void See(long handled, bool idle)
    {
        seen = Math.Max(seen, handled);
        long now = BootClock.Now;
        lock (closing)
        {
            if (file is not { IsClosed: false } || seen == index || (!idle && now - writtenAt < Interval))
            {
                return;
            }

            index = seen;
            writtenAt = now;
            try
            {
                Write(file, log, index);
            }
            catch (IOException)
            {
                // What is remembered is older than it could be; the disk's own trouble is told by those who need it.
            }
        }
    }

    public void Dispose()
    {
        // The stream of events may still be at its last one.
        lock (closing)
        {
            file?.Dispose();
        }
    }

    private static SafeFileHandle Open(string path)
    {
        if (!File.Exists(path))
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            new FileStream(path, options).Dispose();
        }

        return File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
    }

    private static void Write(SafeFileHandle file, string log, long index) =>
        RandomAccess.Write(file, Encoding.ASCII.GetBytes($"{log} {index}".PadRight(Length - 1) + "\n"), 0);
}
