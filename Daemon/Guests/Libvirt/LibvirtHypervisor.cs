using System.Runtime.InteropServices;
using ClusterTools.Guests.Libvirt.Native;

namespace ClusterTools.Guests.Libvirt;

/// <summary>
/// KVM, QEMU and Xen by libvirt's daemon. One connection for all calls, opened when it is needed and again after it broke. libvirt's calls
/// block: each has a thread as long as it lasts, so many at once at most, and who asks waits no longer than the limit. A daemon that hangs
/// is noticed by its keepalive, and its calls come back then.
/// </summary>
/// <param name="options">Which daemon.</param>
public sealed partial class LibvirtHypervisor(LibvirtOptions options) : IHypervisor
{
    private readonly SemaphoreSlim slots = new(options.Calls);
    private readonly Lock gate = new();
    private Task<LibvirtLink>? opening;
    private bool disposed;

    /// <summary>Whether libvirt's library is on this machine.</summary>
    public static bool IsInstalled { get; } = NativeLibrary.TryLoad(LibVirt.Library, out _);

    /// <inheritdoc/>
    public Task<HostCapacity> GetCapacityAsync(CancellationToken cancellationToken) =>
        CallAsync("The host's capacity is not known", ReadCapacity, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Task<LibvirtLink>? last;
        lock (gate)
        {
            disposed = true;
            last = opening;
        }

        if (last is not null)
        {
            // One that opens too late closes itself.
            await Task.WhenAny(last, Task.Delay(options.OpenLimit)).ConfigureAwait(false);
            if (last.IsCompletedSuccessfully)
            {
                (await last.ConfigureAwait(false)).Dispose();
            }
        }
    }

    /// <summary>A call that answers within the limit, or is given up.</summary>
    /// <param name="what">What has not come about when it fails.</param>
    /// <param name="call">On a thread of its own.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    private async Task<T> CallAsync<T>(string what, Func<ConnectionHandle, T> call, CancellationToken cancellationToken)
    {
        LibvirtLink link = await OpenAsync(cancellationToken).ConfigureAwait(false);
        if (!await slots.WaitAsync(options.CallLimit, cancellationToken).ConfigureAwait(false))
        {
            throw new HypervisorException(
                HypervisorFault.Busy, $"{what}: {options.Calls} calls to libvirt at {options.Uri} have not come back yet.");
        }

        Task<T> running = OnThread(() =>
        {
            try
            {
                return call(link.Connection);
            }
            finally
            {
                slots.Release();
            }
        });
        try
        {
            return await running.WaitAsync(options.CallLimit, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new HypervisorException(
                HypervisorFault.Unanswered,
                $"{what}: libvirt at {options.Uri} did not answer within {options.CallLimit.TotalSeconds:0} s.");
        }
        catch (HypervisorException e) when (e.Fault == HypervisorFault.Failed && link.IsBroken)
        {
            throw new HypervisorException(HypervisorFault.Unanswered, e.Message);
        }
        catch (ObjectDisposedException)
        {
            throw new HypervisorException(HypervisorFault.Unanswered, $"{what}: the connection to libvirt was closed.");
        }
    }

    /// <summary>The connection; opened if there is none. An opening that hangs is waited for by all, and never begun twice.</summary>
    private async Task<LibvirtLink> OpenAsync(CancellationToken cancellationToken)
    {
        Task<LibvirtLink> open;
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (opening is null || opening.IsFaulted || (opening.IsCompletedSuccessfully && opening.Result.Ended.IsCompleted))
            {
                LibvirtLink? old = opening is { IsCompletedSuccessfully: true } ? opening.Result : null;
                opening = OnThread(() =>
                {
                    old?.Dispose();
                    return Opened();
                });
            }

            open = opening;
        }

        try
        {
            return await open.WaitAsync(options.OpenLimit, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new HypervisorException(
                HypervisorFault.Unreachable,
                $"libvirt at {options.Uri} can't be asked: it did not answer within {options.OpenLimit.TotalSeconds:0} s.");
        }
    }

    private LibvirtLink Opened()
    {
        LibvirtLink link = LibvirtLink.Open(options);
        lock (gate)
        {
            if (!disposed)
            {
                return link;
            }
        }

        link.Dispose();
        throw new ObjectDisposedException(nameof(LibvirtHypervisor));
    }

    private static Task<T> OnThread<T>(Func<T> call) =>
        Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static HostCapacity ReadCapacity(ConnectionHandle connection)
    {
        const string What = "The host's capacity is not known";
        if (LibVirt.GetNodeInfo(connection, out LibVirt.NodeInfo info) < 0 || LibVirt.GetVersion(connection, out CULong version) < 0)
        {
            throw LibvirtFault.Last(What);
        }

        string hostName = LibVirt.Take(LibVirt.GetHostName(connection)) ?? throw LibvirtFault.Last(What);
        string capabilities = LibVirt.Take(LibVirt.GetCapabilities(connection)) ?? throw LibvirtFault.Last(What);
        (long Total, long Free) memory = ReadMemory(connection) ?? throw LibvirtFault.Last(What);
        int number = (int)version.Value;
        return new HostCapacity
        {
            Hypervisor = Marshal.PtrToStringUTF8(LibVirt.GetType(connection)) ?? "",
            Version = new Version(number / 1_000_000, number / 1_000 % 1_000, number % 1_000),
            HostName = hostName,
            Memory = memory.Total,
            FreeMemory = memory.Free,
            Processors = (int)info.Processors,
            ProcessorModel = Definitions.ProcessorModel(capabilities),
        };
    }

    /// <summary>All memory, and what nobody uses or the kernel has only because nobody else wants it. Null: not known.</summary>
    private static unsafe (long Total, long Free)? ReadMemory(ConnectionHandle connection)
    {
        const int AllCells = -1;
        int count = 0;
        if (LibVirt.GetMemory(connection, AllCells, null, ref count, 0) < 0)
        {
            return null;
        }

        var statistics = new LibVirt.MemoryStatistic[count];
        fixed (LibVirt.MemoryStatistic* first = statistics)
        {
            return LibVirt.GetMemory(connection, AllCells, first, ref count, 0) < 0 ? null
                : (Sum("total"), Sum("free", "buffers", "cached"));
        }

        long Sum(params string[] names) => statistics.Where(s => names.Contains(s.Name)).Sum(static s => (long)s.Value * 1024);
    }
}
