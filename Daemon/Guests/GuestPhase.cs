namespace ClusterTools.Guests;

/// <summary>What a guest is doing on a host.</summary>
public enum GuestPhase
{
    /// <summary>The host does not say.</summary>
    Unknown,

    /// <summary>It runs.</summary>
    Running,

    /// <summary>It has memory and holds its disks, and does nothing.</summary>
    Paused,

    /// <summary>It is on its way to off.</summary>
    ShuttingDown,

    /// <summary>It has ended.</summary>
    Off,

    /// <summary>Its system has crashed, and the host keeps what is left of it; it holds its disks.</summary>
    Crashed,

    /// <summary>It sleeps by its own power management, and can be woken.</summary>
    Asleep,
}
