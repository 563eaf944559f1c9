namespace ClusterTools.Engines;

/// <summary>The arbiter as a node hears it.</summary>
/// <param name="Word">What it says now.</param>
/// <param name="Trouble">Why it says nothing, and what to do; null: nothing is known to be wrong.</param>
public sealed record QuorumArbiterStatus(ArbiterWord Word, string? Trouble);
