namespace ClusterTools.Voting;

/// <summary>
/// What a change of votes takes: the majority under the old votes and under the new ones, so that no two sets of nodes can decide apart
/// from each other while it comes into force (Raft's joint consensus, § 6; etcd's quorum/joint.go).
/// </summary>
/// <param name="Old">The votes in force.</param>
/// <param name="New">The votes that are to be.</param>
public sealed record JointMajority(Majority Old, Majority New)
{
    /// <summary>Whether these nodes hold both.</summary>
    /// <param name="nodes">Names of nodes.</param>
    public bool IsHeldBy(IReadOnlyCollection<string> nodes) => Lacking(nodes) is null;

    /// <summary>
    /// Which of both these nodes do not hold, the new one first; null: they hold both. An old one that is void is nobody's to hold.
    /// </summary>
    /// <param name="nodes">Names of nodes.</param>
    public Majority? Lacking(IReadOnlyCollection<string> nodes) =>
        !New.IsHeldBy(nodes) ? New : !Old.IsVoid && !Old.IsHeldBy(nodes) ? Old : null;

    /// <summary>A picture of both counts.</summary>
    /// <param name="nodes">The nodes that are there.</param>
    public string Describe(IReadOnlyCollection<string> nodes) =>
        $"old votes\n{Old.Describe(nodes)}new votes\n{New.Describe(nodes)}";
}
