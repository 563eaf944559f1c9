using ClusterTools.Agents;

namespace ClusterTools.Host.Daemon;

/// <summary>Whether the machine is being shut down, as against its daemon being stopped: systemd knows (FEATURES A11).</summary>
internal static class SystemShutdown
{
    private const string Systemctl = "/usr/bin/systemctl";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Asks systemd, where it runs.</summary>
    /// <returns>Null: it is not known, and why; without systemd nobody says so here (clusterd stop --machine does).</returns>
    public static Task<(bool? UnderWay, string? Why)> IsUnderWayAsync() =>
        Directory.Exists("/run/systemd/system") ? AskAsync(Systemctl) : Task.FromResult<(bool?, string?)>((false, null));

    /// <summary>Asks a program that answers as systemctl(1) does.</summary>
    internal static async Task<(bool? UnderWay, string? Why)> AskAsync(string systemctl)
    {
        try
        {
            ProcessOutcome outcome = await ProcessRunner.RunAsync(
                new ProcessRequest
                {
                    FileName = systemctl,
                    Arguments = ["--no-pager", "--no-legend", "list-jobs"],
                    Environment = new Dictionary<string, string> { ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin", ["LC_ALL"] = "C" },
                    Timeout = Limit,
                },
                CancellationToken.None).ConfigureAwait(false);
            return outcome.ExitCode == 0
                ? (IsQueued(outcome.Output), null)
                : (null, $"'{systemctl} list-jobs' returned {outcome.ExitCode?.ToString() ?? "nothing in time"}: {outcome.Output.Trim()}");
        }
        catch (ProcessStartException e)
        {
            return (null, e.Message);
        }
    }

    /// <summary>
    /// What reboot, poweroff, halt and kexec have in common is the start of shutdown.target, which waits in the queue until every unit has
    /// stopped (systemd.special(7)). That holds from the first moment, also when the machine was not up completely.
    /// </summary>
    /// <param name="jobs">As systemctl list-jobs prints them: number, unit, type, state.</param>
    internal static bool IsQueued(string jobs) => jobs.Split('\n')
        .Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        .Any(job => job is [_, "shutdown.target", "start", ..]);
}
