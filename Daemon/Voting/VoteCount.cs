namespace ClusterTools.Voting;

/// <summary>The votes of a view, as who decided by them has counted.</summary>
/// <param name="Members">Votes of its members that count.</param>
/// <param name="Expected">Votes of all nodes that count.</param>
/// <param name="Device">The quorum device.</param>
public sealed record VoteCount(int Members, int Expected, QuorumDevice Device = default)
{
    /// <summary>More than half of all are here. A quorate view of which this is not true was opened against the arithmetic.</summary>
    public bool IsMajority => Members + Device.Given >= Majority.Of(Expected + Device.Votes);
}
