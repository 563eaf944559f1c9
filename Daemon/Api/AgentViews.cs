using ClusterTools.Agents;
using ClusterTools.Core.Configuration;
using ClusterTools.Fencing;
using ClusterTools.Import;

namespace ClusterTools.Api;

/// <summary>Agents as the wire shows them.</summary>
internal static class AgentViews
{
    /// <summary>As it stands in a list.</summary>
    /// <param name="name">Of one that is installed.</param>
    /// <param name="known">What is known of it already.</param>
    /// <param name="installed">It is here.</param>
    public static Contract.ResourceType ResourceType(string name, AgentMetadata? known, bool installed) => new()
    {
        Name = name,
        Agent = name,
        Class = ClassOf(name),
        Provider = name.Split(':') is ["ocf", var provider, _] ? provider : null,
        Installed = installed,
        ShortDescription = known?.ShortDescription,
    };

    /// <summary>A type of cluster.conf as it stands in a list.</summary>
    /// <param name="name">One that is known.</param>
    /// <param name="installed">The agents that are here.</param>
    public static Contract.ResourceType ClassicType(string name, IReadOnlySet<string> installed) => new()
    {
        Name = name,
        Agent = ClassicTypes.AgentOf(name) ?? "lsb:",
        Class = Contract.ResourceTypeClass.Classic,
        Provider = ClassicTypes.AgentOf(name)?.Split(':') is ["ocf", var provider, _] ? provider : null,

        // Any script will do, and whether it is there is not known by the type.
        Installed = ClassicTypes.AgentOf(name) is not { } agent || installed.Contains(agent),
        ShortDescription = ClassicTypes.AgentOf(name) is { } does
            ? $"Type of cluster.conf; {does} does its work"
            : "Type of cluster.conf: an init script, lsb:FILE",
    };

    public static Contract.ResourceType ResourceTypeInFull(string name, AgentMetadata metadata, bool installed)
    {
        Contract.ResourceType type = ResourceType(metadata.Agent, metadata, installed);
        type.Name = name;
        type.LongDescription = metadata.LongDescription;
        type.Version = metadata.Version;
        type.Parameters = [.. metadata.Parameters.Select(p => Parameter(metadata.Agent, p))];
        type.Actions =
        [
            .. metadata.Actions.Select(a => new Contract.AgentAction
            {
                Name = a.Name,
                Timeout = a.Timeout,
                Interval = a.Interval,
                Depth = a.Depth,
            }),
        ];
        return type;
    }

    /// <summary>As it stands in a list.</summary>
    public static Contract.FenceAgent FenceAgent(string name, FenceMetadata? known) =>
        new() { Name = name, ShortDescription = known?.ShortDescription };

    public static Contract.FenceAgent FenceAgentInFull(string name, FenceMetadata metadata)
    {
        Contract.FenceAgent agent = FenceAgent(name, metadata);
        agent.LongDescription = metadata.LongDescription;
        agent.VendorUrl = metadata.VendorUrl;
        agent.Parameters = [.. metadata.Parameters.Select(p => Parameter(name, p))];
        agent.Actions = [.. metadata.Actions.Select(a => new Contract.AgentAction { Name = a.Name })];
        return agent;
    }

    private static Contract.AgentParameter Parameter(string agent, AgentParameter p) => new()
    {
        Name = p.Name,
        Type = p.Type,
        Default = p.Default,
        Required = p.Required,
        Unique = p.Unique,
        Deprecated = p.Deprecated,
        Secret = p.Secret || SecretParameters.IsSecret(agent, p.Name),
        Options = p.Options,
        Description = p.ShortDescription,
        LongDescription = p.LongDescription.Length == 0 || p.LongDescription == p.ShortDescription ? null : p.LongDescription,
    };

    private static Contract.ResourceTypeClass ClassOf(string agent) => agent.Split(':')[0] switch
    {
        "ocf" => Contract.ResourceTypeClass.Ocf,
        "lsb" => Contract.ResourceTypeClass.Lsb,
        "systemd" => Contract.ResourceTypeClass.Systemd,
        "exec" => Contract.ResourceTypeClass.Exec,
        "powershell" => Contract.ResourceTypeClass.PowerShell,
        _ => throw new ArgumentException($"'{agent}' has no class that is known.", nameof(agent)),
    };
}
