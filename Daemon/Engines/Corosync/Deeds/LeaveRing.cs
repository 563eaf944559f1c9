namespace ClusterTools.Engines.Corosync;

/// <summary>What is below has not answered for too long: it is let go, and joined anew when it can be.</summary>
internal sealed record LeaveRing : Deed;
