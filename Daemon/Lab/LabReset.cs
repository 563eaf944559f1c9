using ClusterTools.Agents;
using ClusterTools.Fencing.Lab;

namespace ClusterTools.Lab;

/// <summary>What a reset of the machine is to a lab node: all that it runs ends without notice, and then it boots.</summary>
public static class LabReset
{
    private const int SignalKill = 9;

    // One look may miss a process that was being made; several in a row do not.
    private const int CleanLooks = 3;
    private const int MaxLooks = 1_000;

    /// <summary>Called by the node's own daemon; does not return.</summary>
    public static void Run(LabFolder lab, string node)
    {
        ArgumentNullException.ThrowIfNull(lab);
        var power = new LabPower(lab.Path, node);
        int clean = 0;
        for (int look = 0; look < MaxLooks && clean < CleanLooks; look++)
        {
            clean = KillAll(power.Marker) == 0 ? clean + 1 : 0;
        }

        // As /run after a boot.
        string run = lab.Run(node);
        if (Directory.Exists(run))
        {
            Directory.Delete(run, recursive: true);
        }

        Directory.CreateDirectory(run);
        power.RequestRestart();
        ProcessIdentity.Find(Environment.ProcessId)?.Signal(SignalKill);
    }

    private static int KillAll(string marker)
    {
        int killed = 0;
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out int pid) && pid != Environment.ProcessId
                && ProcessIdentity.Find(pid) is { IsAlive: true } process && HasMark(folder, marker) && process.Signal(SignalKill))
            {
                killed++;
            }
        }

        return killed;
    }

    private static bool HasMark(string folder, string marker)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "environ")).Split('\0').Contains(marker);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended, or belongs to somebody else.
            return false;
        }
    }
}
