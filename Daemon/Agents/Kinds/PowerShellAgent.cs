using System.Collections.Immutable;

namespace ClusterTools.Agents;

/// <summary>
/// A PowerShell script, called with <c>start</c>, <c>stop</c> or <c>status</c> as its first argument and its parameters as
/// <c>CLUSTER_PARAM_name</c> in the environment; exit codes as an init script's.
/// </summary>
internal sealed class PowerShellAgent : Agent
{
    private readonly string script;

    public PowerShellAgent(string script, ResourceAgentOptions options)
        : base(options) =>
        this.script = Path.IsPathRooted(script)
            ? script
            : throw new ResourceAgentException(
                $"'powershell:{script}' is not an absolute path. Write powershell:/path/to/script.ps1.", ExitArguments);

    public override string File => script;

    private static ImmutableArray<string> Shells { get; } = OperatingSystem.IsWindows() ? ["pwsh.exe", "powershell.exe"] : ["pwsh"];

    /// <summary>The shell and its arguments for a call of the script by itself.</summary>
    /// <exception cref="ResourceAgentException">The shell or the script is not here.</exception>
    public (string Shell, ImmutableArray<string> Arguments) Call()
    {
        string path = AgentEnvironment.SearchPath(Options);
        string shell = Shells.Select(name => ProcessRunner.SearchPath(name, path)).FirstOrDefault(static file => file is not null)
            ?? throw new ResourceAgentException(
                $"pwsh not found; install PowerShell 7 on this node to run '{script}', or put its folder on the daemon's PATH.",
                ExitNotInstalled);
        return System.IO.File.Exists(script)
            ? (shell, ["-NoProfile", "-NonInteractive", "-File", script])
            : throw new ResourceAgentException(
                $"There is no script '{script}' here. Install it on this node, or correct the path.", ExitNotInstalled);
    }

    public override AgentCall Prepare(ResourceRequest request)
    {
        (string shell, ImmutableArray<string> arguments) = Call();
        var environment = AgentEnvironment.CreateForProgram(Options, request);
        AskForPlainOutput(environment);
        return new AgentCall(shell, arguments.Add(WordFor(request.Operation)), environment.ToImmutable());
    }

    /// <summary>No colours in what it says, and nothing that the shell does besides.</summary>
    public static void AskForPlainOutput(ImmutableSortedDictionary<string, string>.Builder environment)
    {
        environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        environment["POWERSHELL_UPDATECHECK"] = "Off";
        environment["NO_COLOR"] = "1";
    }

    public override AgentVerdict Judge(ResourceOperation operation, int exitCode, string output) => ExitCodes.Script(operation, exitCode);

    public override Task<AgentMetadata> DescribeAsync(CancellationToken cancel) => Task.FromResult(new AgentMetadata
    {
        Agent = $"powershell:{script}",
        ShortDescription = "PowerShell script",
        LongDescription = $"The script {script}, called with start, stop or status; parameters come as CLUSTER_PARAM_name in the "
            + "environment.",
        Actions = ScriptActions.All,
    });
}
