using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace ClusterTools.Engines.Local;

/// <summary>Who holds the lock that a write to the database waits for, as the kernel tells it (proc_locks(5)).</summary>
internal static partial class LockHolders
{
    // SQLite's lock for writers in WAL mode: one byte of the -shm file (walformat).
    private const long WriteLockByte = 120;
    private const int LongestCommand = 120;
    private const int CurrentFolder = -100;
    private const uint BasicFields = 0x7FF;
    private const int InodeAt = 32;
    private const int MajorAt = 136;
    private const int MinorAt = 140;

    /// <summary>In words, with what to do; empty: nobody that can be seen.</summary>
    public static string Describe(string databasePath)
    {
        string[] holders =
        [
            .. Find(databasePath + "-shm", File.Exists("/proc/locks") ? File.ReadAllLines("/proc/locks") : [])
                .Where(pid => pid != Environment.ProcessId).Select(Name),
        ];
        return holders.Length == 0
            ? ""
            : $" It is held by {string.Join(" and ", holders)}. Unless that is clusterd, end it: nobody else has business with this file.";
    }

    /// <summary>Process ids that hold the writers' lock; 0: one outside of this process's sight.</summary>
    internal static IReadOnlyList<int> Find(string path, IEnumerable<string> locks)
    {
        if (Identify(path) is not { } file)
        {
            return [];
        }

        SortedSet<int> found = [];
        foreach (string line in locks)
        {
            // 1: POSIX  ADVISORY  READ  4242 fd:01:1835017 120 120; one that waits has an arrow in front.
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length >= 8 && words[1] != "->" && words[5] == file
                && int.TryParse(words[4], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int pid)
                && long.TryParse(words[6], NumberStyles.None, CultureInfo.InvariantCulture, out long first)
                && (words[7] == "EOF"
                    || (long.TryParse(words[7], NumberStyles.None, CultureInfo.InvariantCulture, out long last) && last >= WriteLockByte))
                && first <= WriteLockByte)
            {
                found.Add(Math.Max(pid, 0));
            }
        }

        return [.. found];
    }

    private static string Name(int pid)
    {
        if (pid == 0)
        {
            return "a process that can't be seen from here (lslocks as root shows it)";
        }

        try
        {
            string command = Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{pid}/cmdline")).Replace('\0', ' ').Trim();
            string printable = string.Concat(command.Select(c => char.IsControl(c) ? '?' : c));
            return $"process {pid} ({(printable.Length > LongestCommand ? printable[..LongestCommand] + "…" : printable)})";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"process {pid}";
        }
    }

    /// <summary>A file as /proc/locks names it.</summary>
    private static unsafe string? Identify(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        Span<byte> found = stackalloc byte[256];
        fixed (byte* start = found)
        {
            if (StatX(CurrentFolder, path, 0, BasicFields, start) != 0)
            {
                return null;
            }
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"{BinaryPrimitives.ReadUInt32LittleEndian(found[MajorAt..]):x2}:"
                + $"{BinaryPrimitives.ReadUInt32LittleEndian(found[MinorAt..]):x2}:"
                    + $"{BinaryPrimitives.ReadUInt64LittleEndian(found[InodeAt..])}");
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int StatX(int folder, string path, int flags, uint mask, byte* found);
}
