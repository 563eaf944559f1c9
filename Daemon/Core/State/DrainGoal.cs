namespace ClusterTools.Core;

public enum DrainGoal
{
    None,

    /// <summary>Stay in the cluster without groups.</summary>
    Standby,

    /// <summary>Leave the cluster when empty.</summary>
    Leave,
}
