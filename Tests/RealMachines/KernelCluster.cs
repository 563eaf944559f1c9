using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using ClusterTools.Api;
using ClusterTools.Client;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Engines.Corosync.Settings;
using ClusterTools.Lab;
using ClusterTools.Node;
using ClientContexts = ClusterTools.Contract.ClientContexts;

namespace ClusterTools.RealMachines.Tests;

/// <summary>Three machines with kernels of their own that are a cluster, and a group that writes down where it runs.</summary>
internal sealed class KernelCluster : IAsyncDisposable
{
    public const string Group = "web";

    private readonly Workshop workshop;
    private readonly CancellationTokenSource ending = new();
    private readonly Dictionary<string, KernelMachine> machines = [];
    private readonly Dictionary<string, int> apis = [];
    private Task switching = Task.CompletedTask;

    private KernelCluster(Workshop workshop) => this.workshop = workshop;

    public static IReadOnlyList<string> Names { get; } = ["n1", "n2", "n3"];

    public KernelMachine this[string name] => machines[name];

    /// <summary>The context of its administrator.</summary>
    public string Context => workshop[Path.Combine("admin", "context.json")];

    private static FenceDevice Switch { get; } = new()
    {
        Name = "switch", Agent = "fence_switch",
        Parameters = ClusterConfiguration.Sorted<string>().Add("switch", "/run/shared/switch"),
    };

    private string SwitchFolder => workshop.Folder(Path.Combine("shared", "switch"));

    /// <summary>All machines come up. Skips the test where there can be no such machines.</summary>
    /// <param name="workshop">Where all of it is kept.</param>
    /// <param name="watchdog">What they have instead of a power switch that others can use.</param>
    public static async Task<KernelCluster> StartAsync(Workshop workshop, WatchdogSettings? watchdog = null)
    {
        Assert.SkipUnless(
            MachineKernel.Obstacle is null, $"MACHINES WITH KERNELS OF THEIR OWN ARE NOT TESTED: {MachineKernel.Obstacle}.");
        var cluster = new KernelCluster(workshop);
        try
        {
            await cluster.BeginAsync(watchdog);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>How much a machine's journal says now.</summary>
    public int Mark(string name) => machines[name].Journal.Read().Count;

    /// <summary>What a machine's journal says after a mark.</summary>
    public IReadOnlyList<JournalEntry> Journal(string name, int after) => [.. machines[name].Journal.Read().Skip(after)];

    /// <summary>Waits until a machine's journal says something.</summary>
    public async Task<JournalEntry> SaysAsync(string name, int after, Func<JournalEntry, bool> fits)
    {
        JournalEntry? entry = await machines[name].Journal.WaitForAsync(after, fits, TimeSpan.FromMinutes(4), Shell.Cancel);
        if (entry is null)
        {
            string all = string.Join('\n', Names.Select(n => $"{machines[n].LastWords()}\n"
                + string.Join('\n', machines[n].Journal.Read().TakeLast(25).Select(e => $"{e.Kind}: {e.Message}"))));
            Assert.Fail($"The journal of {name} did not say it.\n{all}");
        }

        return entry;
    }

    /// <summary>Where the group runs first, once all journals say so: what comes after that is about the fault.</summary>
    public async Task<string> FirstOwnerAsync()
    {
        JournalEntry[] said = await Task.WhenAll(Names.Select(name => SaysAsync(name, 0, IsStarted)));
        return Assert.Single(said.Select(e => e.Node).Distinct())!;
    }

    public static bool IsStarted(JournalEntry entry) => entry.Kind == "group.started" && entry.Group == Group;

    /// <summary>Who has run the group, in turn: a name twice means that two ran it at once, or that it came back.</summary>
    public string[] Writers()
    {
        string[] lines = File.ReadAllLines(workshop[Path.Combine("shared", "writers")]);
        return [.. lines.Where((line, at) => at == 0 || lines[at - 1] != line)];
    }

    /// <summary>A machine's power is cut.</summary>
    public async Task CutPowerAsync(string name)
    {
        await machines[name].SwitchOffAsync();
        await File.WriteAllTextAsync(Path.Combine(SwitchFolder, name + ".is-off"), "", Shell.Cancel);
    }

    /// <summary>A machine is switched on again with what is on its disk.</summary>
    public async Task BootAsync(string name)
    {
        File.Delete(Path.Combine(SwitchFolder, name + ".is-off"));
        await machines[name].BootAsync();
    }

    public bool IsSwitchedOff(string name) => File.Exists(Path.Combine(SwitchFolder, name + ".is-off"));

    /// <summary>A client of the machines' API.</summary>
    public ClusterClient NewClient() => ClusterClient.FromContext(Context, null, WireJson.Default);

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await switching;
        ending.Dispose();
        await Task.WhenAll(machines.Values.Select(m => m.DisposeAsync().AsTask()));
    }

    private async Task BeginAsync(WatchdogSettings? watchdog)
    {
        MachineKernel kernel = await MachineKernel.PrepareAsync(workshop);
        int network = FreePort();
        ClusterConfiguration configuration = Configuration(watchdog is null ? Switch : Dog(watchdog));
        foreach ((string name, int at) in Names.Select((name, at) => (name, at)))
        {
            apis[name] = FreePort();
            machines[name] = new KernelMachine(kernel, workshop, name, at + 1, network, apis[name]);
        }

        new ClusterInitialization
        {
            Configuration = configuration,
            AdministratorFolder = workshop["admin"],
            Corosync = new CorosyncSettings
            {
                ClusterName = configuration.Name,
                Timing = new CorosyncTiming { Token = configuration.Timing.Token, TokenCoefficient = 0 },
                Nodes =
                [
                    .. Names.Select((name, at) => new CorosyncNode { Name = name, Id = at + 1, Addresses = [machines[name].Address] }),
                ],
                LogToSyslog = false,
                LogFile = null,
            },
            Nodes =
            [
                .. Names.Select(name => new NewNode(
                    State(name),
                    new NodeSettings
                    {
                        Node = name,
                        Cluster = configuration.Name,
                        Engine = NodeEngine.Corosync,
                        EngineFolder = "engine",
                        Token = configuration.Timing.Token,
                        Listen = ["https://0.0.0.0:7450"],
                        Watchdog = watchdog,
                    },
                    [machines[name].Address, "127.0.0.1"])),
            ],
        }.Write();
        // The machines are reached through this machine's loopback, and not by the addresses that they have among themselves.
        ClientContexts contexts = ContextFile.Read(Context, WireJson.Default);
        Assert.Single(contexts.Contexts).Servers = [.. Names.Select(name => $"https://127.0.0.1:{apis[name]}")];
        ContextFile.Write(Context, contexts, WireJson.Default);
        switching = SwitchAsync();
        await Task.WhenAll(Names.Select(name => machines[name].MakeDiskAsync(workshop[Path.Combine("content", name)])));
        await Task.WhenAll(Names.Select(name => machines[name].BootAsync()));
    }

    private string State(string name) => workshop[Path.Combine("content", name, "state")];

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Cuts the power of whatever machine a fence agent asks for, and says so when it is cut.</summary>
    private async Task SwitchAsync()
    {
        while (!ending.IsCancellationRequested)
        {
            foreach (string asked in Directory.EnumerateFiles(SwitchFolder, "*.off"))
            {
                string name = Path.GetFileNameWithoutExtension(asked);
                if (!IsSwitchedOff(name))
                {
                    await machines[name].SwitchOffAsync();
                    await File.WriteAllTextAsync(Path.Combine(SwitchFolder, name + ".is-off"), "", CancellationToken.None);
                }

                File.Delete(asked);
            }

            await Task.WhenAny(Task.Delay(TimeSpan.FromMilliseconds(20), ending.Token));
        }
    }

    private static FenceDevice Dog(WatchdogSettings watchdog) => new()
    {
        Name = "dog", Agent = WatchdogDevice.Agent,
        Parameters = ClusterConfiguration.Sorted<string>().Add("timeout", watchdog.Timeout.TrimEnd('s')),
    };

    private static ClusterConfiguration Configuration(FenceDevice device) => new()
    {
        Name = "kernels",
        Timing = new ClusterTiming { Token = 2000, PostJoinDelay = 120_000, QuorumLossDeadline = 10_000 },
        FenceDevices = ClusterConfiguration.Sorted<FenceDevice>().Add(device.Name, device),
        Nodes = Names.Select((name, at) => new NodeConfiguration
        {
            Name = name, Id = at + 1,
            FenceMethods =
            [
                new FenceMethod
                {
                    Name = "off",
                    Steps =
                    [
                        new FenceStep
                        {
                            Device = device.Name,
                            Parameters = device == Switch ? ClusterConfiguration.Sorted<string>().Add("plug", name)
                                : ClusterConfiguration.Sorted<string>(),
                        },
                    ],
                },
            ],
        }).ToImmutableSortedDictionary(static n => n.Name, static n => n, StringComparer.Ordinal),
        Groups = ClusterConfiguration.Sorted<GroupConfiguration>().Add(Group, new GroupConfiguration
        {
            Name = Group,
            Resources =
            [
                new ResourceConfiguration
                {
                    Id = "script:witness", Type = "script", Agent = $"lsb:{Path.Combine(AppContext.BaseDirectory, "witness.sh")}",
                    StopTimeout = 600_000,
                },
            ],
        }),
    };
}
