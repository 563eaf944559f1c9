namespace ClusterTools.Engines.Corosync;

/// <summary>Said by the member that holds the quorum disk: it has been written there, and nobody else has claimed it.</summary>
/// <param name="Round">The round.</param>
/// <param name="Index">Up to this.</param>
internal sealed record Granted(Round Round, long Index) : Message(Round);
