namespace ClusterTools.Cmdlets;

/// <content>Which resources of the configuration are meant.</content>
public abstract partial class ClusterConfigurationCmdlet
{
    /// <summary>
    /// Resources by id, or by name without the type; an error for each name that fits nothing, or several groups where none was named.
    /// </summary>
    private protected IReadOnlyList<(string Group, string Id)> FindConfigured(string? group, IEnumerable<string> names)
    {
        ServiceConfiguration[] groups = ConfigurationDocument.Services(Configuration());
        IReadOnlyList<string> within = [.. groups.Select(g => g.Name)];
        if (group is not null)
        {
            // A wildcard here could only be the name of a group that is gone.
            string[] named = ObjectNames.Find(within, n => n, group, wildcards: false);
            within = named.Length == 1 ? named : throw ClusterErrors.NotFound("group", group, within);
        }

        (string Group, string Id)[] all =
        [
            .. groups.Where(g => within.Contains(g.Name)).SelectMany(g => Ids(g.Resources).Select(id => (g.Name, id))),
        ];
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

    private static IEnumerable<string> Ids(IEnumerable<ResourceConfiguration> resources) =>
        resources.SelectMany(r => new[] { r.Id }.Concat(Ids(r.Children)));

    private static string ShortName(string id) => id.Substring(id.IndexOf(':') + 1);
}
