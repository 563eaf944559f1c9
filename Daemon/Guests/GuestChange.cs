namespace ClusterTools.Guests;

/// <summary>What happened to a guest.</summary>
public enum GuestChange
{
    /// <summary>Its definition is new, or another one.</summary>
    Defined,

    /// <summary>Its definition is gone.</summary>
    Undefined,

    /// <summary>It exists here now, running unless <see cref="Paused"/> follows.</summary>
    Started,

    /// <summary>It does nothing any more, and holds what it has.</summary>
    Paused,

    /// <summary>It goes on.</summary>
    Resumed,

    /// <summary>It is on its way to off.</summary>
    ShuttingDown,

    /// <summary>It is off, here.</summary>
    Stopped,

    /// <summary>Its system has crashed; what becomes of it is told next.</summary>
    Crashed,

    /// <summary>It has started anew by itself.</summary>
    Rebooted,

    /// <summary>It sleeps.</summary>
    FellAsleep,

    /// <summary>The program in the guest that answers the host does so now.</summary>
    AgentConnected,

    /// <summary>It does so no more.</summary>
    AgentLost,
}
