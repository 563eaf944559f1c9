using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Tell the engine to count by the votes of this configuration; one member does it for all.</summary>
/// <param name="Configuration">Who has how many votes.</param>
/// <param name="Without">Who has none for now: it was down for too long (last man standing).</param>
public sealed record ChangeVotes(ClusterConfiguration Configuration, ImmutableSortedSet<string> Without) : Effect;
