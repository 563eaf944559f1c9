namespace ClusterTools.Guests;

/// <summary>What becomes of a live migration whose time is up.</summary>
public enum MigrationAtLimit
{
    /// <summary>It is ended, and the guest runs on where it was.</summary>
    Abort,

    /// <summary>The guest stands still until it is there; when that takes as long once more, it is ended.</summary>
    Suspend,
}
