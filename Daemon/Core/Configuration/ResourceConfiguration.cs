using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>One thing in a group: an address, a file system, a program. Children need it and start after it.</summary>
public sealed record ResourceConfiguration
{
    /// <summary>Unique within its group, in the form <c>type:name</c>, such as <c>ip:192.0.2.100</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Type as written in the configuration: ip, fs, script …</summary>
    public required string Type { get; init; }

    /// <summary>
    /// What does the work: <c>ocf:heartbeat:IPaddr2</c>, <c>lsb:/etc/init.d/web</c>, <c>exec:/path</c>, <c>systemd:unit</c>,
    /// <c>powershell:/path.ps1</c>, <c>guest:libvirt</c>.
    /// </summary>
    public required string Agent { get; init; }

    /// <summary>The agent's parameters.</summary>
    public ImmutableSortedDictionary<string, string> Parameters { get; init; } = ClusterConfiguration.Sorted<string>();

    /// <summary>Limit of a start in milliseconds.</summary>
    public int StartTimeout { get; init; } = 60_000;

    /// <summary>Limit of a stop in milliseconds.</summary>
    public int StopTimeout { get; init; } = 60_000;

    /// <summary>Limit of a status check or probe in milliseconds.</summary>
    public int MonitorTimeout { get; init; } = 20_000;

    /// <summary>Time between status checks in milliseconds; 0: none.</summary>
    public int MonitorInterval { get; init; } = 10_000;

    /// <summary>Deeper status checks beside the usual one, each depth once (OCF_CHECK_LEVEL of the OCF resource agent API).</summary>
    public ImmutableArray<StatusCheck> StatusChecks { get; init; } = [];

    /// <summary>Status checks and stops that time out count as failures (rgmanager's __enforce_timeouts); starts always do.</summary>
    public bool EnforceTimeouts { get; init; } = true;

    /// <summary>
    /// A failure here is recovered by restarting this resource and its children alone (rgmanager's __independent_subtree).
    /// </summary>
    public bool IndependentSubtree { get; init; }

    /// <summary>
    /// Place among its siblings on start, 1 first; 0: no level, after those with one (see <see cref="ResourceOrder"/>). 0 to 100.
    /// </summary>
    public int StartLevel { get; init; }

    /// <summary>
    /// Place among its siblings on stop, 1 first; 0: no level, before those with one (see <see cref="ResourceOrder"/>). 0 to 100.
    /// </summary>
    public int StopLevel { get; init; }

    /// <summary>
    /// A failure here stops this resource and its children and leaves the group running (rgmanager's __independent_subtree="2").
    /// </summary>
    public bool NonCritical { get; init; }

    /// <summary>It and what stands below it are off, as if they were not configured, while the rest of the group goes on.</summary>
    public bool Disabled { get; init; }

    /// <summary>
    /// How often its start and stop are tried, and what is done at the end (FEATURES B12); null: <see cref="ActivationLimits.None"/>.
    /// </summary>
    public ActivationLimits? Limits { get; init; }

    /// <summary>
    /// Start after this one, stop before it; in file order, <see cref="ResourceOrder"/> gives the order of start and stop.
    /// </summary>
    public ImmutableArray<ResourceConfiguration> Children { get; init; } = [];
}
