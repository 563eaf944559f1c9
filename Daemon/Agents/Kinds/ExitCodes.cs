namespace ClusterTools.Agents;

/// <summary>
/// What exit codes mean, for every kind of agent, by its standard. A question has three answers (it runs, it does not, it is not known),
/// and whatever a standard leaves open is the third.
/// </summary>
internal static class ExitCodes
{
    /// <summary>A shell's word for a program that it may not execute, and for one that is not there (POSIX, 2.8.2).</summary>
    private const int NotExecutable = 126;

    private const int NotFound = 127;

    private const string Unheard = "an exit code the standard does not know";

    /// <summary>OCF resource agent API 1.1, 2.4 and 2.5.</summary>
    public static AgentVerdict Ocf(ResourceOperation operation, int exitCode)
    {
        string word = exitCode switch
        {
            <= 7 => ActionWord(exitCode),
            8 => "running as promoted",
            9 => "failed as promoted",
            190 => "running, but degraded",
            191 => "running as promoted, but degraded",
            _ => Unheard,
        };
        return operation switch
        {
            ResourceOperation.Start => exitCode switch
            {
                0 => new AgentVerdict(true, ResourceStatus.Running, word),
                2 or 3 or 5 or 6 => new AgentVerdict(false, ResourceStatus.CannotRun, word),
                _ => new AgentVerdict(false, ResourceStatus.Failed, word),
            },
            ResourceOperation.Stop => exitCode switch
            {
                0 or 7 => new AgentVerdict(true, ResourceStatus.Stopped, word),
                1 or 8 or 9 => new AgentVerdict(false, ResourceStatus.Failed, word),
                2 or 3 or 5 or 6 => new AgentVerdict(false, ResourceStatus.CannotRun, word),
                _ => new AgentVerdict(false, ResourceStatus.Unknown, word),
            },
            ResourceOperation.Probe or ResourceOperation.Monitor => exitCode switch
            {
                0 or 8 or 190 or 191 => new AgentVerdict(true, ResourceStatus.Running, word),
                7 => new AgentVerdict(true, ResourceStatus.Stopped, word),
                9 => new AgentVerdict(true, ResourceStatus.Failed, word),
                // A monitor of what runs here says by 1 that it is broken; where nobody knows whether it runs, an error says nothing.
                1 when operation == ResourceOperation.Monitor => new AgentVerdict(true, ResourceStatus.Failed, word),
                2 or 3 or 5 or 6 => new AgentVerdict(false, ResourceStatus.CannotRun, word),
                _ => new AgentVerdict(false, ResourceStatus.Unknown, word),
            },
            _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "Unknown operation."),
        };
    }

    /// <summary>An init script's (LSB 5.0, 22.2), which programs and PowerShell scripts follow too.</summary>
    public static AgentVerdict Script(ResourceOperation operation, int exitCode) => operation switch
    {
        ResourceOperation.Start => exitCode switch
        {
            0 => new AgentVerdict(true, ResourceStatus.Running, "ok"),
            2 or 3 or 5 or 6 or NotExecutable or NotFound => new AgentVerdict(false, ResourceStatus.CannotRun, ActionWord(exitCode)),
            _ => new AgentVerdict(false, ResourceStatus.Failed, ActionWord(exitCode)),
        },
        ResourceOperation.Stop => exitCode switch
        {
            // 7 says what was asked for: it does not run.
            0 or 7 => new AgentVerdict(true, ResourceStatus.Stopped, ActionWord(exitCode)),
            2 or 3 or 5 or 6 or NotExecutable or NotFound => new AgentVerdict(false, ResourceStatus.CannotRun, ActionWord(exitCode)),
            4 => new AgentVerdict(false, ResourceStatus.Unknown, ActionWord(exitCode)),
            _ => new AgentVerdict(false, ResourceStatus.Failed, ActionWord(exitCode)),
        },
        ResourceOperation.Probe or ResourceOperation.Monitor => exitCode switch
        {
            0 => new AgentVerdict(true, ResourceStatus.Running, "running"),
            // It died and left something behind; under a monitor's eyes a stop must clean that up before it starts anywhere.
            1 or 2 =>
                new AgentVerdict(
                    true, operation == ResourceOperation.Probe ? ResourceStatus.Stopped : ResourceStatus.Failed, StatusWord(exitCode)),
            3 or 7 => new AgentVerdict(true, ResourceStatus.Stopped, StatusWord(exitCode)),
            // 5 is "not installed" for actions, and reserved for status; scripts return it for both, as Pacemaker reads it.
            5 or NotExecutable or NotFound => new AgentVerdict(false, ResourceStatus.CannotRun, StatusWord(exitCode)),
            _ => new AgentVerdict(false, ResourceStatus.Unknown, StatusWord(exitCode)),
        },
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "Unknown operation."),
    };

    /// <summary>
    /// systemctl(1) <c>start</c>, <c>stop</c> and <c>is-active</c>, the last by what it writes. A service manager that can't be reached has
    /// said nothing.
    /// </summary>
    public static AgentVerdict Systemctl(ResourceOperation operation, int exitCode, string output)
    {
        bool unreached = exitCode != 0 && NoBus.Any(word => output.Contains(word, StringComparison.OrdinalIgnoreCase));
        const string Unreached = "the service manager could not be reached";
        switch (operation)
        {
            case ResourceOperation.Start:
                return exitCode == 0 ? new AgentVerdict(true, ResourceStatus.Running, "ok")
                    : unreached ? new AgentVerdict(false, ResourceStatus.Unknown, Unreached)
                    : exitCode == 5 ? new AgentVerdict(false, ResourceStatus.CannotRun, "no such unit")
                    : new AgentVerdict(false, ResourceStatus.Failed, "failed");
            case ResourceOperation.Stop:
                // What the manager has not loaded it does not run.
                return exitCode is 0 or 5 ? new AgentVerdict(true, ResourceStatus.Stopped, exitCode == 0 ? "ok" : "no such unit is loaded")
                    : unreached ? new AgentVerdict(false, ResourceStatus.Unknown, Unreached)
                    : new AgentVerdict(false, ResourceStatus.Failed, "failed");
            case ResourceOperation.Probe or ResourceOperation.Monitor:
                if (unreached)
                {
                    return new AgentVerdict(false, ResourceStatus.Unknown, Unreached);
                }

                bool probe = operation is ResourceOperation.Probe;
                string state = output.Trim();
                return state switch
                {
                    "active" or "reloading" or "refreshing" or "activating" => new AgentVerdict(true, ResourceStatus.Running, state),
                    "inactive" or "unknown" or "" when exitCode == 4 => new AgentVerdict(false, ResourceStatus.CannotRun, "no such unit"),
                    "inactive" or "unknown" => new AgentVerdict(true, ResourceStatus.Stopped, state),
                    // Its processes are gone; only a monitor needs to know that they went by themselves.
                    "failed" => new AgentVerdict(true, probe ? ResourceStatus.Stopped : ResourceStatus.Failed, state),
                    "deactivating" => new AgentVerdict(true, probe ? ResourceStatus.Running : ResourceStatus.Failed, state),
                    _ when exitCode == 3 => new AgentVerdict(true, ResourceStatus.Stopped, "inactive"),
                    _ => new AgentVerdict(false, ResourceStatus.Unknown, "systemd did not answer"),
                };
            default:
                throw new ArgumentOutOfRangeException(nameof(operation), operation, "Unknown operation.");
        }
    }

    /// <summary>A program that could not be executed at all, by its errno (execve(2)).</summary>
    public static ResourceStatus NotStarted(ProcessStartException error) =>
        error.CannotBeExecuted ? ResourceStatus.CannotRun : ResourceStatus.Unknown;

    // What systemctl says when it has not reached the manager; it ends with 1 then, as for much else.
    private static string[] NoBus { get; } =
    [
        "connect to bus", "connect to system scope bus", "D-Bus connection", "org.freedesktop.systemd1", "message bus",
        "Transport endpoint is not connected",
        "Connection timed out", "Connection refused", "Connection reset by peer",
    ];

    private static string ActionWord(int exitCode) => exitCode switch
    {
        0 => "ok",
        1 => "failed",
        2 => "wrong arguments",
        3 => "action not implemented",
        4 => "not permitted",
        5 => "not installed",
        6 => "not configured",
        7 => "not running",
        NotExecutable => "not executable",
        NotFound => "not found",
        _ => Unheard,
    };

    private static string StatusWord(int exitCode) => exitCode switch
    {
        1 => "dead, and its pid file is left",
        2 => "dead, and its lock file is left",
        3 or 7 => "not running",
        4 => "status unknown",
        5 => "not installed",
        NotExecutable => "not executable",
        NotFound => "not found",
        _ => Unheard,
    };
}
