namespace ClusterTools.Engines.Corosync;

/// <summary>This life has ended: it leaves the group.</summary>
/// <param name="Reason">Why it was declared lost; null: it has left.</param>
internal sealed record EndLife(string? Reason) : Deed;
