using System.Collections.Immutable;

namespace ClusterTools.Core;

/// <summary>Probe resources, each group after whatever runs of it, and answer with <see cref="Probed"/>.</summary>
public sealed record RunProbe(ProbeNodeAction Action, ImmutableArray<ProbedGroup> Groups) : Effect;
