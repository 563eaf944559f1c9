using Newtonsoft.Json.Linq;

namespace ClusterTools.Client;

/// <summary>What a change of the configuration does: which groups come, change and go, and which resources are restarted.</summary>
public sealed class ConfigurationEffect
{
    private const int MostLines = 40;

    private const string Disabled = "/disabled";

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

    /// <summary>
    /// By group: ids of resources that are stopped where they run, for they changed, stand below one that did, or are gone.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Stopped { get; private set; } =
        new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>The resource or dependency that is added to a group, of what adds one: the cluster's own names for it.</summary>
    internal (string Group, string Name) AddedPart
    {
        get
        {
            string[] parts = Differences
                .First(d => d.Change == ConfigurationChangeKind.Added
                    && d.Path.StartsWith(ConfigurationDocument.Groups + "/", StringComparison.Ordinal))
                .Path.Split(['/'], 4);
            return (parts[1], parts[3]);
        }
    }

    /// <summary>Works out what lies between two configurations.</summary>
    /// <param name="old">In force.</param>
    /// <param name="new">What would come of it.</param>
    /// <param name="steps">What the cluster would stop and start for it.</param>
    internal static ConfigurationEffect Of(JObject old, JObject @new, IReadOnlyList<PlanStep> steps)
    {
        JObject before = ConfigurationDocument.Section((JObject)old.DeepClone(), ConfigurationDocument.Groups);
        JObject after = ConfigurationDocument.Section((JObject)@new.DeepClone(), ConfigurationDocument.Groups);
        string[] domains = [.. ConfigurationDocument.Names(old, ConfigurationDocument.Domains)
            .Where(d => !ConfigurationComparison.Same(old[ConfigurationDocument.Domains]![d], @new[ConfigurationDocument.Domains]?[d]))];
        string[] common = [.. before.Properties().Select(p => p.Name).Where(n => after[n] is not null)];
        string[] added = [.. after.Properties().Select(p => p.Name).Where(n => before[n] is null)];
        return new ConfigurationEffect(
            ConfigurationComparison.Compare(old, @new), added.ToDictionary(n => n, n => DescribeNew((JObject)after[n]!)))
        {
            Added = added,
            Removed = [.. before.Properties().Select(p => p.Name).Where(n => after[n] is null)],
            Changed =
            [
                .. common.Where(n => !ConfigurationComparison.Same(before[n], after[n]) || domains.Contains((string?)after[n]!["domain"])),
            ],
            // Told from the top down; what stands on top is stopped last.
            Stopped = steps
                .Where(s => s is { Action: PlanAction.Stop, Group: not null, Resource: not null } && common.Contains(s.Group)).Reverse()
                    .GroupBy(s => s.Group!)
                .ToDictionary(s => s.Key, s => (IReadOnlyList<string>)[.. s.Select(r => r.Resource!)]),
        };
    }

    /// <summary>In words, one line for each group and each other thing.</summary>
    /// <param name="owners">Where groups run now, to say what is really stopped; null: not known.</param>
    public IReadOnlyList<string> Describe(IReadOnlyDictionary<string, string?>? owners)
    {
        var lines = new List<string>();
        lines.AddRange(Added.Select(g => $"group {g} is added {born[g]}"));
        lines.AddRange(
            Removed.Select(
                g => $"group {g} is "
                    + $"{(Owner(g) is { } node ? $"stopped on {node} and " : owners is null ? "stopped, if it runs, and " : "")}removed"));
        foreach (IGrouping<string, ConfigurationDifference> group in Differences.Where(d => !IsWhole(d)).GroupBy(Subject))
        {
            string[] changes = [.. group.Select(d => Rest(d, group.Key))];
            lines.Add(
                $"{group.Key} is changed: "
                    + $"{string.Join(", ", changes.Take(10))}{(changes.Length > 10 ? $" and {changes.Length - 10} more" : "")}"
                        + $"{Restarts(group.Key)}");
        }

        lines.AddRange(
            Differences.Where(d => IsWhole(d) && !d.Path.StartsWith(ConfigurationDocument.Groups + "/", StringComparison.Ordinal))
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
            string placed = Differences.Any(
                d => d.Path.StartsWith($"{ConfigurationDocument.Groups}/{name}/dependencies", StringComparison.Ordinal))
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

    private static string DescribeNew(JObject group)
    {
        string[] ids = [.. ConfigurationComparison.Flat(group).Keys];
        string where = (string?)group["domain"] is { } domain ? $" by the rules of failover domain {domain}" : "";
        return $"with {(ids.Length == 0 ? "no resources" : string.Join(", ", ids.Take(10)))}{(ids.Length > 10 ? " …" : "")}, "
            + $"{((bool?)group["autostart"] == false ? "and not started" : $"and started{where}")}";
    }

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
        if (place.EndsWith(Disabled, StringComparison.Ordinal)
            && difference.Path.StartsWith(ConfigurationDocument.Groups, StringComparison.Ordinal))
        {
            return $"{place.Substring(0, place.Length - Disabled.Length)} is "
                + $"{(string.Equals(difference.New?.ToString(), "true", StringComparison.OrdinalIgnoreCase) ? "disabled" : "enabled")}";
        }

        return difference.Change switch
        {
            ConfigurationChangeKind.Added => difference.New is string text && text.StartsWith("{", StringComparison.Ordinal)
                ? $"{place} added"
                : $"{place} = {difference.New ?? "none"}",
            ConfigurationChangeKind.Removed => $"{place} removed",
            _ => $"{place} {difference.Old ?? "none"} -> {difference.New ?? "none"}",
        };
    }
}
