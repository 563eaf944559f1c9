namespace ClusterTools.Agents;

/// <summary>A systemd unit, called through systemctl(1).</summary>
internal sealed class SystemdAgent : Agent
{
    private readonly string unit;

    public SystemdAgent(string unit, ResourceAgentOptions options)
        : base(options) =>
        this.unit = unit[0] != '-' && unit.All(static c => char.IsAsciiLetterOrDigit(c) || c is ':' or '-' or '_' or '.' or '@' or '\\')
            ? unit
            : throw new ResourceAgentException(
                $"'systemd:{unit}' names no unit. Write systemd:NAME, with or without its type.", ExitArguments);

    public override string? File => null;

    public override AgentCall Prepare(ResourceRequest request)
    {
        if (!Directory.Exists(Options.SystemdRunFolder))
        {
            throw new ResourceAgentException(
                $"systemd does not run here ('{Options.SystemdRunFolder}' is missing), so unit {unit} cannot be used. Use an ocf:, lsb: "
                    + "or exec: agent on this node.", ExitNotInstalled);
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
        return new AgentCall(
            program, ["--no-pager", "--no-ask-password", verb, "--", unit], AgentEnvironment.Create(Options).ToImmutable());
    }

    public override AgentVerdict Judge(ResourceOperation operation, int exitCode, string output) =>
        ExitCodes.Systemctl(operation, exitCode, output);

    public override Task<AgentMetadata> DescribeAsync(CancellationToken cancel) => Task.FromResult(new AgentMetadata
    {
        Agent = $"systemd:{unit}",
        ShortDescription = "systemd unit",
        LongDescription = $"The unit {unit}, started and stopped by systemctl. Do not enable it: the cluster starts it. "
            + "It takes no parameters.",
        Actions = ScriptActions.All,
    });
}
