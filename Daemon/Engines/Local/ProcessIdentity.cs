using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ClusterTools.Engines.Local;

/// <summary>A process that cannot be mistaken for a later one with the same number.</summary>
/// <param name="Boot">Which boot of the machine; 0 where the system does not say.</param>
/// <param name="Namespace">The PID namespace that the number belongs to; 0 where there are none.</param>
/// <param name="Id">The process id.</param>
/// <param name="Started">Start time as proc(5) has it in /proc/PID/stat (22), or in ticks elsewhere.</param>
internal readonly partial record struct ProcessIdentity(long Boot, long Namespace, long Id, long Started)
{
    private const int SysPidfdSendSignal = 424;
    private const int SysPidfdOpen = 434;
    private const int SigKill = 9;

    public static ProcessIdentity Own { get; } = new(
        ReadBoot(), ReadNamespace(), Environment.ProcessId, ReadStarted(Environment.ProcessId) ?? 0);

    /// <summary>
    /// Whether the process is still there (stopped counts, a zombie does not). False for another boot; unknown namespaces count as alive.
    /// </summary>
    public bool IsAlive => Boot == Own.Boot && (Namespace != Own.Namespace || ReadStarted((int)Id) == Started);

    /// <summary>Whether the process was stopped by a signal or a debugger; false where the system does not say.</summary>
    public bool IsStopped =>
        Boot == Own.Boot && Namespace == Own.Namespace && OperatingSystem.IsLinux() && ReadState((int)Id) is "T" or "t";

    /// <summary>Ends the process with SIGKILL, if it is still this one and not this daemon itself.</summary>
    public bool Kill()
    {
        if (Boot != Own.Boot || Namespace != Own.Namespace || Id == Own.Id || Id <= 1 || Started == 0)
        {
            return false;
        }

        return OperatingSystem.IsLinux() ? KillByDescriptor() : KillByHandle();
    }

    // The descriptor pins the process, so that the number cannot be recycled between the check and the signal.
    private bool KillByDescriptor()
    {
        long descriptor = SystemCall(SysPidfdOpen, Id, 0, 0, 0);
        if (descriptor < 0)
        {
            return false;
        }

        try
        {
            return ReadStarted((int)Id) == Started && SystemCall(SysPidfdSendSignal, descriptor, SigKill, 0, 0) == 0;
        }
        finally
        {
            _ = Close((int)descriptor);
        }
    }

    private bool KillByHandle()
    {
        try
        {
            using Process process = Process.GetProcessById((int)Id);
            if (process.StartTime.Ticks != Started)
            {
                return false;
            }

            process.Kill();
            return true;
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static long? ReadStarted(int id)
    {
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                using Process process = Process.GetProcessById(id);
                return process.StartTime.Ticks;
            }

            string[] fields = ReadStat(id);
            return fields[0] is "Z" or "X" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string? ReadState(int id)
    {
        try
        {
            return ReadStat(id)[0];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // From the state on; the name in brackets before it may hold spaces and brackets.
    private static string[] ReadStat(int id)
    {
        string stat = File.ReadAllText($"/proc/{id}/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
    }

    private static long ReadBoot() =>
        OperatingSystem.IsLinux() && Guid.TryParse(File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), out Guid boot)
            ? BitConverter.ToInt64(boot.ToByteArray())
            : 0;

    private static long ReadNamespace()
    {
        string? link = OperatingSystem.IsLinux() ? new FileInfo("/proc/self/ns/pid").LinkTarget : null;
        return link is not null && long.TryParse(link["pid:[".Length..].TrimEnd(']'), CultureInfo.InvariantCulture, out long number)
            ? number
            : 0;
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial long SystemCall(long number, long first, long second, long third, long fourth);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
