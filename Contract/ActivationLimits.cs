namespace ClusterTools.Contract;

/// <summary>How often a resource's start and stop are tried, and what is done when that did not help.</summary>
public sealed class ActivationLimits
{
    /// <summary>Retries of a failed start on the same node, each after a stop.</summary>
    public int StartRetries { get; set; }

    /// <summary>Retries of a failed stop.</summary>
    public int StopRetries { get; set; }

    /// <summary>Other nodes that are tried when its start fails for good on one; null: every allowed node.</summary>
    public int? Failovers { get; set; }

    /// <summary>When the start has failed for good on the last node.</summary>
    public FinalAction StartFinal { get; set; }

    /// <summary>When the stop has failed for good.</summary>
    public FinalAction StopFinal { get; set; }

    /// <summary>Run on the node before the final action: <c>exec:/path</c> or <c>powershell:/path.ps1</c>.</summary>
    public string? FinalScript { get; set; }

    /// <summary>Limit of <see cref="FinalScript"/>.</summary>
    public TimeSpan FinalScriptTimeout { get; set; } = TimeSpan.FromSeconds(60);
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

/// <summary>A status check that looks deeper than the usual one.</summary>
public sealed class StatusCheck
{
    /// <summary>How deep the agent looks, as its metadata says: OCF_CHECK_LEVEL.</summary>
    public int Depth { get; set; }

    /// <summary>Time between two such checks.</summary>
    public TimeSpan Interval { get; set; }

    /// <summary>Limit of one check.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(20);
}
