using System.Runtime.InteropServices;
using ClusterTools.Engines.Corosync.Native;

namespace ClusterTools.Engines.Corosync;

/// <summary>Ends a wait for descriptors (eventfd). Thread-safe.</summary>
internal sealed class WakeEvent : IDisposable
{
    private const int NonBlocking = 0x800;
    private const int CloseOnExecute = 0x80000;

    private readonly Lock gate = new();
    private int descriptor;
    private int isSet;

    public WakeEvent()
    {
        descriptor = LibC.EventDescriptor(0, NonBlocking | CloseOnExecute);
        if (descriptor < 0)
        {
            throw new IOException($"No event descriptor can be made: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
    }

    public void Set()
    {
        if (Interlocked.Exchange(ref isSet, 1) != 0)
        {
            // Who waits has not noticed the last time yet.
            return;
        }

        lock (gate)
        {
            if (descriptor >= 0)
            {
                _ = LibC.Write(descriptor, BitConverter.GetBytes(1UL), sizeof(ulong));
            }
        }
    }

    /// <summary>Waits until it is set, another descriptor is readable, or the time is up.</summary>
    /// <param name="other">Another descriptor; null: none.</param>
    /// <param name="milliseconds">-1: for ever.</param>
    public void Wait(int? other, int milliseconds)
    {
        Span<LibC.Descriptor> descriptors =
        [
            new LibC.Descriptor { Number = descriptor, Wanted = LibC.PollIn },
            new LibC.Descriptor { Number = other ?? -1, Wanted = LibC.PollIn },
        ];
        if (LibC.Poll(descriptors, (nuint)descriptors.Length, milliseconds) > 0 && descriptors[0].Happened != 0)
        {
            Span<byte> count = stackalloc byte[sizeof(ulong)];
            _ = LibC.Read(descriptor, count, (nuint)count.Length);
            // Only now: what is set from here on is noticed by the next wait.
            Interlocked.Exchange(ref isSet, 0);
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            if (descriptor >= 0)
            {
                _ = LibC.Close(descriptor);
                descriptor = -1;
            }
        }
    }
}
