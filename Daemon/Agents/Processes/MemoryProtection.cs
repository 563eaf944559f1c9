using System.Globalization;

namespace ClusterTools.Agents;

/// <summary>
/// The kernel's choice when memory runs out (proc(5), oom_score_adj). The daemon's unit protects the daemon, and its children inherit that;
/// a service that leaks must be chosen like any other program, or all else on the machine would go before it.
/// </summary>
internal static class MemoryProtection
{
    private static readonly Lazy<bool> Inherited = new(() => Read("/proc/self/oom_score_adj") < 0);

    /// <summary>Takes the protection from a child that was just started, before it starts others.</summary>
    public static void Lift(int pid)
    {
        if (!Inherited.Value)
        {
            return;
        }

        try
        {
            File.WriteAllText($"/proc/{pid}/oom_score_adj", "0");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended already, or has become another user's: protected too well, no worse.
        }
    }

    private static int Read(string file)
    {
        try
        {
            return int.Parse(
                File.ReadAllText(file), NumberStyles.AllowLeadingSign | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return 0;
        }
    }
}
