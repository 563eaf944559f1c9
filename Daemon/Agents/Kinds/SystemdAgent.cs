namespace ClusterTools.Agents;

/// <summary>A systemd unit, called through systemctl(1).</summary>
internal sealed class SystemdAgent : Agent
{
    private readonly string unit;

    public SystemdAgent(string unit, ResourceAgentOptions options)
        : base(options) =>
        this.unit = unit[0] != '-' && unit.All(static c => char.IsAsciiLetterOrDigit(c) || c is ':' or '-' or '_' or '.' or '@' or '\\')
            ? unit
            : throw new ResourceAgentException($"'systemd:{unit}' names no unit. Write systemd:NAME, with or without its type.", ExitArguments);

    public override string? File => null;

    public override AgentCall Prepare(ResourceRequest request)
    {
        if (!Directory.Exists(Options.SystemdRunFolder))
        {
            throw new ResourceAgentException(
                $"systemd does not run here ('{Options.SystemdRunFolder}' is missing), so unit {unit} cannot be used. Use an ocf:, lsb: or exec: agent on this node.", ExitNotInstalled);
        }

        string program = ProcessRunner.SearchPath("systemctl", AgentEnvironment.SearchPath(Options))
            ?? throw new ResourceAgentException("systemctl not found. Install systemd on this node.", ExitNotInstalled);
        string verb = request.Operation switch
        {
            ResourceOperation.Start => "start",
            ResourceOperation.Stop => "stop",
            ResourceOperation.Probe or ResourceOperation.Monitor => "is-active",
            _ => throw new ArgumentOutOfRangeException(nameof(request), request.Operation, "Unknown operation."),
        };
        return new AgentCall(program, ["--no-pager", "--no-ask-password", verb, "--", unit], AgentEnvironment.Create(Options).ToImmutable());
    }

    public override AgentVerdict Judge(ResourceOperation operation, int exitCode, string output)
    {
        if (operation is ResourceOperation.Start)
        {
            return exitCode == 0
                ? new AgentVerdict(true, ResourceStatus.Running, "ok")
                : new AgentVerdict(false, ResourceStatus.Failed, exitCode == ExitNotInstalled ? "no such unit" : "failed");
        }

        if (operation is ResourceOperation.Stop)
        {
            return exitCode == 0
                ? new AgentVerdict(true, ResourceStatus.Stopped, "ok")
                : new AgentVerdict(false, ResourceStatus.Failed, exitCode == ExitNotInstalled ? "no such unit" : "failed");
        }

        bool probe = operation is ResourceOperation.Probe;
        string state = output.Trim();
        return state switch
        {
            "active" or "reloading" or "refreshing" or "activating" => new AgentVerdict(true, ResourceStatus.Running, state),
            "inactive" or "unknown" => new AgentVerdict(true, ResourceStatus.Stopped, state),
            // Its processes are gone; only a monitor needs to know that they went by themselves.
            "failed" => new AgentVerdict(true, probe ? ResourceStatus.Stopped : ResourceStatus.Failed, state),
            "deactivating" => new AgentVerdict(true, probe ? ResourceStatus.Running : ResourceStatus.Failed, state),
            _ when exitCode is 3 or 4 => new AgentVerdict(true, ResourceStatus.Stopped, "inactive"),
            _ => new AgentVerdict(false, ResourceStatus.Unknown, "systemd did not answer"),
        };
    }

    public override Task<AgentMetadata> DescribeAsync(CancellationToken cancel) => Task.FromResult(new AgentMetadata
    {
        Agent = $"systemd:{unit}",
        ShortDescription = "systemd unit",
        LongDescription = $"The unit {unit}, started and stopped by systemctl. Do not enable it: the cluster starts it. It takes no parameters.",
        Actions = ScriptActions.All,
    });
}
