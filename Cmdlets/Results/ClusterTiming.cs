using Newtonsoft.Json.Linq;

namespace ClusterTools.Client;

/// <summary>The times that a cluster goes by.</summary>
public sealed class ClusterTiming
{
    /// <summary>After how much silence a node is lost.</summary>
    public TimeSpan? Token { get; set; }

    /// <summary>How much longer the second of two nodes waits before it fences the other.</summary>
    public TimeSpan? TwoNodeDelay { get; set; }

    /// <summary>How long a lost node is waited for before it is fenced.</summary>
    public TimeSpan? PostFailDelay { get; set; }

    /// <summary>How long nodes that were never seen are waited for when the cluster forms.</summary>
    public TimeSpan? PostJoinDelay { get; set; }

    /// <summary>By when a node that lost quorum must have stopped its work, or it resets itself.</summary>
    public TimeSpan? QuorumLossDeadline { get; set; }

    /// <summary>How long a group that failed on every node waits before it is tried again.</summary>
    public TimeSpan? RetryDelay { get; set; }

    /// <summary>How long a fence attempt may take before it counts as failed.</summary>
    public TimeSpan? FenceTimeout { get; set; }

    /// <summary>How long a node in planned maintenance may be away before it counts as lost.</summary>
    public TimeSpan? MaintenanceLimit { get; set; }

    /// <summary>How often a node may be lost within <see cref="FlapWindow"/> before no groups come to it; 0: as it likes.</summary>
    public int FlapLimit { get; set; } = 3;

    /// <summary>Within which time losses of a node count together.</summary>
    public TimeSpan? FlapWindow { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long a node that was lost too often must take part without a loss before groups come to it again.</summary>
    public TimeSpan? FlapRelease { get; set; } = TimeSpan.FromHours(1);

    /// <summary>What becomes of a node's groups when its machine is shut down, unless it has a policy of its own.</summary>
    public ShutdownPolicy ShutdownPolicy { get; set; }

    /// <summary>How long groups that are kept for a node whose machine is shut down wait for it.</summary>
    public TimeSpan? KeepLimit { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long at least a node is waited for that fell silent while its machine was being shut down.</summary>
    public TimeSpan? ShutdownWait { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Those of a configuration; what it does not say is the default.</summary>
    internal static ClusterTiming Of(JObject document) =>
        ApiJson.Read<ClusterTiming>(ConfigurationDocument.Section(document, "timing").ToString());
}
