namespace ClusterTools.Core;

/// <summary>Something that would be done.</summary>
/// <param name="Action">What.</param>
/// <param name="Node">Where; of a fence who is fenced.</param>
/// <param name="Group">The group; null for a fence.</param>
/// <param name="Resource">The resource; null for a fence.</param>
/// <param name="Why">In words.</param>
public sealed record PredictedStep(PredictedAction Action, string Node, string? Group, string? Resource, string Why);
