using System.Linq;
using System.Management.Automation;
using ClusterTools.Client;
using Newtonsoft.Json.Linq;

namespace ClusterTools.Cmdlets;

/// <content>Which resources of the configuration are meant.</content>
public abstract partial class ClusterConfigurationCmdlet
{
    /// <summary>Resources by id, or by name without the type; an error for each name that fits nothing, or several groups where none was named.</summary>
    private protected IReadOnlyList<(string Group, string Id)> FindConfigured(JObject document, string? group, IEnumerable<string> names)
    {
        JObject groups = ConfigurationDocument.Section(document, ConfigurationDocument.Groups);
        IReadOnlyList<string> within = ConfigurationDocument.Names(document, ConfigurationDocument.Groups);
        if (group is not null)
        {
            // One group: a wildcard here would be the name of an object that is gone.
            string[] named = ObjectNames.Find(within, n => n, group, wildcards: false);
            within = named.Length == 1 ? named : throw ClusterErrors.NotFound("group", group, within);
        }

        (string Group, string Id)[] all = [.. within.SelectMany(g => ResourceEdit.All((JObject)groups[g]!).Select(r => (g, ResourceEdit.Id(r))))];
        var found = new List<(string Group, string Id)>();
        foreach (string name in names)
        {
            (string Group, string Id)[] fit = ObjectNames.Find(all, r => r.Id, name);
            (string Group, string Id)[] byName = ObjectNames.Find(all, r => ShortName(r.Id), name);
            bool exact = ObjectNames.Has(fit, r => r.Id, name);
            bool wild = ObjectNames.IsWildcard(name) && !exact && !ObjectNames.Has(byName, r => ShortName(r.Id), name);
            fit = exact ? fit : [.. fit.Union(byName)];
            if (!wild && fit.Length != 1)
            {
                WriteProblem(
                    fit.Length == 0
                        ? ClusterErrors.NotFound("resource", name, all.Select(r => r.Id))
                        : ClusterErrors.Ambiguous("resource", name, fit.Select(r => $"{r.Id} of {r.Group}")),
                    name);
                continue;
            }

            found.AddRange(fit.Where(f => !found.Contains(f)));
        }

        return found;
    }

    private static string ShortName(string id) => id.Substring(id.IndexOf(':') + 1);
}
