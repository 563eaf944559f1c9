namespace ClusterTools.Core.Configuration;

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
