using System.Collections.Immutable;

namespace ClusterTools.Agents;

/// <summary>An action that a daemon of this boot began and did not see the end of. Probe its resource.</summary>
/// <param name="ActionId">Asked again, this action answers that it was interrupted.</param>
/// <param name="Group">Name of the group.</param>
/// <param name="Resource">The resource within its group.</param>
/// <param name="Agent">The agent that was called.</param>
/// <param name="Operation">What it was called for.</param>
/// <param name="Ended">How many processes were left of its process group, and were ended.</param>
/// <param name="Survivors">Processes that live on after SIGKILL; not empty only when they are stuck in the kernel.</param>
public sealed record InterruptedAction(
    string ActionId, string Group, string Resource, string Agent, ResourceOperation Operation, int Ended,
    ImmutableArray<ProcessIdentity> Survivors);
