namespace ClusterTools.Core;

/// <summary>Propose an event to the engine. Answers to actions that fail are reported to <see cref="Replica.OnProposalFailed"/>.</summary>
public sealed record Propose(ClusterEvent Event) : Effect;
