using System.Linq;
using Newtonsoft.Json.Linq;

namespace ClusterTools.Client;

/// <summary>A change to a failover domain; what is null stays as it is, or as it is by default.</summary>
public sealed class FailoverDomainSettings
{
    /// <summary>Nodes with their priorities, 1 (best) to 100, or 0: none; all of them.</summary>
    public IReadOnlyList<KeyValuePair<string, int>>? Members { get; set; }

    /// <summary>Members are preferred by priority.</summary>
    public bool? Ordered { get; set; }

    /// <summary>Groups run on members only.</summary>
    public bool? Restricted { get; set; }

    /// <summary>Groups do not move back when a better member returns.</summary>
    public bool? NoFailback { get; set; }
}

/// <summary>Edits of failover domains.</summary>
internal static class FailoverDomainEdit
{
    private const string What = "failover domain";

    public static void Add(JObject document, string name, FailoverDomainSettings settings)
    {
        var domain = new JObject { ["name"] = name, ["ordered"] = false, ["restricted"] = false, ["noFailback"] = false, ["members"] = new JObject() };
        ConfigurationDocument.Add(document, ConfigurationDocument.Domains, What, name, domain);
        Apply(document, domain, settings);
    }

    public static void Set(JObject document, string name, FailoverDomainSettings settings) =>
        Apply(document, ConfigurationDocument.Entry(document, ConfigurationDocument.Domains, What, name), settings);

    /// <summary>Removes a domain; groups that use it are left without one if that is wanted.</summary>
    /// <exception cref="ClusterApiException">There is none, or groups use it.</exception>
    public static void Remove(JObject document, string name, bool release)
    {
        JObject domain = ConfigurationDocument.Entry(document, ConfigurationDocument.Domains, What, name);
        string own = ConfigurationDocument.NameOf(domain);
        JObject[] users = [.. ConfigurationDocument.Section(document, ConfigurationDocument.Groups).Properties().Select(p => p.Value).OfType<JObject>()
            .Where(g => (string?)g["domain"] == own)];
        if (users.Length > 0 && !release)
        {
            throw EditErrors.Used(What, own, users.Length == 1 ? "group" : "groups", users.Select(ConfigurationDocument.NameOf),
                "Give them another one with Set-ClusterService -FailoverDomain first, or use -Force: then they may run on any node.");
        }

        foreach (JObject user in users)
        {
            user["domain"] = null;
        }

        domain.Parent!.Remove();
    }

    private static void Apply(JObject document, JObject domain, FailoverDomainSettings settings)
    {
        ConfigurationDocument.Set(domain, "ordered", settings.Ordered);
        ConfigurationDocument.Set(domain, "restricted", settings.Restricted);
        ConfigurationDocument.Set(domain, "noFailback", settings.NoFailback);
        if (settings.Members is { } members)
        {
            var all = new JObject();
            foreach (KeyValuePair<string, int> member in members)
            {
                string node = ConfigurationDocument.NameOf(ConfigurationDocument.Entry(document, ConfigurationDocument.Nodes, "node", member.Key));
                if (all[node] is not null)
                {
                    throw EditErrors.Invalid($"Node '{node}' is named twice as a member of failover domain '{ConfigurationDocument.NameOf(domain)}'.", "Name each node once.");
                }

                all[node] = member.Value;
            }

            domain["members"] = all;
        }
    }
}
