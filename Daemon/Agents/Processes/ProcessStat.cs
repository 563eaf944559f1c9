using System.Globalization;
using System.Text;

namespace ClusterTools.Agents;

/// <summary>One line of proc(5) /proc/PID/stat.</summary>
internal readonly record struct ProcessStat(int Pid, char State, int ParentPid, int ProcessGroup, int Session, int Threads, long StartTime)
{
    /// <summary>Nothing of it executes any more. A leader that ended before its threads shows as a zombie and is not dead.</summary>
    public bool IsDead => State is 'Z' or 'X' or 'x' && Threads <= 1;

    public static ProcessStat? Read(int pid)
    {
        if (pid <= 0)
        {
            return null;
        }

        if (!OperatingSystem.IsLinux())
        {
            return ReadPortable(pid);
        }

        Span<byte> buffer = stackalloc byte[1024];
        int length;
        try
        {
            using var handle = File.OpenHandle($"/proc/{pid}/stat");
            length = RandomAccess.Read(handle, buffer, 0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        // The name may hold spaces and brackets; only its last bracket counts.
        int end = buffer[..length].LastIndexOf((byte)')');
        if (end < 0)
        {
            return null;
        }

        string[] fields = Encoding.ASCII.GetString(buffer[(end + 2)..length]).Split(' ');
        return new ProcessStat(pid, fields[0][0], Number(fields[1]), Number(fields[2]), Number(fields[3]), Number(fields[17]),
            long.Parse(fields[19], CultureInfo.InvariantCulture));
    }

    /// <summary>Every process of the machine that can be seen now.</summary>
    public static IEnumerable<ProcessStat> ReadAll()
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int pid)
                && Read(pid) is { } stat)
            {
                yield return stat;
            }
        }
    }

    /// <summary>The process was started with this environment entry (<c>NAME=value</c>); false where it may not be read.</summary>
    public static bool HasEnvironment(int pid, string entry)
    {
        byte[] content;
        try
        {
            content = File.ReadAllBytes($"/proc/{pid}/environ");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }

        byte[] wanted = Encoding.UTF8.GetBytes(entry + '\0');
        ReadOnlySpan<byte> rest = content;
        for (int at = rest.IndexOf(wanted); at >= 0; at = rest.IndexOf(wanted))
        {
            if (at == 0 || rest[at - 1] == 0)
            {
                return true;
            }

            rest = rest[(at + 1)..];
        }

        return false;
    }

    private static int Number(string field) => int.Parse(field, CultureInfo.InvariantCulture);

    private static ProcessStat? ReadPortable(int pid)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(pid);
            return process.HasExited ? null : new ProcessStat(pid, 'R', 0, pid, pid, 1, process.StartTime.Ticks);
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
