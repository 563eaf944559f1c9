using System.Collections.Immutable;
using System.Globalization;
using ClusterTools.Agents;

namespace ClusterTools.Fencing.Lab;

/// <summary>All that lives below a process which adopts the orphans among its descendants, and ways to end it.</summary>
/// <param name="root">The adopting process (prctl PR_SET_CHILD_SUBREAPER), which is itself left alone; null when there is none.</param>
/// <param name="marker">Environment entry of all that belongs to it, for what has escaped.</param>
internal sealed class ProcessTree(ProcessIdentity? root, string marker)
{
    private const int StandstillRounds = 16;
    private const int CleanLooks = 3;

    /// <summary>Kills until nothing is left, and looks until that is certain.</summary>
    /// <returns>How many were killed, and who lives on at the limit.</returns>
    public async Task<(int Killed, ImmutableArray<ProcessIdentity> Survivors)> KillAsync(TimeSpan limit, CancellationToken cancel)
    {
        long deadline = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        var killed = new HashSet<ProcessIdentity>();
        int clean = 0;
        for (int round = 0; ; round++)
        {
            cancel.ThrowIfCancellationRequested();
            HashSet<ProcessIdentity> left = Standstill();
            left.UnionWith(Marked());
            if (left.Count == 0)
            {
                // Once may miss a process that moved to another parent during the look; in a row it cannot.
                if (++clean == CleanLooks)
                {
                    return (killed.Count, []);
                }

                continue;
            }

            clean = 0;
            foreach (ProcessIdentity process in left)
            {
                KillGroup(process, whenStubborn: round > 2);
                process.Signal(LinuxNative.SignalKill);
                killed.Add(process);
            }

            if (Environment.TickCount64 >= deadline)
            {
                return (killed.Count, [.. left.Where(static process => process.IsAlive)]);
            }

            await Task.Delay(1, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>All that lives below the root now. Zombies have ended, and their children are the root's.</summary>
    public HashSet<ProcessIdentity> Living()
    {
        var found = new HashSet<ProcessIdentity>();
        if (root is not { } top)
        {
            return found;
        }

        var open = new Queue<int>([top.Pid]);
        var seen = new HashSet<int> { top.Pid };
        while (open.TryDequeue(out int parent))
        {
            foreach (int child in Children(parent))
            {
                if (seen.Add(child) && ProcessStat.Read(child) is { IsDead: false } stat)
                {
                    found.Add(new ProcessIdentity(child, stat.StartTime));
                    open.Enqueue(child);
                }
            }
        }

        return found;
    }

    // A process that only forks and ends is caught by stopping everything in sight before the first is killed.
    private HashSet<ProcessIdentity> Standstill()
    {
        var stopped = new HashSet<ProcessIdentity>();
        for (int round = 0; round < StandstillRounds; round++)
        {
            HashSet<ProcessIdentity> found = Living();
            found.ExceptWith(stopped);
            if (found.Count == 0)
            {
                break;
            }

            foreach (ProcessIdentity process in found)
            {
                process.Signal(LinuxNative.SignalStop);
            }

            stopped.UnionWith(found);
        }

        stopped.RemoveWhere(static process => !process.IsAlive);
        return stopped;
    }

    private IEnumerable<ProcessIdentity> Marked() => ProcessGroup.Marked(marker).Where(process => process.Pid != root?.Pid);

    // The kernel signals a whole group at once, which outruns a chain of forks that looking from outside does not.
    private void KillGroup(ProcessIdentity member, bool whenStubborn)
    {
        if (whenStubborn && ProcessStat.Read(member.Pid) is { } stat && stat.StartTime == member.StartTime
            && stat.ProcessGroup > 1 && stat.ProcessGroup != ProcessStat.Read(Environment.ProcessId)?.ProcessGroup
            && stat.ProcessGroup != (root is { } top ? ProcessStat.Read(top.Pid)?.ProcessGroup : null))
        {
            _ = LinuxNative.Kill(-stat.ProcessGroup, LinuxNative.SignalKill);
        }
    }

    // /proc/PID/task/TID/children is read in one piece under the kernel's lock; without it (CONFIG_PROC_CHILDREN) every process is asked
    // for its parent.
    private static List<int> Children(int parent)
    {
        var children = new List<int>();
        try
        {
            foreach (string task in Directory.EnumerateDirectories($"/proc/{parent}/task"))
            {
                string file = Path.Combine(task, "children");
                if (!HasChildrenFiles)
                {
                    break;
                }

                try
                {
                    children.AddRange(File.ReadAllText(file).Split(' ', StringSplitOptions.RemoveEmptyEntries)
                        .Select(static pid => int.Parse(pid, CultureInfo.InvariantCulture)));
                }
                catch (IOException)
                {
                    // The thread has ended; its children went to another of the process or to the root.
                }
            }
        }
        catch (IOException)
        {
            return children;
        }

        if (!HasChildrenFiles)
        {
            children.AddRange(ProcessStat.ReadAll().Where(stat => stat.ParentPid == parent).Select(static stat => stat.Pid));
        }

        return children;
    }

    private static bool HasChildrenFiles { get; } = File.Exists($"/proc/self/task/{Environment.ProcessId}/children");
}
