namespace ClusterTools.Engines.Corosync;

/// <summary>A configuration of the ring below: who made it, and a number that only grows (totem's ring id).</summary>
internal readonly record struct RingId(uint Node, ulong Sequence);
