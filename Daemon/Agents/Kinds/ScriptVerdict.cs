namespace ClusterTools.Agents;

/// <summary>What the exit codes of an init script mean (LSB 5.0, 22.2), which programs and PowerShell scripts follow too.</summary>
internal static class ScriptVerdict
{
    public static AgentVerdict Judge(ResourceOperation operation, int exitCode) => operation switch
    {
        ResourceOperation.Start => exitCode == 0
            ? new AgentVerdict(true, ResourceStatus.Running, "ok")
            : new AgentVerdict(false, ResourceStatus.Failed, ActionWord(exitCode)),
        // 7 says what was asked for: it does not run.
        ResourceOperation.Stop => exitCode is 0 or 7
            ? new AgentVerdict(true, ResourceStatus.Stopped, ActionWord(exitCode))
            : new AgentVerdict(false, ResourceStatus.Failed, ActionWord(exitCode)),
        ResourceOperation.Probe => exitCode switch
        {
            0 => new AgentVerdict(true, ResourceStatus.Running, "running"),
            1 or 2 or 3 or 7 => new AgentVerdict(true, ResourceStatus.Stopped, StatusWord(exitCode)),
            4 => new AgentVerdict(false, ResourceStatus.Unknown, StatusWord(exitCode)),
            _ => new AgentVerdict(false, ResourceStatus.Failed, StatusWord(exitCode)),
        },
        ResourceOperation.Monitor => exitCode switch
        {
            0 => new AgentVerdict(true, ResourceStatus.Running, "running"),
            // It died and left something behind, which a stop must clean up before it starts anywhere.
            1 or 2 => new AgentVerdict(true, ResourceStatus.Failed, StatusWord(exitCode)),
            3 or 7 => new AgentVerdict(true, ResourceStatus.Stopped, StatusWord(exitCode)),
            4 => new AgentVerdict(false, ResourceStatus.Unknown, StatusWord(exitCode)),
            _ => new AgentVerdict(false, ResourceStatus.Failed, StatusWord(exitCode)),
        },
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "Unknown operation."),
    };

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
        _ => "an exit code the standard does not know",
    };

    private static string StatusWord(int exitCode) => exitCode switch
    {
        1 => "dead, and its pid file is left",
        2 => "dead, and its lock file is left",
        3 or 7 => "not running",
        4 => "status unknown",
        5 => "not installed",
        _ => "an exit code the standard does not know",
    };
}
