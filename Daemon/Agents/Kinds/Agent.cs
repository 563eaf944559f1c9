using System.Collections.Immutable;

namespace ClusterTools.Agents;

/// <summary>How one kind of agent is called and what its exit codes mean.</summary>
internal abstract class Agent(ResourceAgentOptions options)
{
    protected const int ExitArguments = 2;
    protected const int ExitNotInstalled = 5;

    protected ResourceAgentOptions Options { get; } = options;

    /// <summary>The file that must be there to run it; null: it is no file.</summary>
    public abstract string? File { get; }

    /// <summary>Finds the agent that a request or a configuration names.</summary>
    /// <exception cref="ResourceAgentException">No agent can have this name.</exception>
    public static Agent Parse(string name, ImmutableSortedDictionary<string, string> parameters, ResourceAgentOptions options)
    {
        int colon = name.IndexOf(':', StringComparison.Ordinal);
        string rest = colon < 0 ? "" : name[(colon + 1)..];
        return (colon < 0 ? "" : name[..colon]) switch
        {
            _ when rest.Length == 0 || name.Contains('\0') => throw Unknown(name),
            "ocf" => new OcfAgent(name, options),
            "lsb" => new LsbAgent(rest, options),
            "exec" => ExecAgent.Create(rest, parameters, options),
            "systemd" => new SystemdAgent(rest, options),
            "powershell" => new PowerShellAgent(rest, options),
            _ => throw Unknown(name),
        };
    }

    /// <summary>The program to run for this request.</summary>
    /// <exception cref="ResourceAgentException">It is not there, or the request does not fit it.</exception>
    public abstract AgentCall Prepare(ResourceRequest request);

    /// <summary>What an exit code says.</summary>
    public abstract AgentVerdict Judge(ResourceOperation operation, int exitCode, string output);

    /// <summary>Asks why a start failed, where the agent itself does not say it; null: nothing is known.</summary>
    public virtual Task<string?> DiagnoseAsync(ResourceRequest request, CancellationToken cancel) => Task.FromResult<string?>(null);

    /// <summary>What the agent says of itself.</summary>
    /// <exception cref="ResourceAgentException">It cannot be had.</exception>
    public abstract Task<AgentMetadata> DescribeAsync(CancellationToken cancel);

    protected static bool IsPlainName(string name) =>
        name.Length > 0 && name[0] != '.' && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '+' or '@');

    protected static string WordFor(ResourceOperation operation) => operation switch
    {
        ResourceOperation.Start => "start",
        ResourceOperation.Stop => "stop",
        ResourceOperation.Probe or ResourceOperation.Monitor => "status",
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "Unknown operation."),
    };

    private static ResourceAgentException Unknown(string name) => new(
        $"'{name}' names no agent. Write ocf:PROVIDER:TYPE, lsb:NAME, exec:/path, systemd:UNIT or powershell:/path.ps1.", ExitArguments);
}

/// <summary>A program with its arguments and whole environment.</summary>
internal sealed record AgentCall(string FileName, ImmutableArray<string> Arguments, ImmutableSortedDictionary<string, string> Environment)
{
    /// <summary>To be run as what starts services.</summary>
    public ProcessRequest Request(TimeSpan timeout) => new()
    {
        StartsServices = true,
        FileName = FileName,
        Arguments = Arguments,
        Environment = Environment,
        Timeout = timeout,
    };
}

/// <summary>What an agent's answer means.</summary>
/// <param name="Success">It did what was asked, or answered the question.</param>
/// <param name="Status">What is known of the resource now.</param>
/// <param name="Word">The exit code in words.</param>
internal readonly record struct AgentVerdict(bool Success, ResourceStatus Status, string Word);
