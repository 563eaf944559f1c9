namespace ClusterTools.Guests.Tests.Hosts;

/// <summary>How a test's guest behaves.</summary>
[Flags]
public enum GuestManner
{
    /// <summary>It ends when its power button is pressed, and changes next to no memory.</summary>
    Polite = 0,

    /// <summary>It leaves its power button alone.</summary>
    Stubborn = 1,

    /// <summary>It changes memory faster than a slow network can send it.</summary>
    Busy = 2,
}
