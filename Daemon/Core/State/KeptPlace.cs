namespace ClusterTools.Core;

/// <summary>A group waits for the node whose machine was shut down under it (FEATURES A11).</summary>
/// <param name="Node">The node.</param>
/// <param name="Until">Cluster time after which it goes elsewhere; null: it waits until the node is back.</param>
public sealed record KeptPlace(string Node, long? Until);
