using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace ClusterTools.Core.Configuration;

/// <summary>A failover unit: a service with its tree of resources. The whole tree runs on one node.</summary>
public sealed record GroupConfiguration
{
    public required string Name { get; init; }

    /// <summary>Name of a <see cref="FailoverDomain"/>; null: any node, none preferred.</summary>
    public string? Domain { get; init; }

    /// <summary>Started when the cluster gains quorum; otherwise the group waits in Disabled.</summary>
    public bool Autostart { get; init; } = true;

    public RecoveryPolicy Recovery { get; init; }

    /// <summary>Restarts allowed within <see cref="RestartExpireTime"/>; 0 (with 0 there): no limit.</summary>
    public int MaxRestarts { get; init; }

    /// <summary>Length of the sliding restart window in seconds; set together with <see cref="MaxRestarts"/>.</summary>
    public int RestartExpireTime { get; init; }

    /// <summary>
    /// Failures in a row, wherever they happen, with which the group counts as going in circles: it is stopped, and tried again each
    /// <see cref="ClusterTiming.RetryDelay"/>, until it has run for <see cref="FailureQuietTime"/>. 0: no limit.
    /// </summary>
    public int MaxFailures { get; init; } = 10;

    /// <summary>How long it must have run without a failure, in seconds, for those before to be forgotten. 1 to 31,536,000.</summary>
    public int FailureQuietTime { get; init; } = 300;

    /// <summary>Runs alone on its node (FEATURES B8).</summary>
    public bool Exclusive { get; init; }

    /// <summary>What it adds to the weight of the node that runs it, see <see cref="NodeConfiguration.Weight"/>. 0 to 1,000,000.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Weight { get; init; }

    /// <summary>What it needs of other groups, each group once (FEATURES B9).</summary>
    public ImmutableArray<GroupDependency> Dependencies { get; init; } = [];

    /// <summary>
    /// It is a guest: a virtual machine by itself, which runs on whether it is in the configuration or not (FEATURES B10, D1).
    /// </summary>
    public bool IsGuest => Resources is { IsDefault: false, Length: 1 } && Resources[0].Type == "vm";

    /// <summary>What its guest's resource says; null: it is no guest, or one that an agent's program runs.</summary>
    [JsonIgnore]
    public GuestSettings? Guest =>
        IsGuest && GuestSettings.Is(Resources[0].Agent) ? GuestSettings.Of(Resources[0].Parameters) : null;

    /// <summary>How it moves while it runs; null: it is stopped here and started there.</summary>
    [JsonIgnore]
    public MigrationKind? Migrates => IsGuest && Resources[0].Children.IsDefaultOrEmpty ? Guest?.Migrate : null;

    /// <summary>Top-level resources in file order; <see cref="ResourceOrder"/> gives the order of start and stop.</summary>
    public ImmutableArray<ResourceConfiguration> Resources { get; init; } = [];
}
