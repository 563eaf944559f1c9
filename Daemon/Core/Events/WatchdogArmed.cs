namespace ClusterTools.Core;

/// <summary>A life of a node says that its machine's watchdog is armed.</summary>
/// <param name="Node">The node.</param>
/// <param name="Incarnation">Its life.</param>
/// <param name="Timeout">In milliseconds.</param>
/// <param name="Within">See <see cref="WatchdogReport"/>.</param>
public sealed record WatchdogArmed(string Node, long Incarnation, int Timeout, long Within) : ClusterEvent;
