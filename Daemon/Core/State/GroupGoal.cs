namespace ClusterTools.Core;

public enum GroupGoal
{
    /// <summary>Run where the rules say.</summary>
    Run,

    /// <summary>Stay stopped until enabled, or until the membership changes.</summary>
    Stop,

    /// <summary>Stay stopped until enabled, or until quorum is lost.</summary>
    Disable,

    /// <summary>Stop and be forgotten: it is no longer configured.</summary>
    Remove,
}
