namespace ClusterTools.Core;

/// <summary>The vote of a node that is down, where the last man stands (votequorum(5) last_man_standing).</summary>
/// <param name="DownSince">
/// Cluster time since which it is down while the others have quorum without a break; meaningful until its vote is taken away.
/// </param>
/// <param name="IsTaken">Its vote is not counted, on either side, until it takes part again.</param>
public sealed record VoteState(long DownSince, bool IsTaken);
