using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>From now on check these resources at their intervals; none: stop checking the group.</summary>
public sealed record MonitorGroup(string Group, ImmutableArray<ResourceConfiguration> Resources) : Effect;
