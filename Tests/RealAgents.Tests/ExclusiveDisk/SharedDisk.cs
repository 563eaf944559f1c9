using System.Collections.Immutable;
using System.Globalization;
using ClusterTools.Agents;
using ClusterTools.Core.Configuration;

namespace ClusterTools.RealAgents.Tests.ExclusiveDisk;

/// <summary>
/// A disk that several nodes reach (a loop device over a file) with sfex's locks on it, and what a node needs to take one.
/// </summary>
internal sealed class SharedDisk : IAsyncDisposable
{
    public const string Agent = "ocf:heartbeat:sfex";

    /// <summary>Seconds of silence after which the holder of a lock counts as dead.</summary>
    public const int LockTimeout = 6;

    /// <summary>Seconds that who has written its name waits for others who did.</summary>
    public const int CollisionTimeout = 1;

    private const string Daemon = "/usr/libexec/heartbeat/sfex_daemon";

    private readonly Workshop workshop;

    private SharedDisk(Workshop workshop, string device)
    {
        this.workshop = workshop;
        Device = device;
    }

    /// <summary>The block device.</summary>
    public string Device { get; }

    /// <summary>The agent's parameters, the same on every node.</summary>
    public ImmutableSortedDictionary<string, string> Parameters => ClusterConfiguration.Sorted<string>()
        .Add("device", Device)
        .Add("lock_timeout", LockTimeout.ToString(CultureInfo.InvariantCulture))
        .Add("collision_timeout", CollisionTimeout.ToString(CultureInfo.InvariantCulture))
        .Add("monitor_interval", "1");

    /// <summary>What scripts of a node find in their environment.</summary>
    public ImmutableSortedDictionary<string, string> Environment => ClusterConfiguration.Sorted<string>().Add("WORKSHOP", workshop.Path);

    /// <summary>What a node does at boot, so that sfex_daemon resets it and not the machine of the tests.</summary>
    public string Boot => $"mount --bind {workshop["sfex_daemon.sh"]} {Daemon}";

    public static async Task RequireAsync(params string[] programs)
    {
        await Premises.RequireAsync("sfex", [Daemon, "sfex_init", "sfex_stat", "losetup", "pgrep", "bash", .. programs]);
        ProcessOutcome outcome = await Shell.TryAsync("losetup --find");
        Assert.SkipUnless(
            outcome.ExitCode == 0, $"{Agent} IS NOT TESTED WITH THE REAL AGENT: there is no loop device here ({outcome.Output.Trim()}).");
    }

    /// <summary>Makes the disk, with two locks that nobody holds.</summary>
    /// <param name="workshop">Where its content is kept.</param>
    /// <param name="name">Of the file.</param>
    public static async Task<SharedDisk> CreateAsync(Workshop workshop, string name = "disk")
    {
        workshop.Folder("reset");
        await Shell.RunAsync($"cp {Daemon} {workshop["sfex_daemon"]}");
        foreach (string script in (string[])["sfex_daemon.sh", "disk-node.sh", "notes.sh"])
        {
            File.Copy(Path.Combine(AppContext.BaseDirectory, script), workshop[script]);
            await Shell.RunAsync($"chmod 755 {workshop[script]}");
        }

        string device = await Shell.RunAsync($"truncate -s 1M {workshop[name]} && losetup --find --show {workshop[name]}");
        await Shell.RunAsync($"sfex_init -n 2 {device} || {{ losetup --detach {device}; exit 1; }}");
        return new SharedDisk(workshop, device);
    }

    /// <summary>Boots a node that reaches the disk.</summary>
    public Task<Machine> StartNodeAsync(string name) => Machine.StartAsync(workshop, name, Boot, Environment);

    /// <summary>What sfex_daemon of a node wrote to the kernel's reset key; null: it never ran there.</summary>
    public string? ResetKey(string node) => File.Exists(workshop[$"reset/{node}"]) ? File.ReadAllText(workshop[$"reset/{node}"]) : null;

    /// <summary>Who holds the first lock as the disk has it, whether he lives or not; null: nobody.</summary>
    public async Task<string?> HolderAsync()
    {
        ProcessOutcome outcome = await Shell.TryAsync($"sfex_stat {Device}");
        // 0: the node that asks holds it; 2: it does not.
        Assert.True(outcome.ExitCode is 0 or 2, outcome.Output);
        return outcome.Output.Contains("status: lock", StringComparison.Ordinal)
            ? outcome.Output.Split('\n').Single(static line => line.Contains("nodename:", StringComparison.Ordinal)).Split(':')[1].Trim()
            : null;
    }

    /// <summary>Lets go of the loop device; what is left after that is an error.</summary>
    public async ValueTask DisposeAsync()
    {
        await Shell.RunAsync($"losetup --detach {Device}");
        await Shell.UntilAsync(
            () => workshop.Users().Length == 0, () => $"everything of the disk's nodes is gone: {string.Join(", ", workshop.Users())}");
    }
}
