namespace ClusterTools.Contract;

/// <summary>Body of <c>POST /v1/groups/{group}/{operation}</c>; may be left out.</summary>
public sealed class GroupOperationRequest
{
    /// <summary>Applied once, however often it is sent; also as header <c>Request-Id</c>.</summary>
    public string? RequestId { get; set; }

    /// <summary>For migrate: what the guest does meanwhile; null: as its definition says.</summary>
    public MigrationKind? Kind { get; set; }

    /// <summary>For enable, relocate and migrate: where to; null: by the domain's rules.</summary>
    public string? Node { get; set; }

    /// <summary>
    /// For disable of a Failed group: its resources are released, the operator has made sure. For enable: it runs on none of the nodes that
    /// can't tell.
    /// </summary>
    public bool ConfirmReleased { get; set; }
}

/// <summary>Body of <c>POST /v1/nodes/{node}/{operation}</c>; may be left out.</summary>
public sealed class NodeOperationRequest
{
    public string? RequestId { get; set; }

    /// <summary>For the journal.</summary>
    public string? Reason { get; set; }

    /// <summary>For drain: the node that its groups go to, where their rules allow it; null: by the rules.</summary>
    public string? TargetNode { get; set; }

    /// <summary>
    /// For leave: the node is to be taken out of the configuration next. Where the cluster keeps corosync.conf, its machine switches
    /// corosync off as well, and keeps it and clusterd from starting at boot.
    /// </summary>
    public bool ForGood { get; set; }

    /// <summary>For resume: what goes back. Default: <see cref="Contract.FailbackPolicy.Policy"/>.</summary>
    public FailbackPolicy? FailbackPolicy { get; set; }

    /// <summary>The older form of <see cref="FailbackPolicy"/>: false is noFailback, true is policy. Not both.</summary>
    public bool? Failback { get; set; }
}

/// <summary>What goes back to a node that is resumed.</summary>
public enum FailbackPolicy
{
    /// <summary>What the failover domains send back: ordered ones without nofailback.</summary>
    Policy,

    /// <summary>Nothing.</summary>
    NoFailback,

    /// <summary>At once all groups that the drain moved away and that the node may run, those of nofailback domains too.</summary>
    Immediate,
}

/// <summary>Body of <c>POST /v1/operations/{operation}/cancel</c>; may be left out.</summary>
public sealed class CancelRequest
{
    public string? RequestId { get; set; }
}

/// <summary>Body of <c>POST /v1/journal</c>.</summary>
public sealed class JournalWriteRequest
{
    public string? RequestId { get; set; }

    public JournalSeverity Severity { get; set; }

    public string Message { get; set; } = "";

    public string? Group { get; set; }

    public string? Node { get; set; }
}

/// <summary>Body of <c>POST /v1/events</c>.</summary>
public sealed class UserEventRequest
{
    public string? RequestId { get; set; }

    /// <summary>1 to 64 letters, digits, '-', '_' and '.'; event scripts ask for it as <c>user.NAME</c>.</summary>
    public string Name { get; set; } = "";

    /// <summary>What is to be told with it, at most 4,096 characters.</summary>
    public string? Data { get; set; }
}

/// <summary>Body of <c>POST /v1/cluster/stop</c>; may be left out.</summary>
public sealed class ClusterStopRequest
{
    public string? RequestId { get; set; }

    /// <summary>For the journal.</summary>
    public string? Reason { get; set; }
}

/// <summary>Body of <c>POST /v1/cluster/disarm</c> and <c>POST /v1/cluster/arm</c>; may be left out.</summary>
public sealed class ArmingRequest
{
    public string? RequestId { get; set; }

    /// <summary>For the journal, and for everybody who looks at a disarmed cluster.</summary>
    public string? Reason { get; set; }
}

/// <summary>Body of <c>POST /v1/cluster/raise-level</c>; may be left out.</summary>
public sealed class LevelRequest
{
    public string? RequestId { get; set; }

    /// <summary>For the journal.</summary>
    public string? Reason { get; set; }
}

/// <summary>Body of <c>POST /v1/cluster/force-quorum</c>.</summary>
public sealed class ForceQuorumRequest
{
    public string? RequestId { get; set; }

    /// <summary>For the journal; must be given.</summary>
    public string Reason { get; set; } = "";

    /// <summary>
    /// Must be true: the operator has made sure that every absent node is off or cut off. If one still runs groups, they run twice and
    /// data is damaged.
    /// </summary>
    public bool AbsentNodesAreDown { get; set; }
}

/// <summary>Body of <c>POST /v1/fence-devices/test</c>; may be left out.</summary>
public sealed class FenceDeviceTestRequest
{
    /// <summary>Only the devices of this node.</summary>
    public string? Node { get; set; }

    /// <summary>Only this device.</summary>
    public string? Device { get; set; }
}
