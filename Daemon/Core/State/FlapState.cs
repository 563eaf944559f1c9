using System.Collections.Immutable;

namespace ClusterTools.Core;

/// <summary>How often a node was lost of late, and whether it is kept out of placement for that (FEATURES A12).</summary>
public sealed record FlapState
{
    /// <summary>Cluster times of its losses within <see cref="Configuration.ClusterTiming.FlapWindow"/>, oldest first.</summary>
    public ImmutableArray<long> Losses { get; init; } = [];

    /// <summary>No groups come to it.</summary>
    public bool KeptOut { get; init; }

    /// <summary>Cluster time since which it takes part without having been lost; null: it does not take part, or is not kept out.</summary>
    public long? QuietSince { get; init; }
}
