namespace ClusterTools.Core;

/// <summary>The cluster has no configuration yet: propose the one this node was made with.</summary>
public sealed record NeedConfiguration : Effect;
