namespace ClusterTools.Core;

/// <summary>An event of a kind that this program does not know: a newer member proposed it. Never written.</summary>
/// <param name="Kind">What the newer program calls it.</param>
public sealed record UnknownEvent(string Kind) : ClusterEvent;
