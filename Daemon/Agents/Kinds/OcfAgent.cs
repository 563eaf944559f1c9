using System.Collections.Immutable;

namespace ClusterTools.Agents;

/// <summary>An agent of the OCF resource agent API 1.1, called as <c>TYPE start|stop|monitor|meta-data</c>.</summary>
internal sealed class OcfAgent : Agent
{
    private static readonly TimeSpan MetadataTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DiagnosisTimeout = TimeSpan.FromSeconds(5);

    private readonly string name;
    private readonly string provider;
    private readonly string type;

    /// <param name="name"><c>ocf:PROVIDER:TYPE</c>; <c>ocf::PROVIDER:TYPE</c> is the same.</param>
    /// <param name="options">Where agents are.</param>
    public OcfAgent(string name, ResourceAgentOptions options)
        : base(options)
    {
        string[] parts = name["ocf:".Length..].TrimStart(':').Split(':');
        if (parts.Length != 2 || !parts.All(IsPlainName))
        {
            throw new ResourceAgentException(
                $"'{name}' names no OCF agent. Write ocf:PROVIDER:TYPE, such as ocf:heartbeat:IPaddr2.", ExitArguments);
        }

        (provider, type) = (parts[0], parts[1]);
        this.name = $"ocf:{provider}:{type}";
    }

    public override string File => FileName;

    private string FileName => Path.Combine(Options.OcfRoot, "resource.d", provider, type);

    /// <summary>Where OCF agents are looked for.</summary>
    public static IEnumerable<string> Folders(string ocfRoot)
    {
        string root = Path.Combine(ocfRoot, "resource.d");
        return Directory.Exists(root) ? Directory.EnumerateDirectories(root).Order(StringComparer.Ordinal).Prepend(root) : [root];
    }

    /// <summary>The agents that are installed, as <c>ocf:PROVIDER:TYPE</c>.</summary>
    /// <param name="ocfRoot">The OCF root (OCF_ROOT).</param>
    public static IEnumerable<string> FindAll(string ocfRoot)
    {
        var root = new DirectoryInfo(Path.Combine(ocfRoot, "resource.d"));
        return !root.Exists
            ? []
            : from provider in root.EnumerateDirectories()
              from file in provider.EnumerateFiles()
              where IsPlainName(provider.Name) && IsPlainName(file.Name)
                  && ProcessRunner.SearchPath(file.Name, provider.FullName) is not null
              orderby provider.Name, file.Name
              select $"ocf:{provider.Name}:{file.Name}";
    }

    public override AgentCall Prepare(ResourceRequest request)
    {
        var environment = Create();
        environment["OCF_RESOURCE_INSTANCE"] = AgentEnvironment.InstanceOf(request);
        var named = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach ((string key, string value) in request.Parameters)
        {
            if (!key.StartsWith("OCF_", StringComparison.Ordinal))
            {
                named[key] = value;
            }
        }

        AgentEnvironment.AddParameters(environment, request with { Parameters = named.ToImmutable() }, "OCF_RESKEY_");
        environment["OCF_CHECK_LEVEL"] = request.CheckLevel > 0
            ? request.CheckLevel.ToString()
            : request.Parameters.GetValueOrDefault("OCF_CHECK_LEVEL", "0");
        environment["OCF_RESKEY_CRM_meta_timeout"] = ((long)request.Timeout.TotalMilliseconds).ToString();
        environment["OCF_RESKEY_CRM_meta_name"] = WordFor(request.Operation);
        // Agents tell a probe from a recurring monitor by the interval, of which a probe has none.
        environment["OCF_RESKEY_CRM_meta_interval"] =
            request.Operation == ResourceOperation.Monitor ? ((long)request.Interval.TotalMilliseconds).ToString() : "0";
        return new AgentCall(Installed(), [WordFor(request.Operation)], environment.ToImmutable());
    }

    public override AgentVerdict Judge(ResourceOperation operation, int exitCode, string output) => ExitCodes.Ocf(operation, exitCode);

    public override async Task<string?> DiagnoseAsync(ResourceRequest request, CancellationToken cancel)
    {
        if (StartDiagnosis.Find(name) is not { } known
            || ProcessRunner.SearchPath(known.Program, AgentEnvironment.SearchPath(Options)) is not { } program)
        {
            return null;
        }

        var question = new ProcessRequest
        {
            FileName = program, Arguments = known.Arguments(
                request.Parameters), Environment = Create().ToImmutable(), Timeout = DiagnosisTimeout,
        };
        try
        {
            ProcessOutcome outcome = await ProcessRunner.RunAsync(question, cancel).ConfigureAwait(false);
            return known.Sentence(outcome.Output, request.Parameters)
                ?? AgentMessage.With(
                    $"{known.Program} {string.Join(' ', question.Arguments)} returned {outcome.ExitCode?.ToString() ?? "nothing"}",
                    outcome.Output);
        }
        catch (ProcessStartException error)
        {
            return error.Message;
        }
    }

    public override async Task<AgentMetadata> DescribeAsync(CancellationToken cancel)
    {
        var environment = Create();
        environment["OCF_RESOURCE_INSTANCE"] = type;
        var request = new ProcessRequest
        {
            FileName = Installed(),
            Arguments = ["meta-data"],
            Environment = environment.ToImmutable(),
            Timeout = MetadataTimeout,
            OutputLimit = 1024 * 1024,
            SeparateStandardError = true,
        };
        ProcessOutcome outcome;
        try
        {
            outcome = await ProcessRunner.RunAsync(request, cancel).ConfigureAwait(false);
        }
        catch (ProcessStartException error)
        {
            throw new ResourceAgentException(
                $"{error.Message} Reinstall the package that holds the agent {name}.", ExitNotInstalled, error);
        }

        cancel.ThrowIfCancellationRequested();
        if (outcome.ExitCode != 0 || outcome.OutputCut)
        {
            string end = outcome.TimedOut
                ? $"took longer than {MetadataTimeout.TotalSeconds:0} s"
                : $"returned {outcome.ExitCode?.ToString() ?? "nothing"}";
            throw new ResourceAgentException($"meta-data of {name} {end}: {outcome.StandardError.Trim()}", outcome.ExitCode ?? 1);
        }

        return AgentMetadataXml.Parse(name, outcome.Output);
    }

    private static new string WordFor(ResourceOperation operation) =>
        operation is ResourceOperation.Probe or ResourceOperation.Monitor ? "monitor" : Agent.WordFor(operation);

    private ImmutableSortedDictionary<string, string>.Builder Create()
    {
        var environment = AgentEnvironment.Create(Options);
        environment["OCF_ROOT"] = Options.OcfRoot;
        environment["OCF_RA_VERSION_MAJOR"] = "1";
        environment["OCF_RA_VERSION_MINOR"] = "1";
        environment["OCF_RESOURCE_TYPE"] = type;
        environment["OCF_RESOURCE_PROVIDER"] = provider;
        environment["OCF_RESOURCE_CLASS"] = "ocf";
        if (Options.AgentRunFolder is { } folder)
        {
            Directory.CreateDirectory(folder);
            environment["HA_RSCTMP"] = folder;
            environment["HA_VARRUN"] = folder;
            environment["HA_VARLOCK"] = folder;
        }

        return environment;
    }

    private string Installed() => System.IO.File.Exists(FileName)
        ? FileName
        : throw new ResourceAgentException(
            $"{name} is not installed here: there is no '{FileName}'. Install the package that holds it (resource-agents for "
                + "ocf:heartbeat).", ExitNotInstalled);
}
