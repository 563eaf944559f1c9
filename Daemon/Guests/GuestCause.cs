namespace ClusterTools.Guests;

/// <summary>Why a guest is as it is.</summary>
public enum GuestCause
{
    /// <summary>Nothing in particular, or the host does not say.</summary>
    None,

    /// <summary>It was asked for.</summary>
    Asked,

    /// <summary>The guest itself, as by its own shutdown.</summary>
    Guest,

    /// <summary>Its system has crashed, or the program that runs it.</summary>
    Crash,

    /// <summary>It could not be started.</summary>
    StartFailed,

    /// <summary>It moves to another host, or has moved.</summary>
    Migration,

    /// <summary>It was moved before all of its memory was, and the rest does not come.</summary>
    MigrationBroken,

    /// <summary>One of its disks could not be read or written.</summary>
    DiskError,

    /// <summary>Its watchdog was not fed.</summary>
    Watchdog,

    /// <summary>Its memory is being saved, or was saved.</summary>
    Saved,

    /// <summary>A snapshot is made of it, or gone back to.</summary>
    Snapshot,

    /// <summary>It is about to run, and does not yet.</summary>
    Starting,

    /// <summary>The hypervisor could not do what it had begun.</summary>
    HypervisorError,
}
