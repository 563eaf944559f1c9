using System.Collections.Immutable;

namespace ClusterTools.Agents;

/// <summary>Ends processes that are not this daemon's own children: those of an earlier daemon, or of an asynchronous program.</summary>
internal static class ProcessGroup
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// The living members of a group that once had this leader, told from a later group of the same number by an environment entry.
    /// </summary>
    public static ImmutableArray<ProcessIdentity> Members(ProcessIdentity leader, string marker)
    {
        bool leaderAlive = leader.IsAlive;
        if (!OperatingSystem.IsLinux())
        {
            // No groups there: ending the leader takes its tree along.
            return leaderAlive ? [leader] : [];
        }

        return
        [
            .. from stat in ProcessStat.ReadAll()
               where stat.ProcessGroup == leader.Pid && !stat.IsDead
               where leaderAlive || ProcessStat.HasEnvironment(stat.Pid, marker)
               select new ProcessIdentity(stat.Pid, stat.StartTime),
        ];
    }

    /// <summary>The living processes that were started with an environment entry.</summary>
    public static ImmutableArray<ProcessIdentity> Marked(string marker) =>
    [
        .. from stat in ProcessStat.ReadAll()
           where !stat.IsDead && ProcessStat.HasEnvironment(stat.Pid, marker)
           select new ProcessIdentity(stat.Pid, stat.StartTime),
    ];

    /// <summary>
    /// Asks the processes that <paramref name="find"/> finds to end, kills them after the grace, and returns those that live on.
    /// </summary>
    public static async Task<ImmutableArray<ProcessIdentity>> EndAsync(
        Func<ImmutableArray<ProcessIdentity>> find, TimeSpan grace, TimeSpan killLimit, CancellationToken cancel)
    {
        ImmutableArray<ProcessIdentity> left = find();
        Signal(left, LinuxNative.SignalTerminate);
        Signal(left, LinuxNative.SignalContinue);
        left = await WaitAsync(find, left, grace, cancel).ConfigureAwait(false);
        long limit = Environment.TickCount64 + (long)killLimit.TotalMilliseconds;
        while (!left.IsEmpty && Environment.TickCount64 < limit)
        {
            Signal(left, LinuxNative.SignalKill);
            left = await WaitAsync(find, left, PollInterval, cancel).ConfigureAwait(false);
        }

        return left;
    }

    private static async Task<ImmutableArray<ProcessIdentity>> WaitAsync(
        Func<ImmutableArray<ProcessIdentity>> find, ImmutableArray<ProcessIdentity> left, TimeSpan time, CancellationToken cancel)
    {
        long limit = Environment.TickCount64 + (long)time.TotalMilliseconds;
        while (!left.IsEmpty)
        {
            await Task.Delay(PollInterval, cancel).ConfigureAwait(false);
            // A look at the known ones is cheap; only when they are gone is it worth looking for others.
            left = left.RemoveAll(static process => !process.IsAlive);
            if (left.IsEmpty || Environment.TickCount64 >= limit)
            {
                left = find();
                if (Environment.TickCount64 >= limit)
                {
                    break;
                }
            }
        }

        return left;
    }

    private static void Signal(ImmutableArray<ProcessIdentity> processes, int signal)
    {
        foreach (ProcessIdentity process in processes)
        {
            if (OperatingSystem.IsLinux())
            {
                process.Signal(signal);
            }
            else if (signal == LinuxNative.SignalKill)
            {
                KillTree(process);
            }
        }
    }

    private static void KillTree(ProcessIdentity root)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(root.Pid);
            if (process.StartTime.Ticks == root.StartTime)
            {
                process.Kill(entireProcessTree: true);
            }
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has ended meanwhile, or is not ours; who looks next will see which.
        }
    }
}
