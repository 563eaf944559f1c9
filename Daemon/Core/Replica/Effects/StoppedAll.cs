namespace ClusterTools.Core;

/// <summary>An expelled node has stopped everything: its daemon may end and join in a new life.</summary>
public sealed record StoppedAll : Effect;
