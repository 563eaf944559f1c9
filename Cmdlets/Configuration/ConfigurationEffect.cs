using System.Linq;
using Newtonsoft.Json.Linq;

namespace ClusterTools.Client;

/// <summary>What a change of the configuration does: which groups come, change and go, and which resources are restarted.</summary>
public sealed class ConfigurationEffect
{
    private const int MostLines = 40;

    private const string Disabled = "/disabled";

    private static readonly string[] WorkMembers = ["type", "agent", "parameters"];

    private readonly Dictionary<string, string> born;

    private ConfigurationEffect(IReadOnlyList<ConfigurationDifference> differences, Dictionary<string, string> born)
    {
        Differences = differences;
        this.born = born;
    }

    /// <summary>Thing by thing.</summary>
    public IReadOnlyList<ConfigurationDifference> Differences { get; }

    /// <summary>Names of groups that are added.</summary>
    public IReadOnlyList<string> Added { get; private set; } = [];

    /// <summary>Names of groups that are changed, or whose failover domain is.</summary>
    public IReadOnlyList<string> Changed { get; private set; } = [];

    /// <summary>Names of groups that are stopped and removed.</summary>
    public IReadOnlyList<string> Removed { get; private set; } = [];

    /// <summary>By group: ids of resources that are stopped where they run, for they changed, stand below one that did, or are gone.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Stopped { get; private set; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Whether anything changes at all.</summary>
    public bool IsNothing => Differences.Count == 0;

    /// <summary>Works out what lies between two configurations.</summary>
    public static ConfigurationEffect Of(JObject old, JObject @new)
    {
        JObject before = ConfigurationDocument.Section((JObject)old.DeepClone(), ConfigurationDocument.Groups);
        JObject after = ConfigurationDocument.Section((JObject)@new.DeepClone(), ConfigurationDocument.Groups);
        string[] domains = [.. ConfigurationDocument.Names(old, ConfigurationDocument.Domains)
            .Where(d => !ConfigurationComparison.Same(old[ConfigurationDocument.Domains]![d], @new[ConfigurationDocument.Domains]?[d]))];
        string[] common = [.. before.Properties().Select(p => p.Name).Where(n => after[n] is not null)];
        string[] added = [.. after.Properties().Select(p => p.Name).Where(n => before[n] is null)];
        return new ConfigurationEffect(ConfigurationComparison.Compare(old, @new), added.ToDictionary(n => n, n => Birth((JObject)after[n]!)))
        {
            Added = added,
            Removed = [.. before.Properties().Select(p => p.Name).Where(n => after[n] is null)],
            Changed = [.. common.Where(n => !ConfigurationComparison.Same(before[n], after[n]) || domains.Contains((string?)after[n]!["domain"]))],
            Stopped = common
                .Select(n => (Name: n, Ids: StoppedIn((JObject)before[n]!, (JObject)after[n]!)))
                .Where(s => s.Ids.Count > 0)
                .ToDictionary(s => s.Name, s => s.Ids),
        };
    }

    /// <summary>In words, one line for each group and each other thing.</summary>
    /// <param name="owners">Where groups run now, to say what is really stopped; null: not known.</param>
    public IReadOnlyList<string> Describe(IReadOnlyDictionary<string, string?>? owners)
    {
        var lines = new List<string>();
        lines.AddRange(Added.Select(g => $"group {g} is added {born[g]}"));
        lines.AddRange(Removed.Select(g => $"group {g} is {(Owner(g) is { } node ? $"stopped on {node} and " : owners is null ? "stopped, if it runs, and " : "")}removed"));
        foreach (IGrouping<string, ConfigurationDifference> group in Differences.Where(d => !IsWhole(d)).GroupBy(Subject))
        {
            string[] changes = [.. group.Select(d => Rest(d, group.Key))];
            lines.Add($"{group.Key} is changed: {string.Join(", ", changes.Take(10))}{(changes.Length > 10 ? $" and {changes.Length - 10} more" : "")}{Restarts(group.Key)}");
        }

        lines.AddRange(Differences.Where(d => IsWhole(d) && !d.Path.StartsWith(ConfigurationDocument.Groups + "/", StringComparison.Ordinal))
            .Select(d => $"{Subject(d)} is {(d.Change == ConfigurationChangeKind.Added ? "added" : "removed")}"));
        return lines.Count <= MostLines ? lines : [.. lines.Take(MostLines), $"and {lines.Count - MostLines} more"];

        string? Owner(string group) => owners is not null && owners.TryGetValue(group, out string? owner) ? owner : null;

        string Restarts(string subject)
        {
            if (!subject.StartsWith("group ", StringComparison.Ordinal))
            {
                return "";
            }

            string name = subject.Substring("group ".Length);
            string placed = Differences.Any(d => d.Path.StartsWith($"{ConfigurationDocument.Groups}/{name}/dependencies", StringComparison.Ordinal))
                ? "; where what it needs is not so, it moves, stops or waits"
                : "";
            if (!Stopped.TryGetValue(name, out IReadOnlyList<string>? ids))
            {
                return placed.Length > 0 ? placed : "; nothing is restarted";
            }

            string stopped = string.Join(", ", ids.Take(10)) + (ids.Count > 10 ? " …" : "");
            return placed + (owners is null ? $"; stopped, if they run: {stopped}"
                : Owner(name) is { } node ? $"; stopped or restarted on {node}: {stopped}"
                : "; it does not run, nothing is restarted");
        }
    }

    private static string Birth(JObject group)
    {
        string[] ids = [.. ConfigurationComparison.Flat(group).Keys];
        string where = (string?)group["domain"] is { } domain ? $" by the rules of failover domain {domain}" : "";
        return $"with {(ids.Length == 0 ? "no resources" : string.Join(", ", ids.Take(10)))}{(ids.Length > 10 ? " …" : "")}, {((bool?)group["autostart"] == false ? "and not started" : $"and started{where}")}";
    }

    private static IReadOnlyList<string> StoppedIn(JObject old, JObject @new)
    {
        // As the Core does it: what changed, moved or is gone is stopped, and all that stands below it. How a resource is watched, its limits and
        // what is done when it fails may change while it runs.
        IReadOnlyDictionary<string, (string? Parent, JObject Own)> before = Enabled(ConfigurationComparison.Flat(old));
        IReadOnlyDictionary<string, (string? Parent, JObject Own)> after = Enabled(ConfigurationComparison.Flat(@new));
        var stopped = new List<string>();
        foreach (KeyValuePair<string, (string? Parent, JObject Own)> resource in before)
        {
            if (!after.TryGetValue(resource.Key, out (string? Parent, JObject Own) now)
                || now.Parent != resource.Value.Parent
                || (resource.Value.Parent is { } parent && stopped.Contains(parent))
                || !IsSameWork(resource.Value.Own, now.Own))
            {
                stopped.Add(resource.Key);
            }
        }

        return stopped;
    }

    // What is disabled, and what stands below it, is as if it were not there. Parents stand before their children.
    private static Dictionary<string, (string? Parent, JObject Own)> Enabled(IReadOnlyDictionary<string, (string? Parent, JObject Own)> all)
    {
        var enabled = new Dictionary<string, (string? Parent, JObject Own)>();
        foreach (KeyValuePair<string, (string? Parent, JObject Own)> resource in all)
        {
            if ((bool?)resource.Value.Own["disabled"] != true && (resource.Value.Parent is not { } parent || enabled.ContainsKey(parent)))
            {
                enabled[resource.Key] = resource.Value;
            }
        }

        return enabled;
    }

    // How a resource is watched (times, levels, limits) changes without touching it.
    private static bool IsSameWork(JObject a, JObject b) => WorkMembers.All(member => SameOrEmpty(a[member], b[member]));

    private static bool SameOrEmpty(JToken? a, JToken? b) =>
        ConfigurationComparison.Same(a is JObject { Count: 0 } ? null : a, b is JObject { Count: 0 } ? null : b);

    private static bool IsWhole(ConfigurationDifference difference) =>
        difference.Change != ConfigurationChangeKind.Changed && difference.Path.Split('/').Length == 2;

    private static string Subject(ConfigurationDifference difference)
    {
        string[] parts = difference.Path.Split('/');
        return parts.Length < 2 ? "the cluster" : parts[0] switch
        {
            ConfigurationDocument.Groups => $"group {parts[1]}",
            ConfigurationDocument.Domains => $"failover domain {parts[1]}",
            ConfigurationDocument.FenceDevices => $"fence device {parts[1]}",
            ConfigurationDocument.Nodes => $"node {parts[1]}",
            ConfigurationDocument.EventScripts => $"event script {parts[1]}",
            "access" => $"the grant of certificate {(parts[1].Length > 12 ? parts[1].Substring(0, 12) : parts[1])}",
            _ => "the cluster",
        };
    }

    private static string Rest(ConfigurationDifference difference, string subject)
    {
        string place = subject == "the cluster" ? difference.Path : string.Join("/", difference.Path.Split('/').Skip(2));
        place = place.StartsWith("resources/", StringComparison.Ordinal) ? place.Substring("resources/".Length) : place;
        if (place.EndsWith(Disabled, StringComparison.Ordinal) && difference.Path.StartsWith(ConfigurationDocument.Groups, StringComparison.Ordinal))
        {
            return $"{place.Substring(0, place.Length - Disabled.Length)} is {(string.Equals(difference.New?.ToString(), "true", StringComparison.OrdinalIgnoreCase) ? "disabled" : "enabled")}";
        }

        return difference.Change switch
        {
            ConfigurationChangeKind.Added => difference.New is string text && text.StartsWith("{", StringComparison.Ordinal) ? $"{place} added" : $"{place} = {difference.New ?? "none"}",
            ConfigurationChangeKind.Removed => $"{place} removed",
            _ => $"{place} {difference.Old ?? "none"} -> {difference.New ?? "none"}",
        };
    }
}
