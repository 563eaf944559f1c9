using ClusterTools.Agents;
using ClusterTools.Fencing.Lab;

namespace ClusterTools.Lab;

/// <summary>What can be done to the nodes of a running lab from outside, as one would to machines.</summary>
public sealed class LabControl(LabFolder folder)
{
    // The feed that is the plug in the wall, before all that fence devices switch.
    private const string Plug = "plug";
    private const int SignalKill = 9;
    private const int SignalContinue = 18;
    private const int SignalStop = 19;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Pulls the plug: everything that the node runs ends at once, and fence devices that switch it on again bring nothing back
    /// before <see cref="ReviveAsync"/>.
    /// </summary>
    public async Task PullPlugAsync(string node, CancellationToken cancel)
    {
        LabPower power = Power(node);
        await File.WriteAllTextAsync(Unplugged(folder, node), "", cancel).ConfigureAwait(false);
        await power.TurnOffAsync(Plug, [Plug], Limit, cancel).ConfigureAwait(false);
    }

    /// <summary>
    /// Kills the node's daemon alone (SIGKILL); its groups go on running, and nobody starts it again but fencing, or
    /// <see cref="ReviveAsync"/>.
    /// </summary>
    public void KillDaemon(string node) => SignalDaemon(node, SignalKill);

    /// <summary>Stops the node's daemon in its tracks (SIGSTOP), as a hang would.</summary>
    public void Stall(string node) => SignalDaemon(node, SignalStop);

    /// <summary>Lets a stalled daemon go on (SIGCONT).</summary>
    public void Resume(string node) => SignalDaemon(node, SignalContinue);

    /// <summary>Puts the plug in again, switches the power on, and starts the daemon if it does not run.</summary>
    public async Task ReviveAsync(string node, CancellationToken cancel)
    {
        LabPower power = Power(node);
        File.Delete(Unplugged(folder, node));
        foreach (string feed in Feeds(power))
        {
            await power.TurnOnAsync(feed, Limit, cancel).ConfigureAwait(false);
        }

        if (power.Daemon is not { IsAlive: true })
        {
            power.RequestStart();
        }
    }

    /// <summary>One line for each node: its power, its daemon.</summary>
    public IEnumerable<string> Describe()
    {
        foreach (LabNode node in folder.Describe().Nodes)
        {
            LabPower power = Power(node.Name);
            bool running = power.Supervisor is { IsAlive: true };
            string daemon = power.Daemon is { IsAlive: true } process
                ? $"clusterd is process {process.Pid}{(IsStopped(process.Pid) ? ", stalled" : "")}"
                : "clusterd does not run";
            string off = string.Join(", ", Feeds(power).Where(f => !power.IsFeedOn(f)));
            yield return !running ? $"{node.Name}: the lab does not run"
                : $"{node.Name}: {(IsUnplugged(folder, node.Name) ? "plug pulled" : power.IsOn ? "power on" : "power off")}"
                    + $"{(off.Length > 0 ? $" (off: {off})" : "")}; {daemon}; {node.Address}";
        }
    }

    /// <summary>The plug is pulled: the node's daemon does not start.</summary>
    public static bool IsUnplugged(LabFolder lab, string node) => File.Exists(Unplugged(lab, node));

    private static string Unplugged(LabFolder lab, string node)
    {
        ArgumentNullException.ThrowIfNull(lab);
        return Path.Combine(lab.Node(node), "unplugged");
    }

    private static IEnumerable<string> Feeds(LabPower power) =>
        Directory.Exists(power.PowerFolder)
            ? Directory.EnumerateFiles(power.PowerFolder, "feed-*").Select(f => Path.GetFileName(f)["feed-".Length..])
                .Where(f => !f.EndsWith(".new", StringComparison.Ordinal))
            : [];

    private static bool IsStopped(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] == 'T';
        }
        catch (IOException)
        {
            return false;
        }
    }

    private LabPower Power(string node)
    {
        LabDescription lab = folder.Describe();
        return lab.Nodes.Any(n => n.Name == node)
            ? new LabPower(folder.Path, node)
            : throw new LabException($"There is no node '{node}' in this lab. Nodes: {string.Join(", ", lab.Nodes.Select(n => n.Name))}.");
    }

    private void SignalDaemon(string node, int signal)
    {
        if (Power(node).Daemon?.Signal(signal) != true)
        {
            throw new LabException(
                $"The daemon of {node} does not run. 'clusterd lab status' shows how the nodes are; "
                    + $"'clusterd lab revive {node}' starts it.");
        }
    }
}
