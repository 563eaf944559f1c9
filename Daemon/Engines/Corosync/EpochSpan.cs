namespace ClusterTools.Engines.Corosync;

/// <summary>An epoch in a log: where it begins there, and who was in the view that opened it.</summary>
/// <param name="Epoch">The epoch.</param>
/// <param name="First">Index of its first entry that the log holds.</param>
/// <param name="Members">Of its view; null: the log begins behind that.</param>
internal sealed record EpochSpan(long Epoch, long First, IReadOnlyList<Member>? Members);
