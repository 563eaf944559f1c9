using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ClusterTools.Host.Daemon;

/// <summary>The kernel's watchdog interface (kernel, watchdog/watchdog-api) and sched_setscheduler(2); Linux, x86-64 and arm64.</summary>
internal static unsafe partial class WatchdogNative
{
    public const int ErrorBusy = 16;
    public const int ErrorInvalid = 22;
    public const int ErrorNotSupported = 95;

    private const nuint GetSupport = 0x80285700;
    private const nuint KeepAlive = 0x80045705;
    private const nuint SetTimeout = 0xC0045706;
    private const nuint GetTimeout = 0x80045707;

    private const int RoundRobin = 2;
    private const int ResetOnFork = 0x40000000;

    /// <summary>What the driver calls its watchdog; null: the file is none.</summary>
    public static string? Identity(SafeFileHandle device)
    {
        WatchdogInfo info = default;
        return Control(device, GetSupport, &info) == 0
            ? Marshal.PtrToStringUTF8((nint)info.Identity, WatchdogInfo.IdentityLength).TrimEnd('\0')
            : null;
    }

    /// <returns>The error; 0: none.</returns>
    public static int Feed(SafeFileHandle device)
    {
        int unused = 0;
        return Control(device, KeepAlive, &unused) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    /// <returns>The error; 0: none. What the driver took is read back.</returns>
    public static int TrySetTimeout(SafeFileHandle device, int seconds) =>
        Control(device, SetTimeout, &seconds) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Seconds until the machine is reset when it is not fed; null: the driver does not tell.</summary>
    public static int? TimeoutOf(SafeFileHandle device)
    {
        int seconds = 0;
        return Control(device, GetTimeout, &seconds) == 0 ? seconds : null;
    }

    /// <summary>The calling thread runs before all that are not in real time. Refused without the right to it.</summary>
    public static void RunInRealTime()
    {
        int priority = 1;
        _ = SetScheduler(0, RoundRobin | ResetOnFork, &priority);
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle descriptor, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "sched_setscheduler", SetLastError = true)]
    private static partial int SetScheduler(int process, int policy, int* parameter);

    [StructLayout(LayoutKind.Sequential)]
    private struct WatchdogInfo
    {
        public const int IdentityLength = 32;

        public uint Options;
        public uint FirmwareVersion;
        public fixed byte Identity[IdentityLength];
    }
}
