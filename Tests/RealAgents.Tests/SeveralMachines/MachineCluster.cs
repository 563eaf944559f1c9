using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Engines.Tests.Corosync.Network;
using ClusterTools.Lab;

namespace ClusterTools.RealAgents.Tests.SeveralMachines;

/// <summary>
/// A cluster of machines, each in namespaces of its own with a corosync and a clusterd, on a network that can be cut. What a machine has on
/// its disk outlives its power; what it runs, and what it has in memory, does not.
/// </summary>
/// <param name="workshop">Where all of it is kept.</param>
/// <param name="machines">Their names; null: <see cref="Names"/>.</param>
/// <param name="losesUnsynced">
/// With the power of a machine all is lost that it had not synced, too; its journal is then read anew at each boot.
/// </param>
internal sealed class MachineCluster(Workshop workshop, IReadOnlyList<string>? machines = null, bool losesUnsynced = false)
    : IAsyncDisposable
{
    private const string StateOnDisk = "clusterd";

    private readonly CorosyncNetwork network = new(machines ?? Names, isWhole: true)
    {
        Programs = Path.Combine(AppContext.BaseDirectory, "machine-sbin"), HasDisks = losesUnsynced,
    };

    private PowerSwitch? power;
    private readonly Dictionary<string, Process> daemons = [];
    private readonly ConcurrentDictionary<string, JournalTail> journals = [];

    /// <summary>What a machine starts before its daemon, each time that it boots; null: nothing.</summary>
    public Func<string, Task>? BeforeDaemon { get; init; }

    public static IReadOnlyList<string> Names { get; } = ["n1", "n2", "n3"];

    /// <summary>Those of this cluster.</summary>
    public IReadOnlyList<string> Machines { get; } = machines ?? Names;

    /// <summary>The power switch of all machines, as a fence device.</summary>
    public FenceDevice Switch => SwitchFencing.Device("fence_switch", SwitchFolder);

    /// <summary>Through which agents ask the switch.</summary>
    public string SwitchFolder => workshop.Folder("switch");

    /// <summary>The machines as nodes, each with a plug of a switch.</summary>
    /// <param name="names">Of the machines.</param>
    /// <param name="power">The switch; null: nothing can cut their power.</param>
    public static ImmutableSortedDictionary<string, NodeConfiguration> Nodes(IEnumerable<string> names, FenceDevice? power) =>
        Nodes(names, name => power is null ? [] : [SwitchFencing.Plug(power, name)]);

    /// <summary>The machines as nodes.</summary>
    /// <param name="names">Of the machines.</param>
    /// <param name="methods">How a machine is fenced.</param>
    public static ImmutableSortedDictionary<string, NodeConfiguration> Nodes(
        IEnumerable<string> names, Func<string, ImmutableArray<FenceMethod>> methods) =>
        names.Select((name, at) => new NodeConfiguration { Name = name, Id = at + 1, FenceMethods = methods(name) })
            .ToImmutableSortedDictionary(static n => n.Name, static n => n, StringComparer.Ordinal);

    /// <summary>All machines come up with this configuration.</summary>
    public async Task StartAsync(ClusterConfiguration configuration)
    {
        power = new PowerSwitch(network, SwitchFolder, EndedAsync) { Boots = BootAsync };
        DaemonMachines.Write(
            network, Machines, configuration, AdministratorFolder,
            name => losesUnsynced ? Path.Combine(network.Disk(name), StateOnDisk) : State(name));
        await network.InitializeAsync();
        foreach (string name in Machines)
        {
            journals[name] = new JournalTail(SeenState(name));
            await (BeforeDaemon?.Invoke(name) ?? Task.CompletedTask);
            StartDaemon(name);
        }
    }

    /// <summary>A machine's power is cut, and its cable with it.</summary>
    public Task CutPowerAsync(string name) => power!.CutAsync(name);

    /// <summary>A machine comes up again with what is on its disk.</summary>
    public Task BootAsync(string name) => power!.BootAsync(name, async () =>
    {
        if (losesUnsynced)
        {
            journals[name] = new JournalTail(SeenState(name));
        }

        await (BeforeDaemon?.Invoke(name) ?? Task.CompletedTask);
        StartDaemon(name);
    });

    /// <summary>A machine's cable is pulled.</summary>
    public Task CutOffAsync(string name) => network.CutAsync([.. Machines.Where(n => n != name)], [name]);

    /// <summary>From now on only the machines of one side reach each other.</summary>
    public Task SplitAsync(params string[][] sides) => network.CutAsync(sides);

    /// <summary>What one machine sends to another is lost; what that one answers is not.</summary>
    public Task LoseAsync(string from, string to) => network.LoseAsync(from, to);

    /// <summary>All reach each other.</summary>
    public async Task HealAsync()
    {
        await network.CutAsync();
        await network.LoseNothingAsync();
    }

    /// <summary>A word for a machine's corosync: stop, continue, end or start.</summary>
    public Task CorosyncAsync(string name, string word) => network.DoAsync(name, word);

    /// <summary>A signal for a machine's daemon.</summary>
    public async Task SignalDaemonAsync(string name, string signal)
    {
        await RunAsync(name, $"pkill -{signal} -f 'run --state'");
        if (signal != "STOP")
        {
            await network.ContinueAsync(name);
        }
    }

    /// <summary>A machine gets no processor: all of its processes stand still.</summary>
    public Task StallAsync(string name) => RunAsync(name, "kill -STOP -1");

    /// <summary>It goes on where it stood.</summary>
    public async Task WakeAsync(string name)
    {
        await RunAsync(name, "kill -CONT -1");
        await network.ContinueAsync(name);
    }

    /// <summary>Whether a machine's daemon runs, or is stopped and can go on.</summary>
    public bool HasDaemon(string name) => daemons.TryGetValue(name, out Process? daemon) && !daemon.HasExited;

    /// <summary>Starts a machine's daemon again.</summary>
    public async Task RestartDaemonAsync(string name)
    {
        await EndedAsync(name);
        StartDaemon(name);
    }

    /// <summary>How much a machine's journal says now.</summary>
    public int Mark(string name) => journals[name].Read().Count;

    /// <summary>What a machine's journal says after a mark.</summary>
    public IReadOnlyList<JournalEntry> Journal(string name, int after) => [.. journals[name].Read().Skip(after)];

    /// <summary>Waits until a machine's journal says something.</summary>
    public async Task<JournalEntry> SaysAsync(string name, int after, Func<JournalEntry, bool> fits)
    {
        JournalEntry? entry = await journals[name].WaitForAsync(after, fits, Shell.Limit, Shell.Cancel);
        Assert.True(entry is not null, $"The journal of {name} did not say it.\n{LastWords()}");
        return entry;
    }

    /// <summary>Where a group is started first, once all journals say so: what comes after that is about the fault.</summary>
    public async Task<string> FirstOwnerAsync(string group)
    {
        JournalEntry[] said = await Task.WhenAll(
            Machines.Select(name => SaysAsync(name, 0, e => e.Kind == "group.started" && e.Group == group)));
        return Assert.Single(said.Select(e => e.Node).Distinct())!;
    }

    public bool IsOn(string name) => power!.IsOn(name);

    /// <summary>Whether a machine takes part, by what all that are on said of it last.</summary>
    public bool IsOnline(string name) => Machines.Where(IsOn).All(m => Read(m)
        .LastOrDefault(e => e.Node == name && e.Kind is ("node.online" or "node.lost"))?.Kind == "node.online");

    /// <summary>A program beside the machines, on the network that joins them.</summary>
    public ProcessStartInfo Outside(params string[] command) => network.Outside(command);

    /// <summary>What the administrator has.</summary>
    public string AdministratorFolder => workshop["admin"];

    public string Address(string name) => network.Address(name);

    /// <summary>Another card of a machine that is on, joined to a bridge of the network beside the machines.</summary>
    public Task PlugInAsync(string name, string card, string address, string cable, string bridge) =>
        network.PlugInAsync(name, card, address, cable, bridge);

    /// <summary>The thread that calls this belongs to the network beside the machines from now on.</summary>
    public void EnterOutside() => network.EnterOutside();

    /// <summary>A machine's state folder, as the machine sees it.</summary>
    public string State(string name) => losesUnsynced ? $"/var/lib/{StateOnDisk}" : workshop[Path.Combine("state", name)];

    /// <summary>What a machine's daemon says.</summary>
    public string Log(string name) => workshop[$"{name}.log"];

    /// <summary>Runs a script on a machine.</summary>
    public async Task<string> RunAsync(string name, string script) =>
        (await Shell.TryAsync(network.On(name, "/bin/sh", "-c", script))).Output.Trim();

    public async ValueTask DisposeAsync()
    {
        if (power is not null)
        {
            await power.DisposeAsync();
        }

        await network.DisposeAsync();
        foreach (string name in daemons.Keys.ToArray())
        {
            await EndedAsync(name);
        }
    }

    private IReadOnlyList<JournalEntry> Read(string name)
    {
        try
        {
            return journals[name].Read();
        }
        catch (IOException) when (losesUnsynced)
        {
            // Its power is cut at this moment, and its disk is gone.
            return journals[name].Entries;
        }
    }

    private string SeenState(string name) => losesUnsynced ? network.Root(name) + State(name) : State(name);

    private void StartDaemon(string name)
    {
        daemons[name] = Process.Start(DaemonMachines.Run(network, name, Premises.Clusterd, State(name), Log(name)))!;
    }

    private async Task EndedAsync(string name)
    {
        if (daemons.Remove(name, out Process? daemon))
        {
            await daemon.WaitForExitAsync(CancellationToken.None).WaitAsync(Shell.Limit, CancellationToken.None);
            daemon.Dispose();
        }
    }

    /// <summary>What the daemons said last.</summary>
    public string LastWords() => string.Join('\n', Machines.Select(name => !File.Exists(Log(name)) ? $"--- {name}: no log"
        : $"--- {name}\n{string.Join('\n', File.ReadLines(Log(name)).TakeLast(25))}"));
}
