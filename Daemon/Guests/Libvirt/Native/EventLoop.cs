using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ClusterTools.Guests.Libvirt.Native;

/// <summary>libvirt's own event loop: one thread of this process, from the first connection on.</summary>
internal static unsafe class EventLoop
{
    private static readonly Lazy<bool> begun = new(Begin);

    /// <summary>Must be called before the first connection is opened.</summary>
    public static void Run() => _ = begun.Value;

    private static bool Begin()
    {
        // Else the library writes every error to standard error.
        LibVirt.SetErrorFunction(0, &Silent);
        if (LibVirt.RegisterEventLoop() < 0)
        {
            throw LibvirtFault.Last("Events of libvirt can't be received");
        }

        new Thread(static () =>
        {
            while (true)
            {
                if (LibVirt.RunEventLoop() < 0)
                {
                    Thread.Sleep(10);
                }
            }
        })
        { IsBackground = true, Name = "libvirt" }.Start();
        return true;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Silent(nint data, LibVirt.Error* error)
    {
    }
}
