namespace ClusterTools.Engines.Corosync;

/// <summary>What this node has committed the others have not: nothing is overwritten, and somebody has to look.</summary>
internal sealed record LogDiffers(string Reason) : Deed;
