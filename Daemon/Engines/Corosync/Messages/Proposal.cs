namespace ClusterTools.Engines.Corosync;

/// <summary>A payload that is to be appended.</summary>
/// <param name="Round">Of the open view.</param>
/// <param name="Number">The proposer's own count.</param>
/// <param name="Payload">As proposed.</param>
/// <param name="Votes">In force from it on; null: as before.</param>
internal sealed record Proposal(Round Round, long Number, ReadOnlyMemory<byte> Payload, VoteTable? Votes) : Message(Round);
