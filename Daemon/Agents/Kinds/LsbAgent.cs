namespace ClusterTools.Agents;

/// <summary>An init script (LSB 5.0, 22.2), called as <c>start|stop|status</c>. It gets no parameters.</summary>
internal sealed class LsbAgent : Agent
{
    private readonly string file;

    /// <param name="name">A script of <see cref="ResourceAgentOptions.LsbFolder"/>, or an absolute path.</param>
    /// <param name="options">Where scripts are.</param>
    public LsbAgent(string name, ResourceAgentOptions options)
        : base(options) =>
        file = Path.IsPathRooted(name) ? name
            : IsPlainName(name) ? Path.Combine(options.LsbFolder, name)
            : throw new ResourceAgentException(
                $"'lsb:{name}' names no script. Write lsb:NAME for {options.LsbFolder}/NAME, or lsb:/path.", ExitArguments);

    public override string File => file;

    /// <summary>The scripts that are installed, as <c>lsb:NAME</c>.</summary>
    public static IEnumerable<string> FindAll(ResourceAgentOptions options) => !Directory.Exists(options.LsbFolder)
        ? []
        : Directory.EnumerateFiles(options.LsbFolder)
            .Select(static path => Path.GetFileName(path))
            .Where(name => IsPlainName(name) && ProcessRunner.SearchPath(name, options.LsbFolder) is not null)
            .Order(StringComparer.Ordinal)
            .Select(static name => $"lsb:{name}");

    public override AgentCall Prepare(ResourceRequest request) => new(
        System.IO.File.Exists(file)
            ? file
            : throw new ResourceAgentException(
                $"There is no script '{file}' here. Install it on this node, or correct the path.", ExitNotInstalled),
        [WordFor(request.Operation)],
        AgentEnvironment.Create(Options).ToImmutable());

    public override AgentVerdict Judge(ResourceOperation operation, int exitCode, string output) => ExitCodes.Script(operation, exitCode);

    public override async Task<AgentMetadata> DescribeAsync(CancellationToken cancel)
    {
        // A configuration may name scripts that only other nodes have; of those there is nothing to read.
        InitScriptHeader? header = System.IO.File.Exists(file)
            ? await InitScriptHeader.ReadAsync(file, cancel).ConfigureAwait(false)
            : null;
        string how = $"The script {file}, called with start, stop and status (LSB 5.0). It takes no parameters.";
        return new AgentMetadata
        {
            Agent = $"lsb:{file}",
            ShortDescription = header?.ShortDescription is { Length: > 0 } summary ? summary : "Init script",
            LongDescription = header?.Description is { Length: > 0 } description ? $"{description}\n{how}" : how,
            Actions = ScriptActions.All,
        };
    }
}
