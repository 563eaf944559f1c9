namespace ClusterTools.Core;

/// <summary>A migration is to end: the guest stays where it is, unless the last step was taken already. Said once.</summary>
/// <param name="Id">The migration's action.</param>
public sealed record EndMigration(ActionId Id) : Effect;
