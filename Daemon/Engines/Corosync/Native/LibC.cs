using System.Runtime.InteropServices;

namespace ClusterTools.Engines.Corosync.Native;

/// <summary>Waiting for several descriptors at once, and a thread's place among others.</summary>
internal static partial class LibC
{
    public const short PollIn = 1;

    /// <summary>SCHED_OTHER; what such a thread starts does not inherit its nice value.</summary>
    public const int OtherAndResetOnFork = 0x40000000;

    /// <summary>PRIO_PROCESS, which on Linux is a thread.</summary>
    public const int OneThread = 0;

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(Span<Descriptor> descriptors, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventDescriptor(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int descriptor, Span<byte> buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, ReadOnlySpan<byte> buffer, nuint length);

    /// <param name="thread">0: the calling one.</param>
    /// <param name="policy">How it is scheduled.</param>
    /// <param name="priority">0, but for real-time policies.</param>
    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    public static partial int SetScheduler(int thread, int policy, in int priority);

    /// <param name="kind">What it is set for.</param>
    /// <param name="which">0: the calling one.</param>
    /// <param name="nice">From -20 on.</param>
    [LibraryImport("libc", EntryPoint = "setpriority")]
    public static partial int SetNice(int kind, uint which, int nice);

    [StructLayout(LayoutKind.Sequential)]
    public struct Descriptor
    {
        public int Number;
        public short Wanted;
        public short Happened;
    }
}
