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
using ClusterTools.RealAgents.Tests.SeveralMachines;
using ClientContexts = ClusterTools.Contract.ClientContexts;

namespace ClusterTools.RealMachines.Tests;

/// <summary>Machines with kernels of their own that are a cluster, and a group that writes down where it runs.</summary>
internal sealed class KernelCluster : IAsyncDisposable
{
    public const string Name = "kernels";
    public const string Group = "web";

    /// <summary>Hang guard: machines that are computed beside other work take minutes for what others do in seconds.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private readonly Workshop workshop;
    private readonly CancellationTokenSource ending = new();
    private readonly Dictionary<string, KernelMachine> machines = [];
    private readonly Dictionary<string, int> apis = [];
    private Task switching = Task.CompletedTask;

    private readonly KernelPlan plan;

    private KernelCluster(Workshop workshop, KernelPlan plan)
    {
        this.workshop = workshop;
        this.plan = plan;
    }

    public IReadOnlyList<string> Names => plan.Names;

    public KernelMachine this[string name] => machines[name];

    private static FenceDevice Switch { get; } = new()
    {
        Name = "switch", Agent = "fence_switch",
        Parameters = ClusterConfiguration.Sorted<string>().Add("switch", "/run/shared/switch"),
    };

    private string SwitchFolder => workshop.Folder(Path.Combine("shared", "switch"));

    /// <summary>All machines come up. Skips the test where there can be no such machines.</summary>
    /// <param name="workshop">Where all of it is kept.</param>
    /// <param name="plan">What they are; null: three, with a power switch.</param>
    public static async Task<KernelCluster> StartAsync(Workshop workshop, KernelPlan? plan = null)
    {
        Assert.SkipUnless(
            MachineKernel.Obstacle is null, $"MACHINES WITH KERNELS OF THEIR OWN ARE NOT TESTED: {MachineKernel.Obstacle}.");
        var cluster = new KernelCluster(workshop, plan ?? new KernelPlan());
        try
        {
            await cluster.BeginAsync();
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
        JournalEntry? entry = await machines[name].Journal.WaitForAsync(after, fits, Limit, Shell.Cancel);
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

    /// <summary>These have run the group, in turn: a name twice means that two ran it at once, or that it came back.</summary>
    public async Task AssertWritersAsync(params string[] expected)
    {
        // Who is started takes a moment to its first line.
        await Shell.UntilAsync(
            () => Writers().Length >= expected.Length, () => $"{expected[^1]} writes after {string.Join(", ", Writers())}");
        Assert.Equal(expected, Writers());
    }

    /// <summary>A machine's power is cut.</summary>
    public async Task CutPowerAsync(string name)
    {
        await machines[name].SwitchOffAsync();
        await File.WriteAllTextAsync(Path.Combine(SwitchFolder, name + ".is-off"), "", CancellationToken.None);
    }

    /// <summary>A machine is switched on again with what is on its disk.</summary>
    public async Task BootAsync(string name)
    {
        File.Delete(Path.Combine(SwitchFolder, name + ".is-off"));
        await machines[name].BootAsync();
    }

    public bool IsSwitchedOff(string name) => File.Exists(Path.Combine(SwitchFolder, name + ".is-off"));

    /// <summary>A client of the machines' API.</summary>
    /// <param name="only">Asks this machine alone; null: whichever answers.</param>
    public ClusterClient NewClient(string? only = null) =>
        ClusterClient.FromContext(workshop[Path.Combine("admin", only is null ? "context.json" : $"{only}.json")], null, WireJson.Default);

    /// <summary>Waits until a machine that is asked says of the cluster that it is so.</summary>
    public async Task UntilAsync(Func<Contract.ClusterStatus, bool> truth)
    {
        using ClusterClient client = NewClient();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Shell.Cancel);
        limit.CancelAfter(Limit);
        while (!truth(await client.GetClusterAsync(limit.Token)))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), limit.Token);
        }
    }

    /// <summary>
    /// Waits until a machine has all that was committed before now: it has changed something itself. Before it is in a view again it tells
    /// what it knew last, which may be less.
    /// </summary>
    public async Task CaughtUpAsync(string name)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Shell.Cancel);
        limit.CancelAfter(Limit);
        while (true)
        {
            try
            {
                await ChangeSomethingAsync(name);
                return;
            }
            catch (Exception e) when (e is ClusterApiException or ClusterUnreachableException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), limit.Token);
            }
        }
    }

    /// <summary>Makes a change that does nothing to the group.</summary>
    /// <param name="only">Asks this machine alone; null: whichever answers.</param>
    public Task ChangeSomethingAsync(string? only = null) =>
        ChangeAsync(static c => c with { Timing = c.Timing with { RetryDelay = c.Timing.RetryDelay + 1 } }, only);

    /// <summary>Changes the configuration, and waits until what that touches is at rest.</summary>
    /// <param name="change">What becomes of it.</param>
    /// <param name="only">Asks this machine alone; null: whichever answers.</param>
    public async Task ChangeAsync(Func<ClusterConfiguration, ClusterConfiguration> change, string? only = null)
    {
        using ClusterClient client = NewClient(only);
        (string json, long version) = await client.GetConfigurationAsync(Shell.Cancel);
        await DoneAsync(client, await client.PutConfigurationAsync(
            AskedChanges.Write(change(AskedChanges.Read(json))), version, "a change", Shell.Cancel));
    }

    /// <summary>Moves the group, and waits until it runs there.</summary>
    public async Task RelocateAsync(string node)
    {
        using ClusterClient client = NewClient();
        await DoneAsync(
            client, await client.GroupAsync(Group, "relocate", new Contract.GroupOperationRequest { Node = node }, Shell.Cancel));
    }

    private static async Task DoneAsync(ClusterClient client, Contract.Operation operation)
    {
        operation = await client.WaitForOperationAsync(operation.Id, Shell.Cancel);
        Assert.True(operation.Phase == Contract.OperationPhase.Succeeded, operation.Message);
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await switching;
        ending.Dispose();
        await Task.WhenAll(machines.Values.Select(m => m.DisposeAsync().AsTask()));
    }

    private async Task BeginAsync()
    {
        MachineKernel kernel = await MachineKernel.PrepareAsync(workshop);
        int network = FreePort();
        ClusterConfiguration configuration = plan.Configure(Configuration(plan.Watchdog is { } watchdog ? Dog(watchdog) : Switch));
        foreach ((string name, int at) in Names.Select((name, at) => (name, at)))
        {
            apis[name] = FreePort();
            machines[name] = new KernelMachine(kernel, workshop, name, at + 1, network, apis[name], plan);
        }

        new ClusterInitialization
        {
            Configuration = configuration,
            AdministratorFolder = workshop["admin"],
            Corosync = new CorosyncSettings
            {
                ClusterName = configuration.Name,
                Timing = CorosyncTiming.Of(configuration.Timing.Token),
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
                        Watchdog = plan.Watchdog,
                    },
                    [machines[name].Address, "127.0.0.1"])),
            ],
        }.Write();
        // The machines are reached through this machine's loopback, and not by the addresses that they have among themselves.
        string context = workshop[Path.Combine("admin", "context.json")];
        foreach (string? only in Names.Prepend(null))
        {
            ClientContexts contexts = ContextFile.Read(context, WireJson.Default);
            Assert.Single(contexts.Contexts).Servers =
                [.. Names.Where(name => only is null || name == only).Select(name => $"https://127.0.0.1:{apis[name]}")];
            ContextFile.Write(only is null ? context : workshop[Path.Combine("admin", $"{only}.json")], contexts, WireJson.Default);
        }

        switching = SwitchAsync();
        foreach (string name in Names)
        {
            await File.WriteAllTextAsync(workshop[Path.Combine("content", name, "at-boot.sh")], plan.AtBoot + "\n", Shell.Cancel);
        }

        await Task.WhenAll(Names.Select(name => machines[name].MakeDiskAsync(workshop[Path.Combine("content", name)])));
        await Task.WhenAll(Names.Select(name => machines[name].BootAsync()));
    }

    private string[] Writers()
    {
        string writers = workshop[Path.Combine("shared", "writers")];
        string[] lines = File.Exists(writers) ? File.ReadAllLines(writers) : [];
        return [.. lines.Where((line, at) => at == 0 || lines[at - 1] != line)];
    }

    private string State(string name) => workshop[Path.Combine("content", name, "state")];

    /// <summary>A port of this machine's loopback that nobody has now.</summary>
    public static int FreePort()
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
                    await CutPowerAsync(name);
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

    private ClusterConfiguration Configuration(FenceDevice device) => new()
    {
        Name = Name,
        // A machine that is computed stands still for a second or two when this one has other things to do.
        Timing = new ClusterTiming
        {
            Token = 5000, PostJoinDelay = 120_000, FenceTimeout = 300_000, FlapLimit = 0,
            // A watchdog's word is waited for as long as that.
            QuorumLossDeadline = plan.Watchdog is null ? 60_000 : 10_000,
        },
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
