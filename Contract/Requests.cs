namespace ClusterTools.Contract;

/// <summary>Body of <c>POST /v1/groups/{group}/{operation}</c>; may be left out.</summary>
public sealed class GroupOperationRequest
{
    /// <summary>Applied once, however often it is sent; also as header <c>Request-Id</c>.</summary>
    public string? RequestId { get; set; }

    /// <summary>For enable and relocate: where to; null: by the domain's rules.</summary>
    public string? Node { get; set; }

    /// <summary>For disable of a Failed group: its resources are released, the operator has made sure.</summary>
    public bool ConfirmReleased { get; set; }
}

/// <summary>Body of <c>POST /v1/nodes/{node}/{operation}</c>; may be left out.</summary>
public sealed class NodeOperationRequest
{
    public string? RequestId { get; set; }

    /// <summary>For the journal.</summary>
    public string? Reason { get; set; }

    /// <summary>For resume: groups go back by their policy. Default true.</summary>
    public bool? Failback { get; set; }
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

/// <summary>Body of <c>POST /v1/cluster/force-quorum</c>.</summary>
public sealed class ForceQuorumRequest
{
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
