using System.Globalization;

namespace ClusterTools.Agents;

/// <summary>A process that is not mistaken for a later one with the same pid.</summary>
/// <param name="Pid">Its process id.</param>
/// <param name="StartTime">When it started: clock ticks since boot (proc(5), field 22 of stat); ticks of the wall clock elsewhere than on
/// Linux.</param>
public readonly record struct ProcessIdentity(int Pid, long StartTime)
{
    /// <summary>Changes with every boot of the machine (Linux: /proc/sys/kernel/random/boot_id).</summary>
    public static string BootId { get; } = ReadBootId();

    /// <summary>The process that has this pid now, zombies included; null when there is none.</summary>
    public static ProcessIdentity? Find(int pid) => ProcessStat.Read(pid) is { } stat ? new ProcessIdentity(pid, stat.StartTime) : null;

    /// <summary>It runs: it is there, is no zombie and is the same that was meant.</summary>
    public bool IsAlive => ProcessStat.Read(Pid) is { IsDead: false } stat && stat.StartTime == StartTime;

    /// <summary>Sends a signal to this very process; false when it is gone or not ours.</summary>
    public bool Signal(int signal)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Signals need Linux.");
        }

        // The descriptor holds the process while its start time is compared, so that a reused pid cannot slip in between.
        int pidfd = LinuxNative.OpenPidfd(Pid);
        if (Find(Pid) != this)
        {
            Release(pidfd);
            return false;
        }

        bool sent = pidfd >= 0 ? LinuxNative.SendSignalByPidfd(pidfd, signal) : LinuxNative.Kill(Pid, signal) == 0;
        Release(pidfd);
        return sent;
    }

    private static void Release(int descriptor)
    {
        if (descriptor >= 0)
        {
            _ = LinuxNative.Close(descriptor);
        }
    }

    private static string ReadBootId() => OperatingSystem.IsLinux()
        ? File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()
        // To the minute: the two clocks drift a little against each other.
        : (DateTime.UtcNow - TimeSpan.FromMilliseconds(Environment.TickCount64)).ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture);
}
