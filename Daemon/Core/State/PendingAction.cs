namespace ClusterTools.Core;

/// <summary>A recorded resource action.</summary>
/// <param name="Id">Of the action.</param>
/// <param name="Node">Who carries it out.</param>
/// <param name="Resource">What it is done to.</param>
public sealed record PendingAction(ActionId Id, string Node, string Resource);
