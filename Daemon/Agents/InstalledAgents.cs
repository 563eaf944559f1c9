using System.Collections.Immutable;

namespace ClusterTools.Agents;

/// <summary>The resource agents of this machine, by name and by what they say of themselves.</summary>
public sealed class InstalledAgents
{
    private const string UnitSuffix = ".service";

    private readonly ResourceAgentOptions options;
    private readonly FolderListing agents;
    private readonly FolderListing units;

    /// <param name="options">Where they are.</param>
    public InstalledAgents(ResourceAgentOptions options)
    {
        this.options = options;
        agents = new FolderListing(
            () => OcfAgent.Folders(options.OcfRoot).Append(options.LsbFolder),
            () => OcfAgent.FindAll(options.OcfRoot).Concat(LsbAgent.FindAll(options)));
        units = new FolderListing(() => options.SystemdUnitFolders.Prepend(options.SystemdRunFolder), () => FindUnits(options));
    }

    /// <summary>OCF agents and init scripts, by name. Runs nothing; the folders are looked at again when they have changed.</summary>
    public IReadOnlyList<string> Find() => agents.Names;

    /// <summary>
    /// The OCF agent for a resource type of this name (<c>nginx</c> → <c>ocf:heartbeat:nginx</c>), null where none is installed: of several
    /// providers' heartbeat, then the first by name. The folders are looked at once, when first asked. Runs nothing.
    /// </summary>
    public Func<string, string?> Types() => Types(options.OcfRoot);

    /// <summary>As <see cref="Types()"/>, of the agents below an OCF root.</summary>
    public static Func<string, string?> Types(string ocfRoot)
    {
        var found = new Lazy<Dictionary<string, string>>(() => OcfAgent.FindAll(ocfRoot)
            .OrderBy(static agent => !agent.StartsWith("ocf:heartbeat:", StringComparison.Ordinal))
            .ThenBy(static agent => agent, StringComparer.Ordinal)
            .GroupBy(static agent => agent[(agent.LastIndexOf(':') + 1)..], StringComparer.Ordinal)
            .ToDictionary(static type => type.Key, static type => type.First(), StringComparer.Ordinal));
        return type => found.Value.GetValueOrDefault(type);
    }

    /// <summary>The services that systemd knows here, as <c>systemd:NAME</c>; none where it does not run. Runs nothing.</summary>
    public IReadOnlyList<string> FindUnits() => units.Names;

    private static IEnumerable<string> FindUnits(ResourceAgentOptions options) => !Directory.Exists(options.SystemdRunFolder)
        ? []
        : options.SystemdUnitFolders
            .Where(Directory.Exists)
            .SelectMany(static folder => Directory.EnumerateFiles(folder, "*" + UnitSuffix))
            .Select(static file => Path.GetFileName(file)[..^UnitSuffix.Length])
            // A template is no unit until it has an instance.
            .Where(static name => !name.EndsWith('@'))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .Select(static name => $"systemd:{name}");

    /// <summary>
    /// Whether systemd runs here and has a file for a unit, be it an instance's template or an init script that it wraps. Runs nothing.
    /// </summary>
    /// <param name="agent">As in a configuration: <c>systemd:NAME</c>, with or without its type.</param>
    public bool IsUnit(string agent)
    {
        string name = agent["systemd:".Length..];
        string file = Path.HasExtension(name) ? name : name + UnitSuffix;
        string template = file.IndexOf('@') is >= 0 and var at ? file[..(at + 1)] + Path.GetExtension(file) : file;
        return Directory.Exists(options.SystemdRunFolder)
            && (options.SystemdUnitFolders.Any(
                folder => File.Exists(Path.Combine(folder, file)) || File.Exists(Path.Combine(folder, template)))
                || File.Exists(Path.Combine(options.LsbFolder, Path.GetFileNameWithoutExtension(file))));
    }

    /// <summary>The file of an agent, there or not; null: it is none.</summary>
    /// <param name="agent">As in a configuration.</param>
    /// <exception cref="ResourceAgentException">No agent can have this name.</exception>
    public string? FileOf(string agent) => Parse(agent).File;

    /// <summary>What an agent says of itself; an OCF agent is called for it.</summary>
    /// <param name="agent">As in a configuration, such as <c>ocf:heartbeat:IPaddr2</c>.</param>
    /// <param name="cancel">Ends the agent.</param>
    /// <exception cref="ResourceAgentException">It is not installed here, or what it says is no metadata.</exception>
    public Task<AgentMetadata> DescribeAsync(string agent, CancellationToken cancel) => Parse(agent).DescribeAsync(cancel);

    private Agent Parse(string agent) => Agent.Parse(agent, ImmutableSortedDictionary<string, string>.Empty, options);
}
