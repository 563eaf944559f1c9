using System.Text.Json.Serialization;

namespace ClusterTools.Core.Configuration;

/// <summary>Cluster-wide times, all in milliseconds of cluster time.</summary>
public sealed record ClusterTiming
{
    /// <summary>
    /// How long a node may be silent before it is declared lost. 200 to 60,000. Daemons take it from their <c>node.json</c>, into which
    /// <c>clusterd init</c> writes it: a change here is warned of, and has no effect on daemons that run.
    /// </summary>
    public int Token { get; init; } = 1000;

    /// <summary>How long a lost member is waited for before it is fenced (fenced(8) post_fail_delay). 0 to 600,000.</summary>
    public int PostFailDelay { get; init; }

    /// <summary>
    /// How long nodes that were never seen are waited for when the cluster forms (fenced(8) post_join_delay). 0 to 600,000.
    /// </summary>
    public int PostJoinDelay { get; init; } = 6000;

    /// <summary>By when a node that lost quorum must have stopped its work, or it resets itself. 1,000 to 3,600,000.</summary>
    public int QuorumLossDeadline { get; init; } = 30_000;

    /// <summary>How long a group that failed on every node waits before it is tried again. 1,000 to 86,400,000.</summary>
    public int RetryDelay { get; init; } = 60_000;

    /// <summary>How long a fence attempt may take before it counts as failed. 1,000 to 3,600,000.</summary>
    public int FenceTimeout { get; init; } = 60_000;

    /// <summary>
    /// Two nodes that lose sight of each other: how much longer than the one with the lower id the other waits before it fences, so that
    /// they do not switch each other off. Longer than it takes the fence agents to cut a node off. 0 to 600,000.
    /// </summary>
    public int TwoNodeDelay { get; init; } = 15_000;

    /// <summary>
    /// How long a node in planned maintenance (daemon restart) may stay away before it counts as lost. 1,000 to 86,400,000.
    /// </summary>
    public int MaintenanceLimit { get; init; } = 120_000;

    /// <summary>
    /// How often a node may be lost within <see cref="FlapWindow"/> before no groups come to it. 0 to 100, 0: as often as it likes;
    /// null: 3.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? FlapLimit { get; init; }

    /// <summary>Within which time losses of a node count together. 1,000 to 86,400,000; null: one hour.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? FlapWindow { get; init; }

    /// <summary>
    /// How long a node that was lost too often must take part without a loss before groups come to it again. 1,000 to 86,400,000; null: one
    /// hour.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? FlapRelease { get; init; }

    /// <summary>What becomes of a node's groups when its machine is shut down; null: they are moved.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ShutdownPolicy? ShutdownPolicy { get; init; }

    /// <summary>
    /// How long groups that are kept for a node whose machine is shut down wait for it, and how long such a node is awaited on which
    /// something could not be stopped. 1,000 to 86,400,000; null: ten minutes.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? KeepLimit { get; init; }

    /// <summary>
    /// How long at least a node is waited for before it is fenced that had said that its machine is shut down and then fell silent before
    /// it had left. 0 to 3,600,000; null: one minute.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ShutdownWait { get; init; }

    internal int FlapLimitOrDefault => FlapLimit ?? 3;

    internal int FlapWindowOrDefault => FlapWindow ?? 3_600_000;

    internal int FlapReleaseOrDefault => FlapRelease ?? 3_600_000;

    internal int KeepLimitOrDefault => KeepLimit ?? 600_000;

    internal int ShutdownWaitOrDefault => ShutdownWait ?? 60_000;
}
