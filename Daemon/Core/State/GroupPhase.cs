namespace ClusterTools.Core;

/// <summary>FEATURES B7.</summary>
public enum GroupPhase
{
    Stopped,
    Starting,
    Started,
    Stopping,
    Recovering,

    /// <summary>A stop failed: only disable is allowed, after the operator has confirmed that its resources are released.</summary>
    Failed,

    /// <summary>Until enabled, or until quorum is lost and autostart is judged anew.</summary>
    Disabled,
    Migrating,
}
