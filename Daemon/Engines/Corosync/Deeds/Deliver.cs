namespace ClusterTools.Engines.Corosync;

/// <summary>Hands an event to the consumer.</summary>
internal sealed record Deliver(EngineEvent Event) : Deed;
