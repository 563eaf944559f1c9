namespace ClusterTools.Core.Configuration;

/// <summary>What becomes of a guest that stands still because one of its disks can't be read or written.</summary>
public enum GuestIoError
{
    /// <summary>It has failed, and is recovered as its group's policy says.</summary>
    Restart,

    /// <summary>Somebody sees to it.</summary>
    Leave,

    /// <summary>It is let go on each time that it is looked at.</summary>
    Resume,
}
