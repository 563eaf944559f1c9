namespace ClusterTools.Guests.Executing;

/// <summary>Says by what a guest is held, and what to do.</summary>
internal static class HeldGuest
{
    public static string Explain(string name, GuestJob job) =>
        $"Guest '{name}' is held: {Reason(job)}. Wait until that has ended, or end it with what began it.";

    public static string Reason(GuestJob job) => job switch
    {
        GuestJob.None => "by nothing",
        GuestJob.MigrationIn => "it comes from another host",
        GuestJob.MigrationOut => "it goes to another host",
        GuestJob.Backup => "a backup is made of its disks",
        GuestJob.Snapshot => "a snapshot of it is made, gone back to or taken away",
        GuestJob.Save => "its memory is written to a file or read from one",
        GuestJob.Other => "its hypervisor does something else with it",
        _ => throw new InvalidOperationException($"Unknown job {job}."),
    };
}
