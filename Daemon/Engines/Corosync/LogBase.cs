namespace ClusterTools.Engines.Corosync;

/// <summary>Where a log begins: a snapshot, and what the entries before it have left in force.</summary>
/// <param name="Snapshot">The state; empty and 0 at the beginning of all.</param>
/// <param name="Digest">Of the entry at its index and of all before it.</param>
/// <param name="Votes">In force behind it.</param>
/// <param name="Superseded">Whose votes count on neither side behind it.</param>
internal sealed record LogBase(SnapshotDelivered Snapshot, UInt128 Digest, VoteTable Votes, IReadOnlySet<string> Superseded)
{
    public LogPosition Position => new(Snapshot.Epoch, Snapshot.Index, Digest);
}
