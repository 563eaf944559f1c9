namespace ClusterTools.Engines.Corosync;

/// <summary>What the protocol wants done, in order.</summary>
internal abstract record Deed;
