using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ClusterTools.Guests.Libvirt.Native;

namespace ClusterTools.Guests.Libvirt;

/// <summary>One connection to a libvirt daemon, from its opening to its end, and the events that come by it.</summary>
internal sealed unsafe class LibvirtLink : IDisposable
{
    private const uint UnansweredKeepAlives = 3;

    private readonly TaskCompletionSource<string> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<ChangeFeed, byte> feeds = [];
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource<MigrationProgress>> completions = [];
    private readonly List<int> registrations = [];

    private LibvirtLink(ConnectionHandle connection) => Connection = connection;

    /// <summary>What calls go by.</summary>
    public ConnectionHandle Connection { get; }

    /// <summary>Why it has ended, for people.</summary>
    public Task<string> Ended => ended.Task;

    /// <summary>Whether a call that failed just now may have been cut off by the end of the connection.</summary>
    public bool IsBroken => ended.Task.IsCompleted || LibVirt.IsAlive(Connection) != 1;

    /// <summary>Opens one; blocks as long as the daemon likes.</summary>
    /// <exception cref="HypervisorException">There is no daemon, or no library.</exception>
    public static LibvirtLink Open(LibvirtOptions options)
    {
        try
        {
            EventLoop.Run();
        }
        catch (DllNotFoundException)
        {
            throw new HypervisorException(
                HypervisorFault.Unreachable, "libvirt is not installed on this host (package libvirt0; libvirt-daemon for the daemon).");
        }

        ConnectionHandle connection = LibVirt.Open(options.Uri);
        if (connection.IsInvalid)
        {
            throw new HypervisorException(
                HypervisorFault.Unreachable, LibvirtFault.Last($"libvirt at {options.Uri} can't be asked").Message);
        }

        var link = new LibvirtLink(connection);
        try
        {
            link.Listen(options);
            return link;
        }
        catch
        {
            link.Dispose();
            throw;
        }
    }

    /// <summary>What happens from now on.</summary>
    public ChangeFeed Subscribe(int backlog)
    {
        var feed = new ChangeFeed(backlog);
        feeds[feed] = 0;
        return feed;
    }

    public void Unsubscribe(ChangeFeed feed) => feeds.TryRemove(feed, out _);

    /// <summary>What a guest's next job that ends took, as the daemon says in the end.</summary>
    public Task<MigrationProgress> NextCompletion(Guid guest) =>
        completions.GetOrAdd(guest, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Dispose()
    {
        if (!Connection.IsInvalid && !Connection.IsClosed)
        {
            registrations.ForEach(one => _ = LibVirt.DeregisterEvent(Connection, one));
            _ = LibVirt.UnregisterClose(Connection, &OnClose);
        }

        Connection.Dispose();
        End("The connection was closed.");
    }

    private void Listen(LibvirtOptions options)
    {
        if (LibVirt.RegisterClose(Connection, &OnClose, Own(), &OnFree) < 0)
        {
            throw LibvirtFault.Last($"libvirt at {options.Uri} does not tell when it goes away");
        }

        Register(LibVirt.EventKind.Lifecycle, (delegate* unmanaged[Cdecl]<nint, nint, int, int, nint, int>)&OnLifecycle);
        Register(LibVirt.EventKind.Reboot, (delegate* unmanaged[Cdecl]<nint, nint, nint, void>)&OnReboot);
        Register(LibVirt.EventKind.AgentLifecycle, (delegate* unmanaged[Cdecl]<nint, nint, int, int, nint, void>)&OnAgent);
        Register(
            LibVirt.EventKind.JobCompleted,
            (delegate* unmanaged[Cdecl]<nint, nint, LibVirt.TypedParameter*, int, nint, void>)&OnJobCompleted);
        // A daemon that can't do that is on this host, and its end is seen by its socket.
        _ = LibVirt.SetKeepAlive(Connection, options.KeepAlive, UnansweredKeepAlives);

        void Register(LibVirt.EventKind kind, void* callback)
        {
            int registration = LibVirt.RegisterEvent(Connection, 0, kind, callback, Own(), &OnFree);
            if (registration < 0)
            {
                throw LibvirtFault.Last($"libvirt at {options.Uri} does not tell of events ({kind})");
            }

            registrations.Add(registration);
        }
    }

    private nint Own() => GCHandle.ToIntPtr(GCHandle.Alloc(this));

    private void End(string reason)
    {
        ended.TrySetResult(reason);
        foreach (ChangeFeed feed in feeds.Keys)
        {
            feed.End();
        }
    }

    private void Tell(nint domain, (GuestChange Change, GuestCause Cause)? what)
    {
        if (what is not { } known)
        {
            return;
        }

        var change = new GuestChanged(
            Marshal.PtrToStringUTF8(LibVirt.GetName(domain)) ?? "", DomainHandle.IdOf(domain), known.Change, known.Cause);
        foreach (ChangeFeed feed in feeds.Keys)
        {
            feed.Add(change);
        }
    }

    private static LibvirtLink Of(nint data) => (LibvirtLink)GCHandle.FromIntPtr(data).Target!;

    // What follows is called by libvirt, on the thread of its event loop, and must throw nothing.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnFree(nint data) => GCHandle.FromIntPtr(data).Free();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnClose(nint connection, int reason, nint data) => Of(data).End(reason switch
    {
        1 => "libvirt has ended the connection: its daemon was stopped, or has died.",
        2 => "libvirt does not answer any more.",
        3 => "The connection was closed.",
        _ => "The connection to libvirt has broken.",
    });

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnLifecycle(nint connection, nint domain, int kind, int detail, nint data)
    {
        Of(data).Tell(domain, DomainStates.Lifecycle(kind, detail));
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnReboot(nint connection, nint domain, nint data) =>
        Of(data).Tell(domain, (GuestChange.Rebooted, GuestCause.Guest));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnAgent(nint connection, nint domain, int state, int reason, nint data) =>
        Of(data).Tell(domain, (state == 1 ? GuestChange.AgentConnected : GuestChange.AgentLost, GuestCause.None));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnJobCompleted(nint connection, nint domain, LibVirt.TypedParameter* parameters, int count, nint data)
    {
        if (Of(data).completions.TryRemove(DomainHandle.IdOf(domain), out TaskCompletionSource<MigrationProgress>? waiting))
        {
            waiting.TrySetResult(JobStatistics.Read(parameters, count));
        }
    }
}
