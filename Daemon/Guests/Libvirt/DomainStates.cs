namespace ClusterTools.Guests.Libvirt;

/// <summary>libvirt's numbers of states, reasons and events, in our words.</summary>
internal static class DomainStates
{
    /// <summary>virDomainState.</summary>
    public static GuestPhase Phase(int state) => state switch
    {
        1 or 2 => GuestPhase.Running,
        3 => GuestPhase.Paused,
        4 => GuestPhase.ShuttingDown,
        5 => GuestPhase.Off,
        6 => GuestPhase.Crashed,
        7 => GuestPhase.Asleep,
        _ => GuestPhase.Unknown,
    };

    /// <summary>virDomainPausedReason, virDomainShutoffReason.</summary>
    public static GuestCause Cause(int state, int reason) => (state, reason) switch
    {
        (3, 1) => GuestCause.Asked,
        (3, 2 or 12) => GuestCause.Migration,
        (3, 13) => GuestCause.MigrationBroken,
        (3, 3 or 4) => GuestCause.Saved,
        (3, 5) => GuestCause.DiskError,
        (3, 6) => GuestCause.Watchdog,
        (3, 7 or 9) => GuestCause.Snapshot,
        (3, 8) => GuestCause.Guest,
        (3, 10) => GuestCause.Crash,
        (3, 11) => GuestCause.Starting,
        (3, 14) => GuestCause.HypervisorError,
        (5, 1) => GuestCause.Guest,
        (5, 2) => GuestCause.Asked,
        (5, 3) => GuestCause.Crash,
        (5, 4) => GuestCause.Migration,
        (5, 5) => GuestCause.Saved,
        (5, 6) => GuestCause.StartFailed,
        (5, 7) => GuestCause.Snapshot,
        (5, 8) => GuestCause.HypervisorError,
        (6, _) => GuestCause.Crash,
        _ => GuestCause.None,
    };

    /// <summary>virDomainEventType and its details; null: an event of no concern.</summary>
    public static (GuestChange Change, GuestCause Cause)? Lifecycle(int kind, int detail) => (kind, detail) switch
    {
        (0, _) => (GuestChange.Defined, GuestCause.None),
        (1, _) => (GuestChange.Undefined, GuestCause.None),
        (2, 1) => (GuestChange.Started, GuestCause.Migration),
        (2, 2) => (GuestChange.Started, GuestCause.Saved),
        (2, 3) => (GuestChange.Started, GuestCause.Snapshot),
        (2, _) => (GuestChange.Started, GuestCause.Asked),
        (3, 0) => (GuestChange.Paused, GuestCause.Asked),
        (3, 1 or 7) => (GuestChange.Paused, GuestCause.Migration),
        (3, 2) => (GuestChange.Paused, GuestCause.DiskError),
        (3, 3) => (GuestChange.Paused, GuestCause.Watchdog),
        (3, 4) => (GuestChange.Paused, GuestCause.Saved),
        (3, 5) => (GuestChange.Paused, GuestCause.Snapshot),
        (3, 6) => (GuestChange.Paused, GuestCause.HypervisorError),
        (3, 8) => (GuestChange.Paused, GuestCause.MigrationBroken),
        (3, _) => (GuestChange.Paused, GuestCause.None),
        (4, 1) => (GuestChange.Resumed, GuestCause.Migration),
        (4, _) => (GuestChange.Resumed, GuestCause.Asked),
        (5, 0) => (GuestChange.Stopped, GuestCause.Guest),
        (5, 1) => (GuestChange.Stopped, GuestCause.Asked),
        (5, 2) => (GuestChange.Stopped, GuestCause.Crash),
        (5, 3) => (GuestChange.Stopped, GuestCause.Migration),
        (5, 4) => (GuestChange.Stopped, GuestCause.Saved),
        (5, 5) => (GuestChange.Stopped, GuestCause.Crash),
        (5, _) => (GuestChange.Stopped, GuestCause.None),
        (6, _) => (GuestChange.ShuttingDown, GuestCause.None),
        (7, _) => (GuestChange.FellAsleep, GuestCause.Guest),
        (8, _) => (GuestChange.Crashed, GuestCause.Crash),
        _ => null,
    };

    /// <summary>virDomainJobOperation.</summary>
    public static GuestJob Job(int operation) => operation switch
    {
        2 or 3 or 8 => GuestJob.Save,
        4 => GuestJob.MigrationIn,
        5 => GuestJob.MigrationOut,
        6 or 7 or 10 => GuestJob.Snapshot,
        9 => GuestJob.Backup,
        _ => GuestJob.Other,
    };
}
