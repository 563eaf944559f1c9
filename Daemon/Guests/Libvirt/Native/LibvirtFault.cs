using System.Runtime.InteropServices;

namespace ClusterTools.Guests.Libvirt.Native;

/// <summary>What libvirt's error numbers (virErrorNumber) mean here.</summary>
internal static class LibvirtFault
{
    /// <summary>The error of the call that this thread has made last.</summary>
    /// <param name="what">What was not done.</param>
    public static unsafe HypervisorException Last(string what)
    {
        LibVirt.Error* error = LibVirt.GetLastError();
        return error is null ? new HypervisorException(HypervisorFault.Failed, $"{what}: libvirt does not say why.")
            : new HypervisorException(Fault(error->Code), $"{what}: {Marshal.PtrToStringUTF8(error->Message)?.TrimEnd('.')}.");
    }

    /// <summary>The number of the error of the call that this thread has made last; 0: none.</summary>
    public static unsafe int LastNumber() => LibVirt.GetLastError() is var error && error is null ? 0 : error->Code;

    public const int OperationAborted = 78;
    public const int NoDomain = 42;

    private static HypervisorFault Fault(int number) => number switch
    {
        NoDomain => HypervisorFault.NoSuchGuest,
        // The state is another one than it was when it was asked for.
        55 => HypervisorFault.WrongState,
        // A timeout: another job holds the guest; a resource, or a block copy, is busy.
        68 or 83 or 87 => HypervisorFault.Busy,
        // What the definition says can't be read, is not supported, or clashes with another one's.
        16 or 27 or 28 or 35 or 67 or 92 => HypervisorFault.BadDefinition,
        // There is no daemon, or it refuses.
        5 or 45 or 79 or 88 => HypervisorFault.Unreachable,
        // The connection broke under the call.
        6 or 39 => HypervisorFault.Unanswered,
        _ => HypervisorFault.Failed,
    };
}
