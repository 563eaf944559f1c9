using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>What differs between two configurations, by name.</summary>
public sealed record ConfigurationDifference
{
    public NameDifference Groups { get; init; } = new();

    public NameDifference Nodes { get; init; } = new();

    public NameDifference FenceDevices { get; init; } = new();

    public NameDifference FailoverDomains { get; init; } = new();

    public NameDifference EventScripts { get; init; } = new();

    /// <summary>Names of grants.</summary>
    public NameDifference Access { get; init; } = new();

    /// <summary>Something else: the cluster's name, times, quorum.</summary>
    public bool Settings { get; init; }

    /// <summary>What became of the first in the second; versions aside.</summary>
    public static ConfigurationDifference Between(ClusterConfiguration old, ClusterConfiguration next)
    {
        ArgumentNullException.ThrowIfNull(old);
        ArgumentNullException.ThrowIfNull(next);
        return new ConfigurationDifference
        {
            Groups = Of(old.Groups, next.Groups, ConfigurationEquality.Same, g => g.Name),
            Nodes = Of(old.Nodes, next.Nodes, ConfigurationEquality.Same, n => n.Name),
            FenceDevices = Of(old.FenceDevices, next.FenceDevices, ConfigurationEquality.Same, d => d.Name),
            FailoverDomains = Of(old.FailoverDomains, next.FailoverDomains, ConfigurationEquality.Same, d => d.Name),
            EventScripts = Of(old.EventScripts, next.EventScripts, ConfigurationEquality.Same, s => s.Name),
            Access = Of(old.Access, next.Access, static (a, b) => a == b, g => g.Name),
            Settings = (old.Name, old.TwoNode, old.ExpectedVotes, old.LastManStanding, old.LastManStandingWindow, old.Timing)
                    != (next.Name, next.TwoNode, next.ExpectedVotes, next.LastManStanding, next.LastManStandingWindow, next.Timing)
                || old.QuorumArbiter != next.QuorumArbiter
                || !ConfigurationEquality.Same(old.QuorumDisk, next.QuorumDisk),
        };
    }

    private static NameDifference Of<T>(
        ImmutableSortedDictionary<string, T> old, ImmutableSortedDictionary<string, T> next, Func<T?, T?, bool> same, Func<T, string> name)
        where T : class => ReferenceEquals(old, next) ? new NameDifference() : new NameDifference
        {
            Added = [.. next.Where(n => !old.ContainsKey(n.Key)).Select(n => name(n.Value))],
            Changed = [.. next.Where(n => old.TryGetValue(n.Key, out T? before) && !same(before, n.Value)).Select(n => name(n.Value))],
            Removed = [.. old.Where(o => !next.ContainsKey(o.Key)).Select(o => name(o.Value))],
        };
}
