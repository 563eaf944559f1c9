using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>An edit of a failover domain; what is null stays as it is, or as it is by default.</summary>
public sealed record FailoverDomainEdit : IConfigurationEdit
{
    private const string What = "failover domain";

    public required string Name { get; init; }

    public bool? Ordered { get; init; }

    public bool? Restricted { get; init; }

    public bool? NoFailback { get; init; }

    /// <summary>All of them.</summary>
    public ImmutableArray<DomainMember>? Members { get; init; }

    /// <summary>Groups that use one that is removed are left without; else it is not removed.</summary>
    public bool Release { get; init; }

    ClusterConfiguration IConfigurationEdit.Edit(ClusterConfiguration configuration, EditAction action)
    {
        if (action == EditAction.Add)
        {
            FailoverDomain made = With(configuration, new FailoverDomain { Name = Name });
            return configuration with { FailoverDomains = Edits.Add(configuration.FailoverDomains, What, Name, made) };
        }

        FailoverDomain domain = configuration.FailoverDomains[Edits.Find(configuration.FailoverDomains, What, Name)];
        return action == EditAction.Remove
            ? Remove(configuration, domain.Name)
            : configuration with { FailoverDomains = configuration.FailoverDomains.SetItem(domain.Name, With(configuration, domain)) };
    }

    private ClusterConfiguration Remove(ClusterConfiguration configuration, string own)
    {
        GroupConfiguration[] users = [.. configuration.Groups.Values.Where(g => g.Domain == own)];
        if (users.Length > 0 && !Release)
        {
            throw EditRefusedException.Used(What, own, users.Length == 1 ? "group" : "groups", [.. users.Select(static g => g.Name)],
                "Give them another one with Set-ClusterService -FailoverDomain first, or use -Force: then they may run on any node.");
        }

        return configuration with
        {
            FailoverDomains = configuration.FailoverDomains.Remove(own),
            Groups = configuration.Groups.SetItems(users.Select(static g => KeyValuePair.Create(g.Name, g with { Domain = null }))),
        };
    }

    private FailoverDomain With(ClusterConfiguration configuration, FailoverDomain domain) => domain with
    {
        Ordered = Ordered ?? domain.Ordered,
        Restricted = Restricted ?? domain.Restricted,
        NoFailback = NoFailback ?? domain.NoFailback,
        Members = Members is { } members ? All(configuration, domain.Name, members) : domain.Members,
    };

    private static ImmutableSortedDictionary<string, int> All(
        ClusterConfiguration configuration, string domain, ImmutableArray<DomainMember> members)
    {
        ImmutableSortedDictionary<string, int> all = ClusterConfiguration.Sorted<int>();
        foreach (DomainMember member in members)
        {
            string node = Edits.Find(configuration.Nodes, "node", member.Node);
            all = !all.ContainsKey(node) ? all.Add(node, member.Priority) : throw EditRefusedException.Invalid(
                $"Node '{node}' is named twice as a member of failover domain '{domain}'.", "Name each node once.");
        }

        return all;
    }
}
