namespace ClusterTools.Guests.Libvirt;

/// <summary>Which libvirt daemon is asked, and how patiently.</summary>
public sealed record LibvirtOptions
{
    /// <summary>The daemon: <c>qemu:///system</c>, <c>xen:///system</c> (https://libvirt.org/uri.html).</summary>
    public string Uri { get; init; } = "qemu:///system";

    /// <summary>How long a connection may take to open.</summary>
    public TimeSpan OpenLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a call may take, but for migrations.</summary>
    public TimeSpan CallLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Seconds between two questions whether the daemon is there; three without an answer end the connection.</summary>
    public int KeepAlive { get; init; } = 1;

    /// <summary>The pause before a lost connection is opened again; it doubles each time, up to 5 s.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Is called on a thread of its own before this process itself reaches for another host; null: nothing is.</summary>
    public Action? OnThread { get; init; }

    /// <summary>Calls side by side; more wait.</summary>
    public int Calls { get; init; } = 16;

    /// <summary>Changes that a watcher may be behind before it is told of all guests anew instead.</summary>
    public int Backlog { get; init; } = 1024;
}
