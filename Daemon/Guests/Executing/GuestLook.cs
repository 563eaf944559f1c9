using ClusterTools.Core.Configuration;

namespace ClusterTools.Guests.Executing;

/// <summary>What a host's word of a guest means for its resource.</summary>
internal static class GuestLook
{
    /// <param name="name">The guest's.</param>
    /// <param name="guest">Null: the host does not know it.</param>
    /// <param name="onIoError">What becomes of a guest whose disks fail.</param>
    /// <param name="decides">By the answer it is decided where the guest runs: while it moves to another host nobody knows.</param>
    public static GuestAnswer Of(string name, Guest? guest, GuestIoError onIoError, bool decides) => guest switch
    {
        null => GuestAnswer.Stopped($"The host does not know guest '{name}'."),
        { Phase: GuestPhase.Off } => GuestAnswer.Stopped($"Guest '{name}' is off."),
        _ when WhyOpen(guest) is { } why => GuestAnswer.Unknown(why),
        _ when WhyBroken(guest) is { } why => GuestAnswer.Broken(why),
        { Job: GuestJob.MigrationOut } => decides
            ? GuestAnswer.Unknown($"Guest '{name}' goes to another host.")
            : GuestAnswer.Running($"Guest '{name}' runs, and goes to another host."),
        { Phase: GuestPhase.Paused, Cause: GuestCause.DiskError } => WithDiskError(name, onIoError),
        { Phase: GuestPhase.Paused } => GuestAnswer.Running($"Guest '{name}' is paused{Because(guest)}."),
        { Phase: GuestPhase.Asleep } => GuestAnswer.Running($"Guest '{name}' sleeps."),
        { Phase: GuestPhase.ShuttingDown } => GuestAnswer.Running($"Guest '{name}' is shutting down."),
        _ => GuestAnswer.Running($"Guest '{name}' runs."),
    };

    /// <summary>Why nobody can say whether it runs here; null: the host does say.</summary>
    public static string? WhyOpen(Guest guest) => guest switch
    {
        { Job: GuestJob.MigrationIn } => $"Guest '{guest.Name}' comes from another host.",
        { Phase: GuestPhase.Unknown } => $"The host does not say what guest '{guest.Name}' does.",
        { Job: GuestJob.MigrationOut } => null,
        // libvirt does not name the job of a guest that comes.
        { Phase: GuestPhase.Paused, Cause: GuestCause.Migration } =>
            $"Guest '{guest.Name}' stands still because of a migration: "
                + "it comes from another host, or it went to one and this host was not told how that has ended.",
        { Phase: GuestPhase.Paused, Cause: GuestCause.Starting } => $"Guest '{guest.Name}' is about to run, and does not yet.",
        _ => null,
    };

    /// <summary>Why it can't go on; null: it can.</summary>
    public static string? WhyBroken(Guest guest) =>
        HasCrashed(guest) ? $"The system of guest '{guest.Name}' has crashed."
        : guest is { Phase: GuestPhase.Paused, Cause: GuestCause.MigrationBroken }
            ? $"Guest '{guest.Name}' was moved before all of its memory was, and the rest does not come."
        : null;

    /// <summary>Its host keeps what is left of it.</summary>
    public static bool HasCrashed(Guest guest) =>
        guest is { Phase: GuestPhase.Crashed } or { Phase: GuestPhase.Paused, Cause: GuestCause.Crash };

    private static GuestAnswer WithDiskError(string name, GuestIoError onIoError)
    {
        string what = $"Guest '{name}' stands still, as one of its disks can't be read or written";
        return onIoError switch
        {
            GuestIoError.Restart => GuestAnswer.Broken($"{what}."),
            GuestIoError.Leave => GuestAnswer.Running($"{what}; it is left so."),
            GuestIoError.Resume => GuestAnswer.Running($"{what}; it is let go on with its next check."),
            _ => throw new InvalidOperationException($"Unknown answer to a disk error {onIoError}."),
        };
    }

    private static string Because(Guest guest) => guest.Job != GuestJob.None ? $": {HeldGuest.Reason(guest.Job)}" : guest.Cause switch
    {
        GuestCause.Asked => ", as somebody asked for it",
        GuestCause.Guest => " by itself",
        GuestCause.Watchdog => ", as its watchdog was not fed",
        GuestCause.Saved => ", as its memory was saved",
        GuestCause.Snapshot => " because of a snapshot",
        GuestCause.HypervisorError => ", as its hypervisor could not do what it had begun",
        _ => "",
    };
}
