namespace ClusterTools.Contract;

/// <summary>Body of <c>POST /v1/configuration/edit</c>: what is changed in whatever is in force, all of it or nothing.</summary>
public sealed class ConfigurationEditRequest
{
    /// <summary>1 to 1,000, made one after the other.</summary>
    public IReadOnlyList<ConfigurationEdit> Edits { get; set; } = [];
}

/// <summary>What is done with the subject of an edit.</summary>
public enum EditAction
{
    /// <summary>What is given is changed, the rest stays.</summary>
    Set,

    /// <summary>It is made; what is not given is as it is by default.</summary>
    Add,

    /// <summary>It is taken out.</summary>
    Remove,
}

/// <summary>One change of the configuration: exactly one subject is given. What no edit names stays as it is.</summary>
public sealed class ConfigurationEdit
{
    public EditAction Action { get; set; }

    public NodeEdit? Node { get; set; }

    public GroupEdit? Group { get; set; }

    public ResourceEdit? Resource { get; set; }

    public DependencyEdit? Dependency { get; set; }

    public FailoverDomainEdit? FailoverDomain { get; set; }

    public FenceDeviceEdit? FenceDevice { get; set; }

    public EventScriptEdit? EventScript { get; set; }

    public AccessEdit? Access { get; set; }

    /// <summary>Can only be set.</summary>
    public QuorumEdit? Quorum { get; set; }

    /// <summary>Can only be set.</summary>
    public TimingEdit? Timing { get; set; }
}

/// <summary>A node; what is null stays as it is, or as it is by default.</summary>
public sealed class NodeEdit
{
    public string Name { get; set; } = "";

    /// <summary>Of one that is added: 1 or greater; null: the lowest that is free.</summary>
    public int? Id { get; set; }

    /// <summary>Of one that is added; afterwards an edit of quorum changes them.</summary>
    public int? Votes { get; set; }

    /// <summary>IP addresses, one for each network that links the machines.</summary>
    public IReadOnlyList<string>? Addresses { get; set; }

    /// <summary>What becomes of its groups when its machine is shut down.</summary>
    public ShutdownPolicy? ShutdownPolicy { get; set; }

    /// <summary>It has no policy of its own any more, and goes by the cluster's.</summary>
    public bool ClusterShutdownPolicy { get; set; }

    /// <summary>Of two nodes that lose sight of each other the heavier one, with what it runs, fences first. 0 to 1,000,000.</summary>
    public int? Weight { get; set; }

    /// <summary>How much longer than others it is waited for, once lost, before it is fenced.</summary>
    public TimeSpan? FenceDelay { get; set; }

    /// <summary>That wait is drawn anew for each loss, up to this; zero: it is not drawn.</summary>
    public TimeSpan? FenceDelayMax { get; set; }
}

/// <summary>A group (a service); what is null stays as it is, or as it is by default.</summary>
public sealed class GroupEdit
{
    public string Name { get; set; } = "";

    /// <summary>Failover domain; empty: none.</summary>
    public string? Domain { get; set; }

    public bool? Autostart { get; set; }

    public RecoveryPolicy? Recovery { get; set; }

    public bool? Exclusive { get; set; }

    /// <summary>What it adds to the weight of the node that runs it.</summary>
    public int? Weight { get; set; }

    public int? MaxRestarts { get; set; }

    public TimeSpan? RestartExpireTime { get; set; }

    public int? MaxFailures { get; set; }

    public TimeSpan? FailureQuietTime { get; set; }

    /// <summary>What one that is added needs of other groups.</summary>
    public IReadOnlyList<ServiceDependency> Dependencies { get; set; } = [];

    /// <summary>The resources of one that is added, with what stands below them.</summary>
    public IReadOnlyList<ResourceDefinition> Resources { get; set; } = [];
}

/// <summary>A resource within its group, with what stands below it.</summary>
public sealed class ResourceEdit
{
    public string Group { get; set; } = "";

    /// <summary>Its id, or its name where that is unique; of one that is added the definition says it.</summary>
    public string? Id { get; set; }

    /// <summary>What it is, or what of it is to change.</summary>
    public ResourceDefinition? Definition { get; set; }

    /// <summary>Where it is to stand; null: at the end of the top level, or where it stands.</summary>
    public ResourcePlace? Place { get; set; }

    /// <summary>The group that it goes to.</summary>
    public string? To { get; set; }

    /// <summary>It and what stands below it are switched off, or on.</summary>
    public bool? Disabled { get; set; }

    /// <summary>What stands below one that is removed takes its place, and does not go with it.</summary>
    public bool KeepChildren { get; set; }
}

/// <summary>Where a resource stands in its group's tree.</summary>
public sealed class ResourcePlace
{
    /// <summary>The resource that it stands below; empty: none; null: not said.</summary>
    public string? Parent { get; set; }

    /// <summary>The sibling that it stands before.</summary>
    public string? Before { get; set; }

    /// <summary>The sibling that it stands behind.</summary>
    public string? After { get; set; }
}

/// <summary>A resource to add, or what is to change of one; what is null stays as it is, or as it is by default.</summary>
public sealed class ResourceDefinition
{
    /// <summary><c>type:name</c>; when null it is made of <see cref="Type"/> and <see cref="Name"/>.</summary>
    public string? Id { get; set; }

    /// <summary>Such as ip, fs or script; when null it follows from the id or the agent.</summary>
    public string? Type { get; set; }

    /// <summary>Unique among those of its type in the group; when null the group's.</summary>
    public string? Name { get; set; }

    /// <summary>Such as <c>ocf:heartbeat:IPaddr2</c>.</summary>
    public string? Agent { get; set; }

    /// <summary>Parameters to set; a null value takes one out.</summary>
    public IReadOnlyDictionary<string, string?>? Parameters { get; set; }

    public TimeSpan? StartTimeout { get; set; }

    public TimeSpan? StopTimeout { get; set; }

    public TimeSpan? MonitorTimeout { get; set; }

    /// <summary>Zero: no status checks.</summary>
    public TimeSpan? MonitorInterval { get; set; }

    /// <summary>Deeper status checks, all of them.</summary>
    public IReadOnlyList<StatusCheck>? StatusChecks { get; set; }

    public bool? EnforceTimeouts { get; set; }

    public bool? IndependentSubtree { get; set; }

    public bool? NonCritical { get; set; }

    public int? StartLevel { get; set; }

    public int? StopLevel { get; set; }

    public int? StartRetries { get; set; }

    public int? StopRetries { get; set; }

    /// <summary>Negative: every allowed node.</summary>
    public int? Failovers { get; set; }

    public FinalAction? StartFinal { get; set; }

    public FinalAction? StopFinal { get; set; }

    /// <summary>Empty: none.</summary>
    public string? FinalScript { get; set; }

    public TimeSpan? FinalScriptTimeout { get; set; }

    /// <summary>What stands below one that is added.</summary>
    public IReadOnlyList<ResourceDefinition> Children { get; set; } = [];
}

/// <summary>What a group needs of another; what is null stays as it is, or as it is by default.</summary>
public sealed class DependencyEdit
{
    /// <summary>The group that needs something.</summary>
    public string Group { get; set; } = "";

    /// <summary>The group that it needs.</summary>
    public string On { get; set; } = "";

    public DependencyMode? Require { get; set; }

    public Colocation? Colocation { get; set; }
}

/// <summary>A failover domain; what is null stays as it is, or as it is by default.</summary>
public sealed class FailoverDomainEdit
{
    public string Name { get; set; } = "";

    public bool? Ordered { get; set; }

    public bool? Restricted { get; set; }

    public bool? NoFailback { get; set; }

    /// <summary>All of them.</summary>
    public IReadOnlyList<FailoverDomainMember>? Members { get; set; }

    /// <summary>Groups that use one that is removed are left without; else it is not removed.</summary>
    public bool Release { get; set; }
}

/// <summary>A fence device, and the nodes' fence methods that use it; what is null stays as it is.</summary>
public sealed class FenceDeviceEdit
{
    public string Name { get; set; } = "";

    /// <summary>The agent program, such as <c>fence_ipmilan</c>.</summary>
    public string? Agent { get; set; }

    /// <summary>Parameters to set; a null value takes one out.</summary>
    public IReadOnlyDictionary<string, string?>? Parameters { get; set; }

    /// <summary>Nodes that it is to cut off.</summary>
    public IReadOnlyList<FenceAssignment> Assignments { get; set; } = [];

    /// <summary>Names of nodes that it is no longer used for.</summary>
    public IReadOnlyList<string> Released { get; set; } = [];

    /// <summary>One that is removed is taken out of the nodes' fence methods; else it is not removed while nodes use it.</summary>
    public bool Release { get; set; }
}

/// <summary>How a fence device is used for a node.</summary>
public sealed class FenceAssignment
{
    public string Node { get; set; } = "";

    /// <summary>Name of the node's fence method; null: the method that uses the device already, or one of the device's name.</summary>
    public string? Method { get; set; }

    /// <summary>reboot, off or on; null: reboot, or as it is.</summary>
    public string? Action { get; set; }

    /// <summary>Parameters of this call (port, plug …); a null value takes one out.</summary>
    public IReadOnlyDictionary<string, string?>? Parameters { get; set; }

    /// <summary>The method is tried before the others.</summary>
    public bool First { get; set; }
}

/// <summary>An event script; what is null stays as it is, or as it is by default.</summary>
public sealed class EventScriptEdit
{
    public string Name { get; set; } = "";

    /// <summary><c>exec:/path</c> or <c>powershell:/path.ps1</c>; a path alone is one of the two.</summary>
    public string? Command { get; set; }

    /// <summary>Kinds of events, all of them.</summary>
    public IReadOnlyList<string>? Events { get; set; }

    public bool? Placement { get; set; }

    public TimeSpan? Timeout { get; set; }
}

/// <summary>The right of one certificate: given, changed, or taken away.</summary>
public sealed class AccessEdit
{
    /// <summary>SHA-256 of the certificate, hexadecimal, upper case.</summary>
    public string Fingerprint { get; set; } = "";

    /// <summary>Whose it is.</summary>
    public string? Name { get; set; }

    public AccessRole? Role { get; set; }
}

/// <summary>Who has how many votes, and how quorum is counted; what is null stays as it is.</summary>
public sealed class QuorumEdit
{
    /// <summary>The node whose <see cref="Votes"/> are given.</summary>
    public string? Node { get; set; }

    public int? Votes { get; set; }

    /// <summary>0: the sum of the nodes' votes.</summary>
    public int? ExpectedVotes { get; set; }

    public bool? TwoNode { get; set; }

    /// <summary>A node that stays down has no vote until it takes part again.</summary>
    public bool? LastManStanding { get; set; }

    /// <summary>How long it must be down for that.</summary>
    public TimeSpan? LastManStandingWindow { get; set; }

    public QuorumDiskEdit? Disk { get; set; }

    /// <summary>There is to be no quorum disk.</summary>
    public bool RemoveDisk { get; set; }

    public QuorumArbiterEdit? Arbiter { get; set; }

    /// <summary>There is to be no arbiter.</summary>
    public bool RemoveArbiter { get; set; }
}

/// <summary>The arbiter of a pair; what is null stays as it is, or as it is by default where there was none.</summary>
public sealed class QuorumArbiterEdit
{
    /// <summary>Name or address of the machine on which corosync-qnetd runs.</summary>
    public string? Host { get; set; }

    /// <summary>It is spoken to by TLS only; so it is by default.</summary>
    public bool? Tls { get; set; }
}

/// <summary>The quorum disk; what is null stays as it is, or as it is by default where there was none.</summary>
public sealed class QuorumDiskEdit
{
    public string? Device { get; set; }

    /// <summary>0: one less than there are nodes with votes.</summary>
    public int? Votes { get; set; }

    public TimeSpan? Interval { get; set; }

    public int? Tko { get; set; }

    /// <summary>-1: half of all scores.</summary>
    public int? MinimumScore { get; set; }

    /// <summary>All of them.</summary>
    public IReadOnlyList<QuorumHeuristic>? Heuristics { get; set; }
}

/// <summary>A program that tells whether a node is of use; exit code 0 is good.</summary>
public sealed class QuorumHeuristic
{
    /// <summary>A command line for /bin/sh.</summary>
    public string Program { get; set; } = "";

    /// <summary>What it adds to the node's score while it is good.</summary>
    public int Score { get; set; } = 1;

    /// <summary>From one run to the next, and that one may take.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Runs in a row that must fail before it is not good any more.</summary>
    public int Tko { get; set; } = 3;
}

/// <summary>The times that the cluster goes by; what is null stays as it is.</summary>
public sealed class TimingEdit
{
    public TimeSpan? Token { get; set; }

    public TimeSpan? TwoNodeDelay { get; set; }

    public TimeSpan? PostFailDelay { get; set; }

    public TimeSpan? PostJoinDelay { get; set; }

    public TimeSpan? QuorumLossDeadline { get; set; }

    public TimeSpan? RetryDelay { get; set; }

    public TimeSpan? FenceTimeout { get; set; }

    public TimeSpan? MaintenanceLimit { get; set; }

    public int? FlapLimit { get; set; }

    public TimeSpan? FlapWindow { get; set; }

    public TimeSpan? FlapRelease { get; set; }

    public ShutdownPolicy? ShutdownPolicy { get; set; }

    public TimeSpan? KeepLimit { get; set; }

    public TimeSpan? ShutdownWait { get; set; }
}
