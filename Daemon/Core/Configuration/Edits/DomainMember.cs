namespace ClusterTools.Core.Configuration;

/// <summary>A member of a failover domain.</summary>
/// <param name="Node">The node.</param>
/// <param name="Priority">1 (best) to 100, or 0: none.</param>
public sealed record DomainMember(string Node, int Priority);
