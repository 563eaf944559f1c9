using ClusterTools.Agents;
using ClusterTools.Core.Configuration;
using ClusterTools.Fencing;

namespace ClusterTools.Api;

/// <summary>Agents as the wire shows them.</summary>
internal static class AgentViews
{
    /// <summary>As it stands in a list.</summary>
    /// <param name="name">Of one that is installed.</param>
    /// <param name="known">What is known of it already.</param>
    public static Contract.ResourceType ResourceType(string name, AgentMetadata? known) => new()
    {
        Name = name,
        Agent = name,
        Class = ClassOf(name),
        Provider = name.Split(':') is ["ocf", var provider, _] ? provider : null,
        Installed = true,
        ShortDescription = known?.ShortDescription,
    };

    public static Contract.ResourceType ResourceTypeInFull(string name, AgentMetadata metadata)
    {
        Contract.ResourceType type = ResourceType(metadata.Agent, metadata);
        type.Name = name;
        type.LongDescription = metadata.LongDescription;
        type.Version = metadata.Version;
        type.Parameters =
        [
            .. metadata.Parameters.Select(p => new Contract.AgentParameter
            {
                Name = p.Name,
                Type = p.Type,
                Default = p.Default,
                Required = p.Required,
                Unique = p.Unique,
                Deprecated = p.Deprecated,
                Secret = SecretParameters.IsSecret(metadata.Agent, p.Name),
                Options = p.Options,
                Description = p.ShortDescription,
                LongDescription = p.LongDescription.Length == 0 || p.LongDescription == p.ShortDescription ? null : p.LongDescription,
            }),
        ];
        type.Actions =
        [
            .. metadata.Actions.Select(a => new Contract.AgentAction
            {
                Name = a.Name,
                Timeout = Milliseconds(a.Timeout),
                Interval = Milliseconds(a.Interval),
                Depth = a.Depth,
            }),
        ];
        return type;
    }

    /// <summary>As it stands in a list.</summary>
    public static Contract.FenceAgent FenceAgent(string name, FenceMetadata? known) => new() { Name = name, ShortDescription = known?.ShortDescription };

    public static Contract.FenceAgent FenceAgentInFull(string name, FenceMetadata metadata)
    {
        Contract.FenceAgent agent = FenceAgent(name, metadata);
        agent.LongDescription = metadata.LongDescription;
        agent.VendorUrl = metadata.VendorUrl;
        agent.Parameters =
        [
            .. metadata.Parameters.Select(p => new Contract.AgentParameter
            {
                Name = p.Name,
                Type = p.Type,
                Default = p.Default,
                Required = p.Required,
                Unique = p.Unique,
                Deprecated = p.Deprecated,
                Secret = p.Secret || SecretParameters.IsSecret(name, p.Name),
                Options = p.Options,
                Description = p.ShortDescription,
            }),
        ];
        agent.Actions = [.. metadata.Actions.Select(a => new Contract.AgentAction { Name = a.Name })];
        return agent;
    }

    private static Contract.ResourceTypeClass ClassOf(string agent) => agent.Split(':')[0] switch
    {
        "ocf" => Contract.ResourceTypeClass.Ocf,
        "lsb" => Contract.ResourceTypeClass.Lsb,
        "systemd" => Contract.ResourceTypeClass.Systemd,
        "exec" => Contract.ResourceTypeClass.Exec,
        "powershell" => Contract.ResourceTypeClass.PowerShell,
        _ => throw new ArgumentException($"'{agent}' has no class that is known.", nameof(agent)),
    };

    private static long? Milliseconds(TimeSpan? time) => time is { } span ? (long)span.TotalMilliseconds : null;
}
