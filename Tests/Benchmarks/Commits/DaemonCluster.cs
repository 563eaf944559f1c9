using System.Collections.Immutable;
using System.Diagnostics;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Engines.Corosync.Settings;
using ClusterTools.Engines.Tests;
using ClusterTools.Engines.Tests.Corosync.Network;
using ClusterTools.Lab;
using ClusterTools.RealAgents.Tests.SeveralMachines;

namespace ClusterTools.Benchmarks.Commits;

/// <summary>Whole daemons on machines in namespaces, with a power switch.</summary>
internal sealed class DaemonCluster : IAsyncDisposable
{
    private const string Memory = "/dev/shm/state";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private readonly TemporaryFolder folder;
    private readonly bool isInMemory;
    private readonly ClusterConfiguration configuration;
    private readonly PowerSwitch power;
    private readonly Dictionary<string, Process> daemons = [];

    /// <summary>Machines that do not run yet.</summary>
    /// <param name="configuration">Of their cluster; each node is a machine, with a plug of the switch.</param>
    /// <param name="isInMemory">Their state is not on a disk.</param>
    /// <param name="folder">Where all of it is kept; goes with this.</param>
    /// <param name="times">Corosync's; null: those of the tests.</param>
    public DaemonCluster(ClusterConfiguration configuration, bool isInMemory, TemporaryFolder folder, CorosyncTiming? times = null)
    {
        times ??= CorosyncNetwork.Timing;
        this.folder = folder;
        this.isInMemory = isInMemory;
        string switchFolder = Directory.CreateDirectory(Path.Combine(folder.Path, "switch")).FullName;
        FenceDevice device = SwitchFencing.Device("fence_switch", switchFolder);
        this.configuration = configuration with
        {
            Timing = new ClusterTiming { Token = times.Token, PostJoinDelay = 60_000, FlapLimit = 0 },
            FenceDevices = ClusterConfiguration.Sorted<FenceDevice>().Add(device.Name, device),
            Nodes = configuration.Nodes.ToImmutableSortedDictionary(
                static n => n.Key, n => n.Value with { FenceMethods = [SwitchFencing.Plug(device, n.Key, FenceAction.Off)] },
                StringComparer.Ordinal),
        };
        Names = [.. this.configuration.Nodes.Keys];
        Network = new CorosyncNetwork(Names, isWhole: true)
        {
            Programs = Path.Combine(AppContext.BaseDirectory, "machine", "sbin"), Times = times,
        };
        power = new PowerSwitch(Network, switchFolder, EndedAsync);
    }

    public IReadOnlyList<string> Names { get; }

    public CorosyncNetwork Network { get; }

    public string Context => Path.Combine(Admin, "context.json");

    private string Admin => Path.Combine(folder.Path, "admin");

    /// <summary>Nodes of these names.</summary>
    public static ImmutableSortedDictionary<string, NodeConfiguration> Nodes(int count) =>
        Enumerable.Range(1, count).Select(static i => new NodeConfiguration { Name = $"n{i}", Id = i })
            .ToImmutableSortedDictionary(static n => n.Name, static n => n, StringComparer.Ordinal);

    /// <summary>All machines come up, and all groups are started.</summary>
    public async Task StartAsync(string program, CancellationToken cancel)
    {
        await Network.InitializeAsync().ConfigureAwait(false);
        DaemonMachines.Write(Network, Names, configuration, Admin, State);
        foreach (string name in Names)
        {
            daemons[name] = Process.Start(DaemonMachines.Run(
                Network, name, program, isInMemory ? Memory : OnDisk(name), Path.Combine(folder.Path, name + ".log")))!;
        }

        foreach (string name in Names)
        {
            await SaysAsync(0, e => e.Kind == "node.online" && e.Node == name, $"{name} is online", cancel).ConfigureAwait(false);
        }

        await AllStartedAsync(0, cancel).ConfigureAwait(false);
    }

    /// <summary>A machine's power is cut.</summary>
    public Task CutPowerAsync(string name) => power.CutAsync(name);

    /// <summary>How much the first machine's journal says now.</summary>
    public int Mark() => Journal().Read().Count;

    /// <summary>What the first machine's journal says after a mark.</summary>
    public IEnumerable<JournalEntry> Said(int after) => Journal().Read().Skip(after);

    /// <summary>Waits until the first machine's journal says something.</summary>
    public async Task<JournalEntry> SaysAsync(int after, Func<JournalEntry, bool> fits, string what, CancellationToken cancel) =>
        await Journal().WaitForAsync(after, fits, Limit, cancel).ConfigureAwait(false)
            ?? throw new TimeoutException($"It did not come about that {what}: "
                + string.Join('\n', File.ReadLines(Path.Combine(folder.Path, Names[0] + ".log")).TakeLast(25)));

    /// <summary>Waits until the first machine's journal says of all groups that they are started.</summary>
    /// <returns>When the last one was, in milliseconds since 1970.</returns>
    public async Task<long> AllStartedAsync(int after, CancellationToken cancel)
    {
        var missing = configuration.Groups.Keys.ToHashSet();
        long last = 0;
        for (int seen = after; missing.Count > 0;)
        {
            await SaysAsync(
                seen, e => IsStart(e, missing), $"all groups are started, {missing.Count} of them", cancel).ConfigureAwait(false);
            IReadOnlyList<JournalEntry> all = Journal().Read();
            foreach (JournalEntry entry in all.Skip(seen).Where(e => IsStart(e, missing)))
            {
                missing.Remove(entry.Group!);
                last = Math.Max(last, entry.WallTime);
            }

            seen = all.Count;
        }

        return last;
    }

    public async ValueTask DisposeAsync()
    {
        await power.DisposeAsync().ConfigureAwait(false);
        await Network.DisposeAsync().ConfigureAwait(false);
        foreach (string name in daemons.Keys.ToArray())
        {
            await EndedAsync(name).ConfigureAwait(false);
        }

        folder.Dispose();
    }

    private static bool IsStart(JournalEntry entry, HashSet<string> groups) =>
        entry is { Kind: "group.started", Group: { } group } && groups.Contains(group);

    private JournalTail Journal() => new(State(Names[0]));

    private string OnDisk(string name) => Path.Combine(folder.Path, "state", name);

    private string State(string name) => isInMemory ? Network.Root(name) + Memory : OnDisk(name);

    private async Task EndedAsync(string name)
    {
        if (daemons.Remove(name, out Process? daemon))
        {
            await daemon.WaitForExitAsync(CancellationToken.None).WaitAsync(Limit, CancellationToken.None).ConfigureAwait(false);
            daemon.Dispose();
        }
    }
}
