namespace ClusterTools.Core.Configuration;

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
