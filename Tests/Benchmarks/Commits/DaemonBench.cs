using System.Diagnostics;
using System.Globalization;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Engines.Corosync.Settings;
using ClusterTools.Engines.Tests;

namespace ClusterTools.Benchmarks.Commits;

/// <summary>
/// Whole daemons on machines in namespaces: changes of configuration through the API, what a node costs at rest, and many groups that fail
/// over together.
/// </summary>
internal static class DaemonBench
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);

    public static string RestHeader => "| nodes | clusterd: MiB resident | % of a core | corosync: MiB resident | % of a core | "
        + "bytes a second that a node sends |\n|---:|---:|---:|---:|---:|---:|";

    public static string CalmHeader => "| nodes | minutes | load average | nodes lost | changes of membership | errors |\n"
        + "|---:|---:|---:|---:|---:|---:|";

    public static string GroupsHeader => "| nodes | groups, all on one | its clusterd at rest: MiB resident | % of a core "
        + "| lost → proven off ms | proven off → all started ms | a group, ms |\n|---:|---:|---:|---:|---:|---:|---:|";

    /// <summary>Changes, in turn on machines whose state is in memory and on such with a disk.</summary>
    public static async Task ChangesAsync(string program, int rounds, int changes, Action<Distribution> report, CancellationToken cancel)
    {
        List<double>[] times = [[], []];
        for (int round = 0; round < rounds; round++)
        {
            foreach (bool isInMemory in (bool[])[true, false])
            {
                await using var cluster = new DaemonCluster(OneGroup(3), isInMemory, new TemporaryFolder());
                await cluster.StartAsync(program, cancel).ConfigureAwait(false);
                ProcessStartInfo client = cluster.Network.Outside(
                    "dotnet", typeof(DaemonBench).Assembly.Location, "changes", "--context", cluster.Context, "--runs",
                    changes.ToString(CultureInfo.InvariantCulture));
                client.Environment["DOTNET_EnableDiagnostics"] = "0";
                // Compiled once, before the first change that counts: not on the machines' processors while they work.
                client.Environment["DOTNET_TieredCompilation"] = "0";
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
        await using var cluster = new DaemonCluster(OneGroup(nodes), isInMemory: false, new TemporaryFolder());
        await cluster.StartAsync(program, cancel).ConfigureAwait(false);
        UseAtRest use = await AtRestAsync(cluster, cluster.Names, cancel).ConfigureAwait(false);
        row(string.Create(
            CultureInfo.InvariantCulture,
            $"| {nodes} | {use.Daemon.Memory:N0} | {use.Daemon.Percent:N2} | {use.Corosync.Memory:N0} | {use.Corosync.Percent:N2} | "
                + $"{use.Sent:N0} |"));
    }

    /// <summary>The machine that all groups run on loses its power; each group is one script that costs next to nothing.</summary>
    public static async Task GroupsAsync(string program, int nodes, int groups, Action<string> row, CancellationToken cancel)
    {
        var folder = new TemporaryFolder();
        await using var cluster = new DaemonCluster(ManyGroups(nodes, groups, Path.Combine(folder.Path, "services")), false, folder);
        await cluster.StartAsync(program, cancel).ConfigureAwait(false);
        string victim = cluster.Names[^1];
        UseAtRest use = await AtRestAsync(cluster, [victim], cancel).ConfigureAwait(false);
        int mark = cluster.Mark();
        await cluster.CutPowerAsync(victim).ConfigureAwait(false);
        long started = await cluster.AllStartedAsync(mark, cancel).ConfigureAwait(false);
        JournalEntry lost = await SaidAsync("node.lost").ConfigureAwait(false);
        JournalEntry fenced = await SaidAsync("fence.success").ConfigureAwait(false);
        row(string.Create(
            CultureInfo.InvariantCulture,
            $"| {nodes} | {groups} | {use.Daemon.Memory:N0} | {use.Daemon.Percent:N2} | {fenced.WallTime - lost.WallTime} | "
                + $"{started - fenced.WallTime:N0} | {(started - fenced.WallTime) / (double)groups:N1} |"));

        Task<JournalEntry> SaidAsync(string kind) =>
            cluster.SaysAsync(mark, e => e.Kind == kind && e.Node == victim, $"{kind} of {victim}", cancel);
    }

    /// <summary>
    /// Machines with the times that New-Cluster proposes, on a machine whose processors and disk are kept busy: nobody is to be lost.
    /// </summary>
    public static async Task CalmAsync(string program, int nodes, TimeSpan time, Action<string> row, CancellationToken cancel)
    {
        var folder = new TemporaryFolder();
        await using var cluster = new DaemonCluster(OneGroup(nodes), isInMemory: false, folder, CorosyncTiming.Lan);
        await cluster.StartAsync(program, cancel).ConfigureAwait(false);
        int mark = cluster.Mark();
        using var load = new Load(folder.Path);
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) is var gone && gone < time)
        {
            Console.Error.WriteLine(
                $"{gone.TotalMinutes:N0} of {time.TotalMinutes:N0} min: {Count("node.lost")} lost, {Count("view")} views, load average "
                    + File.ReadAllText("/proc/loadavg").Split(' ')[0]);
            await Task.Delay(TimeSpan.FromMinutes(1), cancel).ConfigureAwait(false);
        }

        string[] errors = [.. cluster.Said(mark).Where(static e => e.Severity == JournalSeverity.Error).Select(static e => e.Message)];
        row($"| {nodes} | {time.TotalMinutes:N0} | {File.ReadAllText("/proc/loadavg").Split(' ')[1]} | {Count("node.lost")} | "
            + $"{Count("view")} | {errors.Length} |");
        Array.ForEach(errors, Console.Error.WriteLine);

        int Count(string kind) => cluster.Said(mark).Count(e => e.Kind == kind);
    }

    private static async Task<UseAtRest> AtRestAsync(DaemonCluster cluster, IReadOnlyList<string> names, CancellationToken cancel)
    {
        await Task.Delay(Settling, cancel).ConfigureAwait(false);
        MachineUse[] before = [.. names.Select(n => MachineUse.Of(cluster.Network, n))];
        await Task.Delay(Rest, cancel).ConfigureAwait(false);
        MachineUse[] after = [.. names.Select(n => MachineUse.Of(cluster.Network, n))];
        return new UseAtRest(
            Of(static u => u.Daemon), Of(static u => u.Corosync), Median(n => (after[n].Sent - before[n].Sent) / Rest.TotalSeconds));

        (double Memory, double Percent) Of(Func<MachineUse, ProcessUse> of) => (
            Median(n => of(after[n]).Memory), Median(n => (of(after[n]).Processor - of(before[n]).Processor) / Rest * 100));

        double Median(Func<int, double> of) => new Distribution("", [.. Enumerable.Range(0, before.Length).Select(of)]).Median;
    }

    private static ClusterConfiguration OneGroup(int nodes) => new()
    {
        Name = "bench",
        Nodes = DaemonCluster.Nodes(nodes),
        Groups = ClusterConfiguration.Sorted<GroupConfiguration>().Add("web", new GroupConfiguration
        {
            Name = "web",
            Resources = [new ResourceConfiguration { Id = "dummy:web", Type = "dummy", Agent = "ocf:heartbeat:Dummy" }],
        }),
    };

    private static ClusterConfiguration ManyGroups(int nodes, int groups, string services)
    {
        Directory.CreateDirectory(services);
        ClusterConfiguration many = new()
        {
            Name = "bench",
            Nodes = DaemonCluster.Nodes(nodes),
            FailoverDomains = ClusterConfiguration.Sorted<FailoverDomain>().Add("home", new FailoverDomain
            {
                Name = "home",
                Ordered = true,
                Members = ClusterConfiguration.Sorted<int>()
                    .AddRange(Enumerable.Range(1, nodes).Select(i => KeyValuePair.Create($"n{i}", i == nodes ? 1 : 2))),
            }),
        };
        string script = Path.Combine(AppContext.BaseDirectory, "machine", "service");
        foreach (int number in Enumerable.Range(1, groups))
        {
            string name = $"service{number}";
            string service = Path.Combine(services, name);
            File.CreateSymbolicLink(service, script);
            many = many with
            {
                Groups = many.Groups.Add(name, new GroupConfiguration
                {
                    Name = name,
                    Domain = "home",
                    Resources =
                    [
                        new ResourceConfiguration
                        {
                            Id = $"script:{name}", Type = "script", Agent = $"lsb:{service}", MonitorInterval = 30_000,
                        },
                    ],
                }),
            };
        }

        return many;
    }

    private sealed record UseAtRest((double Memory, double Percent) Daemon, (double Memory, double Percent) Corosync, double Sent);
}
