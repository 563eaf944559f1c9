namespace ClusterTools.Core;

/// <summary>
/// Ask the engine to open an epoch; this event is its first entry: the proof that the peer is off, or a <see cref="Tick"/> when the peer
/// was empty and needs none.
/// </summary>
public sealed record OpenEpoch(ClusterEvent First) : Effect;
