namespace ClusterTools.Core;

/// <summary>A node tells how far a migration is.</summary>
/// <param name="Id">The migration's action.</param>
/// <param name="Figures">How far.</param>
public sealed record MigrationTold(ActionId Id, MigrationFigures Figures) : ClusterEvent;
