using System.Collections.Immutable;
using System.Text.Json;

namespace ClusterTools.Core.Configuration;

/// <summary>What a change of the configuration does: which groups come, change and go, and which resources are restarted.</summary>
public sealed class ConfigurationEffect
{
    private const int MostLines = 40;
    private const int MostNames = 10;
    private const string Disabled = "/disabled";
    private const string Resources = "resources/";
    private const string TheCluster = "the cluster";

    private readonly ClusterConfiguration next;

    private ConfigurationEffect(ClusterConfiguration next) => this.next = next;

    /// <summary>Thing by thing.</summary>
    public ImmutableArray<MemberDifference> Differences { get; private init; } = [];

    /// <summary>By name.</summary>
    public required ConfigurationDifference Names { get; init; }

    /// <summary>Names of groups that are added.</summary>
    public ImmutableArray<string> Added => Names.Groups.Added;

    /// <summary>Names of groups that are changed, or whose failover domain is.</summary>
    public ImmutableArray<string> Changed { get; private init; } = [];

    /// <summary>Names of groups that are stopped and removed.</summary>
    public ImmutableArray<string> Removed => Names.Groups.Removed;

    /// <summary>
    /// By group: ids of resources that are stopped where they run, for they changed, stand below one that did, or are gone; from the top
    /// of the tree down.
    /// </summary>
    public ImmutableSortedDictionary<string, ImmutableArray<string>> Stopped { get; private init; } =
        ClusterConfiguration.Sorted<ImmutableArray<string>>();

    /// <summary>Works out what lies between two configurations.</summary>
    /// <param name="old">In force.</param>
    /// <param name="next">What would come of it.</param>
    /// <param name="stops">What would be stopped for it, group and resource, in the order of the stops.</param>
    /// <param name="secret">Says of an agent's parameter that it is secret by its metadata; null: none is.</param>
    public static ConfigurationEffect Of(
        ClusterConfiguration old, ClusterConfiguration next, IEnumerable<(string Group, string Resource)> stops,
        Func<string, string, bool>? secret = null)
    {
        ArgumentNullException.ThrowIfNull(old);
        ArgumentNullException.ThrowIfNull(next);
        var difference = ConfigurationDifference.Between(old, next);
        string[] common = [.. old.Groups.Keys.Where(next.Groups.ContainsKey)];
        bool OfChangedDomain(string group) => next.Groups[group].Domain is { } domain
            && (difference.FailoverDomains.Changed.Contains(domain) || difference.FailoverDomains.Added.Contains(domain)
                || difference.FailoverDomains.Removed.Contains(domain));
        return new ConfigurationEffect(next)
        {
            Differences = ConfigurationComparison.Between(old, next, secret),
            Names = difference,
            Changed = [.. common.Where(g => difference.Groups.Changed.Contains(g) || OfChangedDomain(g))],
            // What stands on top is stopped last.
            Stopped = stops.Where(s => common.Contains(s.Group)).Reverse().GroupBy(s => s.Group, s => s.Resource)
                .ToImmutableSortedDictionary(s => s.Key, s => s.ToImmutableArray(), StringComparer.Ordinal),
        };
    }

    /// <summary>In words, one line for each group and each other thing.</summary>
    /// <param name="owner">Where a group runs now; null: it does not.</param>
    public ImmutableArray<string> Describe(Func<string, string?> owner)
    {
        ArgumentNullException.ThrowIfNull(owner);
        string[] lines =
        [
            .. Added.Select(g => $"group {g} is added {DescribeNew(next.Groups[g])}"),
            .. Removed.Select(g => $"group {g} is {(owner(g) is { } node ? $"stopped on {node} and " : "")}removed"),
            .. Differences.Where(d => !IsWhole(d)).GroupBy(Subject).Select(s => DescribeChanged(s.Key, [.. s], owner)),
            .. Differences.Where(d => IsWhole(d) && d.Parts[0] != ConfigurationComparison.Groups)
                .Select(d => $"{Subject(d)} is {(d.Change == MemberChange.Added ? "added" : "removed")}"),
        ];
        return lines.Length <= MostLines ? [.. lines] : [.. lines.Take(MostLines), $"and {lines.Length - MostLines} more"];
    }

    private string DescribeChanged(string subject, MemberDifference[] differences, Func<string, string?> owner)
    {
        string more = differences.Length > MostNames ? $" and {differences.Length - MostNames} more" : "";
        string restarts = differences[0].Parts is [ConfigurationComparison.Groups, var group, ..] ? Restarts(group, owner) : "";
        return $"{subject} is changed: {string.Join(", ", differences.Take(MostNames).Select(d => Rest(d, subject)))}{more}{restarts}";
    }

    private string Restarts(string group, Func<string, string?> owner)
    {
        string placed = Differences.Any(d => d.Parts is [ConfigurationComparison.Groups, var g, "dependencies", ..] && g == group)
            ? "; where what it needs is not so, it moves, stops or waits"
            : "";
        return !Stopped.TryGetValue(group, out ImmutableArray<string> ids)
            ? placed.Length > 0 ? placed : "; nothing is restarted"
            : placed + (owner(group) is { } node
                ? $"; stopped or restarted on {node}: {Listed(ids)}"
                : "; it does not run, nothing is restarted");
    }

    private static string DescribeNew(GroupConfiguration group)
    {
        string[] ids = [.. group.Resources.SelectMany(Ids)];
        string where = group.Domain is { } domain ? $" by the rules of failover domain {domain}" : "";
        return $"with {(ids.Length == 0 ? "no resources" : Listed(ids))}, {(group.Autostart ? $"and started{where}" : "and not started")}";
    }

    /// <summary>In the order of the file.</summary>
    private static IEnumerable<string> Ids(ResourceConfiguration resource) => [resource.Id, .. resource.Children.SelectMany(Ids)];

    private static string Listed(IReadOnlyCollection<string> ids) =>
        string.Join(", ", ids.Take(MostNames)) + (ids.Count > MostNames ? " …" : "");

    private static bool IsWhole(MemberDifference difference) =>
        difference.Change != MemberChange.Changed && difference.Parts.Length == 2;

    private static string Subject(MemberDifference difference) => difference.Parts switch
    {
        [ConfigurationComparison.Groups, var name, ..] => $"group {name}",
        [ConfigurationComparison.Domains, var name, ..] => $"failover domain {name}",
        [ConfigurationComparison.FenceDevices, var name, ..] => $"fence device {name}",
        [ConfigurationComparison.Nodes, var name, ..] => $"node {name}",
        [ConfigurationComparison.EventScripts, var name, ..] => $"event script {name}",
        [ConfigurationComparison.Access, var name, ..] => $"the grant of certificate {(name.Length > 12 ? name[..12] : name)}",
        _ => TheCluster,
    };

    private static string Rest(MemberDifference difference, string subject)
    {
        string place = subject == TheCluster ? difference.Path : string.Join('/', difference.Parts.Skip(2));
        place = place.StartsWith(Resources, StringComparison.Ordinal) ? place[Resources.Length..] : place;
        if (difference.Parts[0] == ConfigurationComparison.Groups && place.EndsWith(Disabled, StringComparison.Ordinal))
        {
            return $"{place[..^Disabled.Length]} is {(difference.New == "true" ? "disabled" : "enabled")}";
        }

        return difference.Change switch
        {
            MemberChange.Added => difference.New?.StartsWith('{') == true ? $"{place} added" : $"{place} = {Words(difference.New)}",
            MemberChange.Removed => $"{place} removed",
            MemberChange.Changed => $"{place} {Words(difference.Old)} -> {Words(difference.New)}",
            _ => throw new InvalidOperationException($"Unknown change {difference.Change}."),
        };
    }

    /// <summary>A value for people: a text without its quotes.</summary>
    private static string Words(string? json) => json switch
    {
        null => "none",
        "true" => "True",
        "false" => "False",
        ['"', ..] => JsonDocument.Parse(json).RootElement.GetString()!,
        _ => json,
    };
}
