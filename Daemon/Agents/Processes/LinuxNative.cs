using System.Runtime.InteropServices;

namespace ClusterTools.Agents;

/// <summary>The system calls behind <see cref="ProcessRunner"/> and the lab's power switch (Linux, 64 bit; man sections 2 and 3).</summary>
internal static unsafe partial class LinuxNative
{
    internal const int SignalKill = 9;
    internal const int SignalTerminate = 15;
    internal const int SignalContinue = 18;
    internal const int SignalStop = 19;

    internal const int WaitNoHang = 1;
    internal const short PollIn = 1;
    internal const short PollOut = 4;

    internal const int ErrorNoEntry = 2;
    internal const int ErrorInterrupted = 4;
    internal const int ErrorExecFormat = 8;
    internal const int ErrorAgain = 11;
    internal const int ErrorAccess = 13;
    internal const int ErrorNotFolder = 20;
    internal const int ErrorIsFolder = 21;
    internal const int ErrorTextBusy = 26;
    internal const int ErrorLoop = 40;

    private const int SetSubreaper = 36;
    private const int OpenNonBlocking = 0x800;
    private const int OpenCloseOnExec = 0x80000;
    private const int DuplicateCloseOnExec = 1030;
    private const int GetStatusFlags = 3;
    private const int SetStatusFlags = 4;
    private const int WaitByPid = 1;
    private const int WaitExited = 4;
    private const int WaitLeaveWaitable = 0x1000000;

    // The same numbers on every architecture: both calls are younger than the common table (Linux 5.1).
    private const long PidfdSendSignal = 424;
    private const long PidfdOpen = 434;

    [StructLayout(LayoutKind.Sequential)]
    internal struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    /// <summary>A pipe whose ends no child inherits and neither of which takes the place of a standard stream.</summary>
    internal static (int Read, int Write) CreatePipe()
    {
        int* ends = stackalloc int[2];
        if (Pipe2(ends, OpenCloseOnExec) != 0)
        {
            throw Failure("pipe2");
        }

        return (AboveStandard(ends[0]), AboveStandard(ends[1]));
    }

    internal static int OpenNull(bool forWriting) => AboveStandard(
        OpenFile("/dev/null", (forWriting ? 1 : 0) | OpenCloseOnExec, 0) is >= 0 and var descriptor
            ? descriptor
            : throw Failure("open /dev/null"));

    /// <summary>
    /// Opens a file to append to, empty when <paramref name="truncate"/>; only its owner can read it. A link is not followed.
    /// </summary>
    internal static int OpenAppend(string path, bool truncate)
    {
        const int writeCreateAppend = 1 | 0x40 | 0x400;
        const int truncateFlag = 0x200;
        int noFollow = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x8000 : 0x20000;
        int descriptor = OpenFile(path, writeCreateAppend | noFollow | OpenCloseOnExec | (truncate ? truncateFlag : 0), 0x180);
        return descriptor >= 0 ? AboveStandard(descriptor) : throw Failure($"open {path}");
    }

    internal static void SetNonBlocking(int descriptor) =>
        _ = FileControl(descriptor, SetStatusFlags, FileControl(descriptor, GetStatusFlags, 0) | OpenNonBlocking);

    /// <summary>A descriptor that becomes readable when the child exits, or -1 where the kernel has none (before 5.3).</summary>
    internal static int OpenPidfd(int pid) => (int)SystemCall(PidfdOpen, pid, 0, 0, 0);

    internal static bool SendSignalByPidfd(int pidfd, int signal) => SystemCall(PidfdSendSignal, pidfd, signal, 0, 0) == 0;

    /// <summary>Waits until the child has exited and leaves it to be reaped.</summary>
    internal static void WaitWithoutReaping(int pid)
    {
        byte* information = stackalloc byte[128];
        while (WaitId(WaitByPid, pid, information, WaitExited | WaitLeaveWaitable) != 0
            && Marshal.GetLastPInvokeError() == ErrorInterrupted)
        {
        }
    }

    /// <summary>Makes this process adopt the orphans among its descendants (prctl PR_SET_CHILD_SUBREAPER).</summary>
    internal static void BecomeSubreaper()
    {
        if (ProcessControl(SetSubreaper, 1, 0, 0, 0) != 0)
        {
            throw Failure("prctl(PR_SET_CHILD_SUBREAPER)");
        }
    }

    /// <summary>
    /// Makes exited children wait to be reaped: a parent that ignores SIGCHLD passes that on, and exit codes would be lost.
    /// </summary>
    internal static void KeepExitedChildren()
    {
        const int signalChild = 17;
        byte* action = stackalloc byte[256];
        new Span<byte>(action, 256).Clear();
        if (SignalAction(signalChild, null, action) == 0 && *(nint*)action == 1)
        {
            _ = SetSignal(signalChild, 0);
        }
    }

    internal static IOException Failure(string call)
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException($"{call} failed: {Marshal.GetPInvokeErrorMessage(error)} (errno {error}).");
    }

    private static int AboveStandard(int descriptor)
    {
        if (descriptor > 2)
        {
            return descriptor;
        }

        int moved = FileControl(descriptor, DuplicateCloseOnExec, 3);
        _ = Close(descriptor);
        return moved >= 0 ? moved : throw Failure("fcntl(F_DUPFD_CLOEXEC)");
    }

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    private static partial int Pipe2(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FileControl(int descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    internal static partial nint Read(int descriptor, byte* buffer, nint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    internal static partial nint Write(int descriptor, byte* buffer, nint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    internal static partial int Poll(PollEntry* entries, nuint count, int timeout);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    internal static partial int CreateEvent(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int SyncAll(int descriptor);

    /// <summary>Makes the names in a folder durable.</summary>
    internal static void SyncFolder(string path)
    {
        const int directory = 0x10000;
        int descriptor = OpenFile(path, directory | OpenCloseOnExec, 0);
        if (descriptor < 0)
        {
            throw Failure($"open {path}");
        }

        try
        {
            if (SyncAll(descriptor) != 0)
            {
                throw Failure($"fsync {path}");
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    internal static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    internal static partial int WaitPid(int pid, out int status, int options);

    [LibraryImport("libc", EntryPoint = "getppid")]
    internal static partial int GetParentPid();

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    private static partial int WaitId(int kind, int id, byte* information, int options);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int ProcessControl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long SystemCall(long number, long a, long b, long c, long d);

    [LibraryImport("libc", EntryPoint = "sigaction", SetLastError = true)]
    private static partial int SignalAction(int signal, byte* action, byte* previous);

    [LibraryImport("libc", EntryPoint = "signal", SetLastError = true)]
    private static partial nint SetSignal(int signal, nint handler);
}
