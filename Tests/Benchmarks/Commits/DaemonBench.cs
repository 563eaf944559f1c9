using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using ClusterTools.Core.Configuration;
using ClusterTools.Engines.Tests;
using ClusterTools.Engines.Tests.Corosync.Network;
using ClusterTools.Lab;
using ClusterTools.RealAgents.Tests.SeveralMachines;

namespace ClusterTools.Benchmarks.Commits;

/// <summary>Whole daemons on machines in namespaces: changes of configuration through the API, and what a node costs at rest.</summary>
internal sealed class DaemonBench : IAsyncDisposable
{
    private const string Memory = "/dev/shm/state";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder folder = new();
    private readonly string[] names;
    private readonly bool isInMemory;
    private readonly CorosyncNetwork network;
    private readonly List<Process> daemons = [];

    private DaemonBench(int nodes, bool isInMemory)
    {
        this.isInMemory = isInMemory;
        names = [.. Enumerable.Range(1, nodes).Select(i => $"n{i}")];
        network = new CorosyncNetwork(names, isWhole: true);
    }

    public static string RestHeader => "| nodes | clusterd: MiB resident | % of a core | corosync: MiB resident | % of a core | "
        + "bytes a second that a node sends |\n|---:|---:|---:|---:|---:|---:|";

    /// <summary>Changes, in turn on machines whose state is in memory and on such with a disk.</summary>
    public static async Task ChangesAsync(string program, int rounds, int changes, Action<Distribution> report, CancellationToken cancel)
    {
        List<double>[] times = [[], []];
        for (int round = 0; round < rounds; round++)
        {
            foreach (bool isInMemory in (bool[])[true, false])
            {
                await using var bench = new DaemonBench(3, isInMemory);
                await bench.StartAsync(program, cancel).ConfigureAwait(false);
                ProcessStartInfo client = bench.network.Outside(
                    "dotnet", typeof(DaemonBench).Assembly.Location, "changes", "--context", bench.Context, "--runs",
                    changes.ToString(CultureInfo.InvariantCulture));
                client.Environment["DOTNET_EnableDiagnostics"] = "0";
                string output = await Programs.MustAsync(client, cancel).ConfigureAwait(false);
                times[isInMemory ? 0 : 1].AddRange(
                    output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => double.Parse(l, CultureInfo.InvariantCulture)));
            }
        }

        report(new Distribution(
            "one change of configuration on three machines, state in memory (tmpfs)", [.. times[0]], "10 ms, p99 25 ms"));
        report(new Distribution("likewise, state on the disk", [.. times[1]]));
    }

    /// <summary>What a node costs when nothing happens; medians of the nodes.</summary>
    public static async Task RestAsync(string program, int nodes, Action<string> row, CancellationToken cancel)
    {
        await using var bench = new DaemonBench(nodes, isInMemory: false);
        await bench.StartAsync(program, cancel).ConfigureAwait(false);
        await Task.Delay(TimeSpan.FromSeconds(10), cancel).ConfigureAwait(false);
        MachineUse[] before = [.. bench.names.Select(n => MachineUse.Of(bench.network, n))];
        await Task.Delay(Rest, cancel).ConfigureAwait(false);
        MachineUse[] after = [.. bench.names.Select(n => MachineUse.Of(bench.network, n))];
        row(string.Create(
            CultureInfo.InvariantCulture,
            $"| {nodes} | {Median(n => after[n].Daemon.Memory):N0} | {Percent(u => u.Daemon):N2} | "
                + $"{Median(n => after[n].Corosync.Memory):N0} | {Percent(u => u.Corosync):N2} | "
                + $"{Median(n => (after[n].Sent - before[n].Sent) / Rest.TotalSeconds):N0} |"));

        double Median(Func<int, double> of) => new Distribution("", [.. Enumerable.Range(0, nodes).Select(of)]).Median;

        double Percent(Func<MachineUse, ProcessUse> of) =>
            Median(n => (of(after[n]).Processor - of(before[n]).Processor) / Rest * 100);
    }

    public async ValueTask DisposeAsync()
    {
        await network.DisposeAsync().ConfigureAwait(false);
        foreach (Process daemon in daemons)
        {
            await daemon.WaitForExitAsync().WaitAsync(Limit).ConfigureAwait(false);
            daemon.Dispose();
        }

        folder.Dispose();
    }

    private string Context => Path.Combine(Admin, "context.json");

    private string Admin => Path.Combine(folder.Path, "admin");

    private string OnDisk(string name) => Path.Combine(folder.Path, "state", name);

    private string State(string name) => isInMemory ? network.Root(name) + Memory : OnDisk(name);

    private async Task StartAsync(string program, CancellationToken cancel)
    {
        await network.InitializeAsync().ConfigureAwait(false);
        DaemonMachines.Write(network, names, Configuration(), Admin, State);
        foreach (string name in names)
        {
            daemons.Add(Process.Start(DaemonMachines.Run(
                network, name, program, isInMemory ? Memory : OnDisk(name), Path.Combine(folder.Path, name + ".log")))!);
        }

        var journal = new JournalTail(State(names[0]));
        foreach (string name in names)
        {
            _ = await journal.WaitForAsync(0, e => e.Kind == "node.online" && e.Node == name, Limit, cancel).ConfigureAwait(false)
                ?? throw new TimeoutException($"{name} did not come online: {File.ReadAllText(Path.Combine(folder.Path, name + ".log"))}");
        }
    }

    private ClusterConfiguration Configuration() => new()
    {
        Name = "bench",
        Timing = new ClusterTiming { Token = CorosyncNetwork.Timing.Token, PostJoinDelay = 60_000 },
        Nodes = names.Select((name, at) => new NodeConfiguration { Name = name, Id = at + 1 })
            .ToImmutableSortedDictionary(static n => n.Name, static n => n, StringComparer.Ordinal),
        Groups = ClusterConfiguration.Sorted<GroupConfiguration>().Add("web", new GroupConfiguration
        {
            Name = "web",
            Resources = [new ResourceConfiguration { Id = "dummy:web", Type = "dummy", Agent = "ocf:heartbeat:Dummy" }],
        }),
    };
}
