namespace ClusterTools.Core;

/// <summary>A drained node leaves.</summary>
public sealed record NodeLeft(string Node, long Incarnation) : ClusterEvent;
