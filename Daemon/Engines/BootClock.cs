using System.Runtime.InteropServices;

namespace ClusterTools.Engines;

/// <summary>Milliseconds since boot that go on while the machine sleeps (CLOCK_BOOTTIME); the one clock for safety deadlines.</summary>
public static partial class BootClock
{
    private const int ClockBoottime = 7;

    /// <summary>Now, in milliseconds.</summary>
    public static long Now
    {
        get
        {
            if (!OperatingSystem.IsLinux())
            {
                // GetTickCount64, which counts sleep on Windows.
                return Environment.TickCount64;
            }

            return ClockGetTime(ClockBoottime, out Timespec time) == 0
                ? time.Seconds * 1000 + time.Nanoseconds / 1_000_000
                : throw new InvalidOperationException("clock_gettime(CLOCK_BOOTTIME) failed.");
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, out Timespec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
