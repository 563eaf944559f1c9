using ClusterTools.Engines.Corosync.Native;

namespace ClusterTools.Engines.Corosync;

/// <summary>
/// Threads that the whole cluster waits for go before the machine's other work. What they start does not: agents and threads of the pool
/// are as they would be without.
/// </summary>
internal static class UrgentThread
{
    private const int Nice = -10;

    /// <summary>The calling thread is one from now on, if this process may do that.</summary>
    public static void Begin()
    {
        if (OperatingSystem.IsLinux() && LibC.SetScheduler(0, LibC.OtherAndResetOnFork, 0) == 0)
        {
            _ = LibC.SetNice(LibC.OneThread, 0, Nice);
        }
    }
}
