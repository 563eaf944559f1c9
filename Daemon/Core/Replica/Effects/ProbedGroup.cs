using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>A group to be probed.</summary>
public sealed record ProbedGroup(string Name, ImmutableArray<ResourceConfiguration> Resources);
