using System.Diagnostics;
using ClusterTools.Engines.Corosync.Settings;

namespace ClusterTools.Host.Corosync;

/// <summary>Makes a node of this machine: corosync is there and runs with the cluster's files, and the daemon runs.</summary>
internal static class MachineStart
{
    internal const string Unit = "clusterd.service";

    /// <summary>The state folder that the unit of systemd goes by.</summary>
    public const string UsualState = "/var/lib/clusterd";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>What is in the way; to be asked before anything is written.</summary>
    /// <exception cref="InvalidDataException">Says what to do.</exception>
    public static void Check()
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new InvalidDataException("Corosync needs Linux.");
        }

        if (!Environment.IsPrivilegedProcess)
        {
            throw new InvalidDataException("Corosync and the daemon are the system's: run this as root.");
        }

        if (Process.GetProcessesByName("corosync").Length > 0 && !CorosyncMachine.HasSystemd)
        {
            throw new InvalidDataException(
                "Corosync runs on this machine already. Stop it first: it must begin with this cluster's files.");
        }
    }

    /// <summary>Starts both.</summary>
    /// <param name="state">The node's state folder.</param>
    /// <param name="settings">For corosync.</param>
    /// <param name="key">Its key.</param>
    /// <param name="say">What is done.</param>
    /// <param name="cancellationToken">Ends it between two steps.</param>
    /// <exception cref="InvalidDataException">Something does not start; says what to do.</exception>
    public static async Task RunAsync(
        string state, CorosyncSettings settings, AuthKey key, Action<string> say, CancellationToken cancellationToken)
    {
        CorosyncMachine.WriteFiles(settings, key);
        await CorosyncMachine.StartAsync(cancellationToken).ConfigureAwait(false);
        say("Corosync runs.");
        string? trouble = IsUnitFor(state)
            ? await CorosyncMachine.RunAsync(CorosyncMachine.SystemControl, ["enable", "--now", Unit], Limit, cancellationToken)
                .ConfigureAwait(false)
            : await CorosyncMachine.RunAsync(
                "/bin/sh",
                ["-c", "log=$1; shift; setsid \"$@\" >>\"$log\" 2>&1 </dev/null &", "sh", Log(state), .. OwnProgram.CommandLine,
                    "run", "--state", state],
                Limit, cancellationToken).ConfigureAwait(false);
        if (trouble is not null)
        {
            throw new InvalidDataException($"The daemon does not start: {trouble}");
        }

        say(IsUnitFor(state) ? $"The daemon runs, as {Unit}." : $"The daemon runs; what it says is in {Log(state)}.");
    }

    private static string Log(string state) => Path.Combine(state, "clusterd.log");

    private static bool IsUnitFor(string state) => state == UsualState && CorosyncMachine.HasSystemd
        && (File.Exists($"/lib/systemd/system/{Unit}") || File.Exists($"/etc/systemd/system/{Unit}"));
}
