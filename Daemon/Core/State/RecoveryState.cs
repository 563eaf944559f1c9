using System.Collections.Immutable;

namespace ClusterTools.Core;

/// <summary>How often a group has failed, and what that has cost.</summary>
public sealed record RecoveryState
{
    /// <summary>It has not failed.</summary>
    public static RecoveryState None { get; } = new();

    /// <summary>Cluster times of restarts in place, oldest first.</summary>
    public ImmutableArray<long> Restarts { get; init; } = [];

    /// <summary>
    /// Its failures without a quiet time between them; null: none since an operator enabled it or its configuration changed.
    /// </summary>
    public FailureRun? Failures { get; init; }

    /// <summary>
    /// A final action has taken its node out of the cluster, and it has not been started since: a second one would be a circle.
    /// </summary>
    public bool TookNodeOut { get; init; }

    /// <summary>A failed start disables the group (recovery policy restart-disable).</summary>
    public bool DisablesOnFailure { get; init; }
}
