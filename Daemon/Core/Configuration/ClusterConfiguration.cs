using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>The whole configuration of a cluster: one immutable, versioned value, the same on every node (FEATURES G1).</summary>
public sealed record ClusterConfiguration
{
    /// <summary>Name of the cluster; letters, digits, '-', '_' and '.', 1 to 64 characters.</summary>
    public required string Name { get; init; }

    /// <summary>Grows with every accepted change; an older version never overwrites a newer.</summary>
    public long Version { get; init; } = 1;

    /// <summary>Two nodes with one vote each where one vote is quorum, and fencing decides who survives (votequorum(5) two_node).</summary>
    public bool TwoNode { get; init; }

    /// <summary>Votes expected in all; null: the sum of the nodes' votes.</summary>
    public int? ExpectedVotes { get; init; }

    public ClusterTiming Timing { get; init; } = new();

    /// <summary>By node name.</summary>
    public ImmutableSortedDictionary<string, NodeConfiguration> Nodes { get; init; } = Sorted<NodeConfiguration>();

    /// <summary>By device name.</summary>
    public ImmutableSortedDictionary<string, FenceDevice> FenceDevices { get; init; } = Sorted<FenceDevice>();

    /// <summary>By domain name.</summary>
    public ImmutableSortedDictionary<string, FailoverDomain> FailoverDomains { get; init; } = Sorted<FailoverDomain>();

    /// <summary>By group name.</summary>
    public ImmutableSortedDictionary<string, GroupConfiguration> Groups { get; init; } = Sorted<GroupConfiguration>();

    /// <summary>The administrator's scripts that see events and may decide, by name (FEATURES B11).</summary>
    public ImmutableSortedDictionary<string, EventScript> EventScripts { get; init; } = Sorted<EventScript>();

    /// <summary>Who may do what, by SHA-256 certificate fingerprint (hexadecimal, upper case, no separators).</summary>
    public ImmutableSortedDictionary<string, AccessGrant> Access { get; init; } = Sorted<AccessGrant>();

    /// <summary>Sum of the votes that quorum is counted from.</summary>
    public int TotalVotes => ExpectedVotes ?? Nodes.Values.Sum(n => n.Votes);

    /// <summary>An empty dictionary with ordinal order, the only order used in the Core.</summary>
    public static ImmutableSortedDictionary<string, T> Sorted<T>() =>
        ImmutableSortedDictionary.Create<string, T>(StringComparer.Ordinal);
}

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
}

/// <summary>A member of the cluster.</summary>
public sealed record NodeConfiguration
{
    public required string Name { get; init; }

    /// <summary>Unique, 1 or greater.</summary>
    public required int Id { get; init; }

    /// <summary>0 to 255.</summary>
    public int Votes { get; init; } = 1;

    /// <summary>Tried in order; after the last, the first again.</summary>
    public ImmutableArray<FenceMethod> FenceMethods { get; init; } = [];
}

/// <summary>One way to cut a node off; every device of it must succeed.</summary>
public sealed record FenceMethod
{
    public required string Name { get; init; }

    public ImmutableArray<FenceStep> Steps { get; init; } = [];
}

/// <summary>One call of a fence device within a method.</summary>
public sealed record FenceStep
{
    /// <summary>Name of a <see cref="FenceDevice"/>.</summary>
    public required string Device { get; init; }

    /// <summary>What is asked of the device. Reboot is carried out as Off, then On.</summary>
    public FenceAction Action { get; init; } = FenceAction.Reboot;

    /// <summary>Parameters of this call (port, plug …), added to the device's own.</summary>
    public ImmutableSortedDictionary<string, string> Parameters { get; init; } = ClusterConfiguration.Sorted<string>();
}

public enum FenceAction
{
    Reboot,
    Off,
    On,
}

/// <summary>A power switch, BMC, storage switch or hypervisor that can cut nodes off.</summary>
public sealed record FenceDevice
{
    public required string Name { get; init; }

    /// <summary>The agent program, such as <c>fence_ipmilan</c>.</summary>
    public required string Agent { get; init; }

    /// <summary>The agent's parameters, passwords included: secrets go in, never out (see <c>SecretParameters</c>).</summary>
    public ImmutableSortedDictionary<string, string> Parameters { get; init; } = ClusterConfiguration.Sorted<string>();
}

/// <summary>Where a group may and should run (FEATURES B1).</summary>
public sealed record FailoverDomain
{
    public required string Name { get; init; }

    /// <summary>Members are preferred by priority, 1 first.</summary>
    public bool Ordered { get; init; }

    /// <summary>The group runs on members only.</summary>
    public bool Restricted { get; init; }

    /// <summary>The group does not move back when a better member returns.</summary>
    public bool NoFailback { get; init; }

    /// <summary>Node name to priority, 1 (best) to 100, or 0 for a member without one.</summary>
    public ImmutableSortedDictionary<string, int> Members { get; init; } = ClusterConfiguration.Sorted<int>();
}

/// <summary>What is done when a started group fails on its node (FEATURES B3).</summary>
public enum RecoveryPolicy
{
    /// <summary>Restart in place; if that fails, or the restart window is used up, relocate.</summary>
    Restart,

    /// <summary>Start on another node; the old one is tried last.</summary>
    Relocate,

    /// <summary>Stop and disable.</summary>
    Disable,

    /// <summary>Restart in place; if that fails, disable.</summary>
    RestartDisable,
}

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

    /// <summary>What it needs of other groups, each group once (FEATURES B9).</summary>
    public ImmutableArray<GroupDependency> Dependencies { get; init; } = [];

    /// <summary>
    /// It is a guest: a virtual machine by itself, which runs on whether it is in the configuration or not (FEATURES B10, D1).
    /// </summary>
    public bool IsGuest => Resources is { IsDefault: false, Length: 1 } && Resources[0].Type == "vm";

    /// <summary>Top-level resources in file order; <see cref="ResourceOrder"/> gives the order of start and stop.</summary>
    public ImmutableArray<ResourceConfiguration> Resources { get; init; } = [];
}

/// <summary>What one group needs of another (FEATURES B9).</summary>
public sealed record GroupDependency
{
    /// <summary>Name of the other group.</summary>
    public required string Group { get; init; }

    public DependencyMode Require { get; init; }

    public Colocation Colocation { get; init; }
}

/// <summary>Whether a group runs only if another does (rgmanager's depend_mode).</summary>
public enum DependencyMode
{
    /// <summary>It does not matter whether the other runs.</summary>
    None,

    /// <summary>It starts only when the other is started, and goes on when the other stops.</summary>
    Soft,

    /// <summary>It starts only when the other is started, and is stopped before the other stops, or when the other has failed.</summary>
    Hard,
}

/// <summary>Whether a group shares a node with another.</summary>
public enum Colocation
{
    /// <summary>It does not matter.</summary>
    Any,

    /// <summary>While the other is active, on its node and nowhere else: it follows the other.</summary>
    Same,

    /// <summary>Never where the other is active; holds for both of them.</summary>
    Never,
}

/// <summary>A script of the administrator's that is told of events, and may decide where groups are placed (FEATURES B11).</summary>
public sealed record EventScript
{
    public required string Name { get; init; }

    /// <summary>What is run: <c>exec:/path</c> or <c>powershell:/path.ps1</c>, on one of the Online members.</summary>
    public required string Command { get; init; }

    /// <summary>
    /// Which events it is told of: kinds of the journal such as <c>node.lost</c>, <c>group.started</c> or <c>user.NAME</c>;
    /// <c>*</c> at the end of one stands for anything.
    /// </summary>
    public ImmutableArray<string> Events { get; init; } = [];

    /// <summary>It is asked where a group starts, in place of the default; one script only.</summary>
    public bool Placement { get; init; }

    /// <summary>Its limit in milliseconds; then it is ended and the default counts. 100 to 600,000.</summary>
    public int Timeout { get; init; } = 10_000;
}

/// <summary>One thing in a group: an address, a file system, a program. Children need it and start after it.</summary>
public sealed record ResourceConfiguration
{
    /// <summary>Unique within its group, in the form <c>type:name</c>, such as <c>ip:192.0.2.100</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Type as written in the configuration: ip, fs, script …</summary>
    public required string Type { get; init; }

    /// <summary>
    /// What does the work: <c>ocf:heartbeat:IPaddr2</c>, <c>lsb:/etc/init.d/web</c>, <c>exec:/path</c>, <c>systemd:unit</c>,
    /// <c>powershell:/path.ps1</c>.
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

/// <summary>A status check that looks deeper than the usual one (rgmanager's status depth).</summary>
public sealed record StatusCheck
{
    /// <summary>How deep the agent looks, as its metadata says: OCF_CHECK_LEVEL. 1 to 100.</summary>
    public required int Depth { get; init; }

    /// <summary>Time between two such checks in milliseconds. 1 or more.</summary>
    public required int Interval { get; init; }

    /// <summary>Limit of one check in milliseconds.</summary>
    public int Timeout { get; init; } = 20_000;
}

/// <summary>How often a resource's start and stop are tried, and what is done when that did not help (FEATURES B12).</summary>
public sealed record ActivationLimits
{
    /// <summary>No retries, every allowed node, no final action.</summary>
    public static ActivationLimits None { get; } = new();

    /// <summary>Retries of a failed start on the same node, each after a stop. 0 to 99.</summary>
    public int StartRetries { get; init; }

    /// <summary>Retries of a failed stop. 0 to 99.</summary>
    public int StopRetries { get; init; }

    /// <summary>Other nodes that are tried when its start fails for good on one; null: every allowed node. 0 to 1,024.</summary>
    public int? Failovers { get; init; }

    /// <summary>When the start has failed for good on the last node.</summary>
    public FinalAction StartFinal { get; init; }

    /// <summary>When the stop has failed for good.</summary>
    public FinalAction StopFinal { get; init; }

    /// <summary>
    /// Run on the node before the final action, as <c>exec:/path</c> or <c>powershell:/path.ps1</c>; its result is journalled and changes
    /// nothing.
    /// </summary>
    public string? FinalScript { get; init; }

    /// <summary>Limit of <see cref="FinalScript"/> in milliseconds. 100 to 3,600,000.</summary>
    public int FinalScriptTimeout { get; init; } = 60_000;
}

/// <summary>What is done when a start or stop has failed for good.</summary>
public enum FinalAction
{
    /// <summary>A failed start stops the group until it is tried again; a failed stop makes the group Failed.</summary>
    Default,

    /// <summary>Nothing: the next resources are started (stopped) without it. After a failed stop the group is Failed.</summary>
    Continue,

    /// <summary>
    /// Nothing: the next resources are not started (stopped); what runs goes on. After a failed stop the group is Failed.
    /// </summary>
    Hold,

    /// <summary>The node leaves the cluster and its daemon ends. After a failed start only.</summary>
    StopDaemon,

    /// <summary>The node leaves the cluster and its system is shut down; after a failed stop it is fenced off.</summary>
    ShutDown,

    /// <summary>The node leaves the cluster and its system is restarted; after a failed stop it is fenced and switched on again.</summary>
    Reboot,

    /// <summary>The node leaves the cluster and is powered off; after a failed stop it is fenced off.</summary>
    PowerOff,
}

/// <summary>The right of one certificate.</summary>
public sealed record AccessGrant
{
    /// <summary>Shown in the journal as who asked.</summary>
    public required string Name { get; init; }

    public required AccessRole Role { get; init; }
}

public enum AccessRole
{
    /// <summary>Reads everything but secrets.</summary>
    Viewer,

    /// <summary>Also runs group and node operations.</summary>
    Operator,

    /// <summary>Also changes the configuration and confirms nodes down.</summary>
    Administrator,
}
