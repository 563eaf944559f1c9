using System.Collections.Immutable;

namespace ClusterTools.Core;

/// <summary>A call of an event script has ended.</summary>
/// <param name="Id">The call's.</param>
/// <param name="Success">It ran and its answer was understood; otherwise the default counts.</param>
/// <param name="Message">What went wrong.</param>
/// <param name="Decisions">Its answer; at most <see cref="Cluster.MaxScriptDecisions"/> count.</param>
public sealed record EventScriptCompleted(
    ActionId Id, bool Success, string Message, ImmutableArray<EventScriptDecision> Decisions) : ClusterEvent;
