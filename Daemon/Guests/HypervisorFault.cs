namespace ClusterTools.Guests;

/// <summary>In which way a hypervisor did not do what it was asked for.</summary>
public enum HypervisorFault
{
    /// <summary>It is not there, or can't be reached: nothing was done.</summary>
    Unreachable,

    /// <summary>It did not answer in time, or went away meanwhile: whether it was done is not known.</summary>
    Unanswered,

    /// <summary>It knows no such guest.</summary>
    NoSuchGuest,

    /// <summary>The guest is not in a state for that.</summary>
    WrongState,

    /// <summary>The guest is held by something else, such as a backup.</summary>
    Busy,

    /// <summary>The definition can't be used.</summary>
    BadDefinition,

    /// <summary>The migration came to nothing.</summary>
    MigrationFailed,

    /// <summary>Anything else.</summary>
    Failed,
}
