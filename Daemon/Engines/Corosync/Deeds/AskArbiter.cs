namespace ClusterTools.Engines.Corosync;

/// <summary>Asks corosync what the arbiter says; what was read before counts for nothing.</summary>
/// <param name="Number">One more than that of the question before.</param>
internal sealed record AskArbiter(long Number) : Deed;
