using System.Collections.Immutable;

namespace ClusterTools.Core;

/// <summary>These nodes must not be readmitted.</summary>
public sealed record BarNodes(ImmutableSortedSet<string> Nodes) : Effect;
