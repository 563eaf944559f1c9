namespace ClusterTools.Core.Configuration;

public static partial class ConfigurationValidation
{
    // What a shell takes for something else than itself where names may be patterns.
    private static readonly System.Buffers.SearchValues<char> Wildcards = System.Buffers.SearchValues.Create("*?[]`");

    /// <summary>Names that a prompt may take for patterns: they work, and surprise.</summary>
    private static void WildcardNames(ClusterConfiguration configuration, ProblemList problems)
    {
        Section("groups", "group", configuration.Groups.Keys);
        Section("failoverDomains", "failover domain", configuration.FailoverDomains.Keys);
        Section("fenceDevices", "fence device", configuration.FenceDevices.Keys);
        Section("eventScripts", "event script", configuration.EventScripts.Keys);
        foreach ((string group, GroupConfiguration? definition) in configuration.Groups)
        {
            // Resources are mostly called what their group is: once is enough.
            string[] ids = definition is null || definition.Resources.IsDefault || IsWild(group)
                ? []
                : [.. ResourceTree.OfAll(definition).StartOrder.Select(r => r.Id).Where(IsWild)];
            if (ids.Length > 0)
            {
                Warn($"groups/{group}/resources", $"Resources of group '{group}' have wildcard characters in their names: "
                    + $"{string.Join(", ", ids.Take(5))}{(ids.Length > 5 ? " and more" : "")}.");
            }
        }

        void Section(string section, string what, IEnumerable<string> names)
        {
            foreach (string name in names.Where(IsWild))
            {
                Warn($"{section}/{name}", $"The name of {what} '{name}' has wildcard characters.");
            }
        }

        void Warn(string path, string message) =>
            problems.Warning(
                path, $"{message} At a prompt such a name means itself as long as it is there, and then whatever it fits.",
                "Choose a name without *, ?, [, ] and backtick.");
    }

    private static bool IsWild(string? name) => name.AsSpan().ContainsAny(Wildcards);
}
