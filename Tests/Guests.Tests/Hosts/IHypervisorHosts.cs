namespace ClusterTools.Guests.Tests.Hosts;

/// <summary>Two hosts with what the contract needs besides their hypervisors: guests that count, and hands that break things.</summary>
public interface IHypervisorHosts : IAsyncDisposable
{
    /// <summary>The hosts' names.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>Another connection to a host's hypervisor.</summary>
    IHypervisor Connect(string host);

    /// <summary>A host as the other one's hypervisor reaches it.</summary>
    string Destination(string host);

    /// <summary>The definition of a guest whose disk both hosts have, and the disk.</summary>
    string NewGuest(string name, GuestManner manner = GuestManner.Polite);

    /// <summary>What a guest has counted, as somebody sees who stands beside both hosts.</summary>
    Ticks Ticks(string guest);

    /// <summary>The program that runs a guest is killed.</summary>
    Task KillGuestAsync(string host, string guest);

    /// <summary>The hypervisor stands still, while its guests go on; or it goes on.</summary>
    Task StallAsync(string host, bool isStalled);

    /// <summary>The hypervisor's daemon dies; its guests go on.</summary>
    Task KillDaemonAsync(string host);

    /// <summary>The hypervisor's daemon starts again.</summary>
    Task StartDaemonAsync(string host);

    /// <summary>A host's power is cut.</summary>
    Task CutPowerAsync(string host);

    /// <summary>A host's cable is pulled.</summary>
    Task CutOffAsync(string host);
}
