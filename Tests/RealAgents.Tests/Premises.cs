using ClusterTools.Agents;

namespace ClusterTools.RealAgents.Tests;

/// <summary>What these tests need of the machine; where it is missing they are skipped, and say so.</summary>
internal static class Premises
{
    private static readonly Lazy<Task<string?>> namespaces = new(TryNamespacesAsync);

    /// <summary>Skips the test unless this process may make namespaces, and an OCF agent is installed.</summary>
    /// <param name="agent">Type of an agent of the package resource-agents.</param>
    /// <param name="programs">Programs that it needs, by path or name.</param>
    public static async Task RequireAsync(string agent, params string[] programs)
    {
        string about = $"ocf:heartbeat:{agent} IS NOT TESTED WITH THE REAL AGENT";
        Assert.SkipUnless(
            File.Exists($"{ResourceAgentOptions.UsualOcfRoot}/resource.d/heartbeat/{agent}"),
            $"{about}: it is not installed (package resource-agents).");
        string[] missing = [.. programs.Where(static p => Find(p) is null)];
        Assert.SkipUnless(missing.Length == 0, $"{about}: {string.Join(", ", missing)} not found on this machine.");
        if (await namespaces.Value is { } why)
        {
            Assert.Skip($"{about}: namespaces can not be made here ({why}). Run the tests as root.");
        }
    }

    /// <summary>The daemon's program: as laid out, else that of the tests' own output.</summary>
    public static string Clusterd { get; } = Environment.GetEnvironmentVariable("CLUSTERTOOLS_DAEMON") is { Length: > 0 } laidOut ? laidOut
        : Path.Combine(AppContext.BaseDirectory, "clusterd");

    /// <summary>A program's file; null: it is not there.</summary>
    public static string? Find(string program) => "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".Split(':')
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static async Task<string?> TryNamespacesAsync()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return "not root";
        }

        if (Find("unshare") is null || Find("nsenter") is null)
        {
            return "unshare and nsenter are not installed (package util-linux)";
        }

        ProcessOutcome outcome =
            await Shell.TryAsync(
                "unshare --mount --net --pid --ipc --uts --fork --kill-child --mount-proc sh -c 'mount -t tmpfs none /dev/shm'");
        return outcome.ExitCode == 0 ? null : outcome.Output.Trim();
    }
}
