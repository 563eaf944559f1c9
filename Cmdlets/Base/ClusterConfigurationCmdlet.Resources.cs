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
        JObject[] within = group is null
            ? [.. groups.Properties().Select(p => p.Value).OfType<JObject>()]
            : [.. Select("group", ConfigurationDocument.Names(document, ConfigurationDocument.Groups), n => n, [group]).Select(n => (JObject)groups[n]!)];
        if (within.Length == 0)
        {
            return [];
        }

        (string Group, string Id)[] all = [.. within.SelectMany(g => ResourceEdit.All(g).Select(r => (ConfigurationDocument.NameOf(g), ResourceEdit.Id(r))))];
        var found = new List<(string Group, string Id)>();
        foreach (string name in names)
        {
            bool wild = WildcardPattern.ContainsWildcardCharacters(name);
            WildcardPattern pattern = Wildcard(wild ? name : WildcardPattern.Escape(name));
            (string Group, string Id)[] fit = [.. all.Where(r => pattern.IsMatch(r.Id) || pattern.IsMatch(r.Id.Substring(r.Id.IndexOf(':') + 1)))];
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
}
