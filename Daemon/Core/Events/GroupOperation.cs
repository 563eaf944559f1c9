namespace ClusterTools.Core;

public enum GroupOperation
{
    Enable,
    Disable,
    Stop,
    Relocate,

    /// <summary>Move a guest while it runs.</summary>
    Migrate,

    /// <summary>End a guest's migration: it stays where it is.</summary>
    StopMigration,
    Restart,
    Freeze,
    Unfreeze,
    Convalesce,

    /// <summary>Move to the best node of its domain that is up, whatever the domain says of failback.</summary>
    Home,

    /// <summary>Forget its failures: restarts counted, nodes tried, the wait before the next try.</summary>
    Clear,
}
