using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>A configuration came into force: timing, agents.</summary>
public sealed record ConfigurationInForce(ClusterConfiguration Configuration) : Effect;
