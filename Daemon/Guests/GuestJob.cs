namespace ClusterTools.Guests;

/// <summary>What a hypervisor is doing with a guest, and lets nobody else interfere with.</summary>
public enum GuestJob
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It comes from another host.</summary>
    MigrationIn,

    /// <summary>It goes to another host.</summary>
    MigrationOut,

    /// <summary>A backup is made of its disks.</summary>
    Backup,

    /// <summary>A snapshot is made, gone back to or taken away.</summary>
    Snapshot,

    /// <summary>Its memory is written to a file or read from one.</summary>
    Save,

    /// <summary>Something else.</summary>
    Other,
}
