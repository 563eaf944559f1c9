using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Tell the engine to count by the votes of this configuration; one member does it for all.</summary>
/// <param name="Configuration">Who has how many votes.</param>
/// <param name="Without">Who has none for now: it was down for too long (last man standing).</param>
public sealed record ChangeVotes(ClusterConfiguration Configuration, ImmutableSortedSet<string> Without) : Effect
{
    /// <summary>Whether the engine would count otherwise; all other changes of a configuration are none of its business.</summary>
    internal bool IsOtherThan(ChangeVotes? told) => told is null
        || (!ReferenceEquals(told.Configuration, Configuration)
            && (Configuration.TwoNode != told.Configuration.TwoNode || DeviceOf(Configuration) != DeviceOf(told.Configuration)
                || !VotesOf(Configuration).SequenceEqual(VotesOf(told.Configuration))
                || Configuration.TotalVotes != told.Configuration.TotalVotes))
        || !Without.SetEquals(told.Without);

    private static (string Device, int Votes)? DeviceOf(ClusterConfiguration configuration) =>
        configuration.QuorumDisk is { } disk ? (disk.Device, disk.VotesAmong(configuration)) : null;

    private static IEnumerable<(string Node, int Votes)> VotesOf(ClusterConfiguration configuration) =>
        configuration.Nodes.Values.Select(static n => (n.Name, n.Votes));
}
