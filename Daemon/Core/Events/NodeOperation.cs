namespace ClusterTools.Core;

public enum NodeOperation
{
    /// <summary>Move groups away and stay empty.</summary>
    Drain,

    /// <summary>Take no new groups, and keep what runs there.</summary>
    Pause,

    /// <summary>Move groups away and leave the cluster.</summary>
    Leave,

    /// <summary>The machine is shut down: its groups are moved or stopped by the configured policy, and it leaves.</summary>
    ShutDown,

    /// <summary>The daemon restarts; groups go on running.</summary>
    Maintenance,

    /// <summary>End Drain, Pause or Maintenance; groups fail back by their policy.</summary>
    Resume,

    /// <summary>As Resume, and nothing fails back.</summary>
    ResumeWithoutFailback,

    /// <summary>As Resume, and what the drain moved away comes back at once, whatever its domain says of failback.</summary>
    ResumeWithImmediateFailback,

    /// <summary>An operator vouches that the node is dead.</summary>
    ConfirmDown,

    FenceOff,
    FenceOn,
    FenceReboot,
}
