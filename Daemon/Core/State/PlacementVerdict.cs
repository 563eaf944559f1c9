namespace ClusterTools.Core;

/// <summary>Where an event script wants a group that is being placed.</summary>
/// <param name="Script">Its name.</param>
/// <param name="Node">The node; null: the default counts.</param>
public sealed record PlacementVerdict(string Script, string? Node);
