namespace ClusterTools.Engines.Corosync;

/// <summary>A payload that a member has proposed.</summary>
/// <param name="Index">Its place.</param>
/// <param name="Epoch">The epoch that it was appended in.</param>
/// <param name="Origin">Who proposed it.</param>
/// <param name="Payload">As proposed.</param>
/// <param name="Votes">In force from here on; null: as before.</param>
internal sealed record ProposedEntry(long Index, long Epoch, Member Origin, ReadOnlyMemory<byte> Payload, VoteTable? Votes)
    : LogEntry(Index, Epoch);
