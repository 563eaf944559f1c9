using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Tell the engine to count by the votes of this configuration; one member does it for all.</summary>
public sealed record ChangeVotes(ClusterConfiguration Configuration) : Effect;
