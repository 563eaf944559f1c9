using ClusterTools.Voting;

namespace ClusterTools.Engines.Corosync;

/// <summary>A quorate view, which opens an epoch.</summary>
/// <param name="Index">Its place.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="Members">Sorted by node name.</param>
/// <param name="Continuous">Quorum was held without interruption since the last one.</param>
/// <param name="Count">The votes as they were counted.</param>
/// <param name="Superseded">Nodes whose votes count on neither side from here on.</param>
internal sealed record ViewEntry(
    long Index, long Epoch, IReadOnlyList<Member> Members, bool Continuous, VoteCount Count, IReadOnlySet<string> Superseded)
    : LogEntry(Index, Epoch);
