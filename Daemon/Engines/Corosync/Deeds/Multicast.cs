namespace ClusterTools.Engines.Corosync;

/// <summary>Says something to the whole group, itself included.</summary>
internal sealed record Multicast(Message Message) : Deed;
