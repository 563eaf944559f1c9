using System.Collections.Immutable;
using ClusterTools.Voting;

namespace ClusterTools.Core;

/// <summary>The membership changed. Comes from the engine, never as a payload.</summary>
/// <param name="Epoch">Opened by this view.</param>
/// <param name="Members">Node name to incarnation.</param>
/// <param name="Quorum">Whether work may go on.</param>
/// <param name="Continuous">Quorum was held since the last quorate view.</param>
/// <param name="Votes">As the engine has counted them; null: that is not known.</param>
public sealed record ViewEvent(
    long Epoch, ImmutableSortedDictionary<string, long> Members, Quorum Quorum, bool Continuous, VoteCount? Votes = null) : ClusterEvent
{
    /// <summary>The quorum device, as far as it is known.</summary>
    internal QuorumDevice Device => Votes?.Device ?? default;
}
