using ClusterTools.Agents;
using ClusterTools.Core.Configuration;
using ClusterTools.Fencing.Lab;
using ClusterTools.Node;

namespace ClusterTools.Host.Daemon;

/// <summary>What a node does with its machine after it has left the cluster by a resource's final action (FEATURES B12).</summary>
internal static class MachinePower
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>Asks the system for it. A lab node has no machine of its own: it stays ended, or its daemon is started again.</summary>
    /// <returns>What was done, in words; empty: nothing was to be done.</returns>
    public static async Task<string> RunAsync(NodeSettings settings, FinalAction action)
    {
        if (action is FinalAction.Default or FinalAction.StopDaemon)
        {
            return "";
        }

        if (settings.Lab is { } lab)
        {
            if (action == FinalAction.Reboot)
            {
                new LabPower(lab, settings.Node).RequestRestart();
            }

            return $" Its final action is {action}; as a lab node it {(action == FinalAction.Reboot ? "starts again" : "stays ended")}.";
        }

        (string file, string[] arguments) = Command(action);
        try
        {
            ProcessOutcome outcome = await ProcessRunner.RunAsync(
                new ProcessRequest
                {
                    FileName = file,
                    Arguments = [.. arguments],
                    Environment = new Dictionary<string, string> { ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin" },
                    Timeout = Limit,
                },
                CancellationToken.None).ConfigureAwait(false);
            return outcome.ExitCode == 0
                ? $" Its final action is {action}; the system has been asked for it."
                : $" Its final action is {action}, but '{file} {string.Join(' ', arguments)}' returned "
                    + $"{outcome.ExitCode?.ToString() ?? "nothing"}: {outcome.Output.Trim()} See to it by hand.";
        }
        catch (ProcessStartException e)
        {
            return $" Its final action is {action}, but {e.Message} See to it by hand.";
        }
    }

    /// <summary>shutdown(8), or systemctl(1) where the power is to go at once: nothing of the cluster runs here any more.</summary>
    internal static (string File, string[] Arguments) Command(FinalAction action) => action switch
    {
        FinalAction.ShutDown when OperatingSystem.IsWindows() => (WindowsShutdown, ["/s", "/t", "0"]),
        FinalAction.Reboot when OperatingSystem.IsWindows() => (WindowsShutdown, ["/r", "/t", "0"]),
        FinalAction.PowerOff when OperatingSystem.IsWindows() => (WindowsShutdown, ["/p"]),
        FinalAction.ShutDown => ("/sbin/shutdown", ["-P", "now"]),
        FinalAction.Reboot => ("/sbin/shutdown", ["-r", "now"]),
        FinalAction.PowerOff => File.Exists("/usr/bin/systemctl")
            ? ("/usr/bin/systemctl", ["--force", "poweroff"])
            : ("/sbin/poweroff", ["-f"]),
        _ => throw new ArgumentOutOfRangeException(nameof(action), action, "No action on the machine."),
    };

    private static string WindowsShutdown => Path.Combine(Environment.SystemDirectory, "shutdown.exe");
}
