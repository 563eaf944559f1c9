namespace ClusterTools.Engines.Corosync;

/// <summary>The sender is there. Once it hears that itself, it knows that it was in the ring when it said so.</summary>
/// <param name="Round">The round.</param>
/// <param name="Said">When, by the sender's clock.</param>
internal sealed record Presence(Round Round, long Said) : Message(Round);
