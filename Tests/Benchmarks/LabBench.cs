using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using ClusterTools.Api;

using ClusterTools.Client;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Fencing.Lab;
using ClusterTools.Lab;

namespace ClusterTools.Benchmarks;

/// <summary>A real cluster of three daemons in a lab: failover in its steps, changes, the API, and what a daemon costs at rest.</summary>
internal sealed class LabBench : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    // The API takes ten messages a second of one certificate.
    private static readonly TimeSpan BetweenWrites = TimeSpan.FromMilliseconds(105);

    private readonly string folder = Directory.CreateTempSubdirectory("clustertools-bench-").FullName;
    private readonly LabCluster lab;
    private readonly ClusterClient client;

    private LabBench(string program)
    {
        lab = LabCluster.Start(new LabOptions
        {
            Program = [program],
            Configuration = Configuration(WriteService()),
            Folder = Path.Combine(folder, "lab"),
            BasePort = 0,
            Quiet = true,
        });
        client = ClusterClient.FromContext(lab.Folder.Context, null, WireJson.Default);
    }

    public static async Task RunAsync(
        string program, int failovers, Action<Distribution> report, Action<string> say, CancellationToken cancel)
    {
        await using var bench = new LabBench(program);
        await bench.UntilAsync(s => s.All(g => g.Phase == Contract.GroupPhase.Started), cancel).ConfigureAwait(false);
        await bench.AtRestAsync(say, cancel).ConfigureAwait(false);
        report(
            await MeasureAsync(
                "one API read (all groups), HTTPS with client certificate, kept alive", 200, null, c =>
                bench.client.GetGroupsAsync(false, c), cancel).ConfigureAwait(false));
        report(await MeasureAsync(
            "one API write (a message into the journal), committed on three nodes and applied", 100, null,
            c => bench.WriteAsync(c), cancel, BetweenWrites).ConfigureAwait(false));
        var changes = new ConfigurationChanges(bench.client, "service1");
        report(await MeasureAsync(
            "one change of configuration on three nodes, validated, committed and in force", 60, "10 ms",
            changes.ChangeAsync, cancel).ConfigureAwait(false));
        await bench.FailoversAsync(failovers, report, cancel).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await lab.DisposeAsync().ConfigureAwait(false);
        Directory.Delete(folder, recursive: true);
    }

    private static ClusterConfiguration Configuration(string service)
    {
        ImmutableSortedDictionary<string, GroupConfiguration> groups = ClusterConfiguration.Sorted<GroupConfiguration>();
        for (int i = 0; i < 4; i++)
        {
            groups = groups.Add($"service{i}", new GroupConfiguration
            {
                Name = $"service{i}",
                Domain = "home",
                Resources =
                [
                    new ResourceConfiguration { Id = $"script:service{i}", Type = "script", Agent = $"lsb:{service}",
                        MonitorInterval = 5_000, Parameters = ClusterConfiguration.Sorted<string>() }],
            });
        }

        return new ClusterConfiguration
        {
            Name = "bench",
            Timing = new ClusterTiming { Token = 1000 },
            Nodes = Enumerable.Range(1, 3).ToImmutableSortedDictionary(
                i => $"node{i}",
                i => new NodeConfiguration
                {
                    Name = $"node{i}",
                    Id = i,
                    FenceMethods =
                    [new FenceMethod { Name = "power", Steps = [new FenceStep { Device = "pdu", Action = FenceAction.Off }] }],
                },
                StringComparer.Ordinal),
            FenceDevices = ClusterConfiguration.Sorted<FenceDevice>().Add("pdu", new FenceDevice { Name = "pdu", Agent = "fence_apc" }),
            FailoverDomains = ClusterConfiguration.Sorted<FailoverDomain>().Add("home", new FailoverDomain
            {
                Name = "home",
                Ordered = true,
                Members = ClusterConfiguration.Sorted<int>().Add("node2", 1).Add("node3", 2),
            }),
            Groups = groups,
        };
    }

    /// <summary>A service that costs nothing: it notes when it was called. What is measured is ours.</summary>
    private string WriteService()
    {
        string path = Path.Combine(folder, "service");
        File.WriteAllText(
            path,
            $"""
            #!/bin/sh
            case "$1" in
              start) date +%s%N >> "{folder}/starts"; : > "$CLUSTERTOOLS_STATE/on" ;;
              stop) rm -f "$CLUSTERTOOLS_STATE/on" ;;
              status) [ -e "$CLUSTERTOOLS_STATE/on" ] || exit 3 ;;
            esac
            exit 0

            """);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return path;
    }

    private static async Task<Distribution> MeasureAsync(
        string name, int runs, string? budget, Func<CancellationToken, Task> work, CancellationToken cancel,
        TimeSpan pause = default)
    {
        for (int i = 0; i < 5; i++)
        {
            await work(cancel).ConfigureAwait(false);
        }

        double[] times = new double[runs];
        for (int i = 0; i < runs; i++)
        {
            await Task.Delay(pause, cancel).ConfigureAwait(false);
            long start = Stopwatch.GetTimestamp();
            await work(cancel).ConfigureAwait(false);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        return new Distribution(name, times, budget);
    }

    private Task WriteAsync(CancellationToken cancel) => DoneAsync(client.PostAsync<Contract.Operation>(
        "/v1/journal?wait=10", new Contract.JournalWriteRequest { Message = "bench" }, cancel));

    private static async Task DoneAsync(Task<Contract.Operation> asked)
    {
        Contract.Operation done = await asked.ConfigureAwait(false);
        if (done.Phase != Contract.OperationPhase.Succeeded)
        {
            throw new InvalidOperationException(done.Message);
        }
    }

    private async Task FailoversAsync(int runs, Action<Distribution> report, CancellationToken cancel)
    {
        var control = new LabControl(lab.Folder);
        var steps = new Dictionary<string, List<double>>
        {
            ["power cut → declared lost (token 1,000 ms)"] = [],
            ["declared lost → fence agent's spawn"] = [],
            ["fence agent's spawn → proven off (the lab's agent)"] = [],
            ["proven off → the first service's own start runs on its new node"] = [],
            ["first start → all four services started"] = [],
            ["power cut → all four services started"] = [],
        };
        for (int run = 0; run < runs; run++)
        {
            string victim = (await client.GetGroupsAsync(false, cancel).ConfigureAwait(false)).First(g => g.Name == "service0").Owner!;
            string witness = victim == "node1" ? "node3" : "node1";
            var journal = new JournalTail(lab.Folder.Node(witness));
            int known = journal.Read().Count;
            File.Delete(Path.Combine(folder, "starts"));
            double cut = Now();
            await control.PullPlugAsync(victim, cancel).ConfigureAwait(false);
            double lost = await AtAsync(journal, known, e => e.Kind == "node.lost", cancel).ConfigureAwait(false);
            double fenced = await AtAsync(journal, known, e => e.Kind == "fence.success", cancel).ConfigureAwait(false);
            double all = 0;
            for (int i = 0; i < 4; i++)
            {
                all =
                    Math.Max(
                        all,
                        await AtAsync(journal, known, e => e.Kind == "group.started" && e.Group == $"service{i}", cancel)
                        .ConfigureAwait(false));
            }

            double called = CallTime(victim, lost);
            double first = File.ReadLines(Path.Combine(folder, "starts")).Min(l => double.Parse(l, CultureInfo.InvariantCulture) / 1e6);
            double[] times = [lost - cut, called - lost, fenced - called, first - fenced, all - first, all - cut];
            foreach ((List<double> step, double time) in steps.Values.Zip(times))
            {
                step.Add(time);
            }

            await control.ReviveAsync(victim, cancel).ConfigureAwait(false);
            await UntilAsync(s => s.All(g => g.Phase == Contract.GroupPhase.Started), cancel).ConfigureAwait(false);
            await AtAsync(journal, known, e => e.Kind == "node.online" && e.Node == victim, cancel).ConfigureAwait(false);
            for (int i = 0; i < 4; i++)
            {
                await AtAsync(journal, known, e => e.Kind == "group.started" && e.Group == $"service{i}" && e.Node == victim, cancel)
                    .ConfigureAwait(false);
            }
        }

        foreach ((string name, List<double> times) in steps)
        {
            string? budget = name.StartsWith("declared", StringComparison.Ordinal) || name.StartsWith("proven", StringComparison.Ordinal)
                ? "10 ms" : null;
            report(new Distribution(name, [.. times], budget));
        }
    }

    /// <summary>The spawn of the fence agent is told in the journal of the node that made it.</summary>
    private double CallTime(string victim, double lost) => lab.Description.Nodes
        .Where(n => n.Name != victim)
        .SelectMany(n => new JournalTail(lab.Folder.Node(n.Name)).Read())
        .Where(e => e.Kind == "fence.call" && e.WallTime >= lost - 5)
        .Min(e => (double)e.WallTime);

    private static async Task<double> AtAsync(JournalTail journal, int known, Func<JournalEntry, bool> fits, CancellationToken cancel) =>
        (await journal.WaitForAsync(known, fits, Limit, cancel).ConfigureAwait(false))?.WallTime
            ?? throw new TimeoutException("A step of the failover was not seen in the journal.");

    private static double Now() => (DateTime.UtcNow - DateTime.UnixEpoch).TotalMilliseconds;

    private async Task UntilAsync(Func<Contract.GroupStatus[], bool> condition, CancellationToken cancel)
    {
        long deadline = Environment.TickCount64 + (long)Limit.TotalMilliseconds;
        while (Environment.TickCount64 < deadline)
        {
            try
            {
                if (condition(await client.GetGroupsAsync(false, cancel).ConfigureAwait(false)))
                {
                    return;
                }
            }
            catch (Exception e) when (e is ClusterApiException or ClusterUnreachableException)
            {
                // The daemons are starting.
            }

            await Task.Delay(50, cancel).ConfigureAwait(false);
        }

        throw new TimeoutException("The lab did not come to what was waited for.");
    }

    private async Task AtRestAsync(Action<string> say, CancellationToken cancel)
    {
        TimeSpan window = TimeSpan.FromSeconds(30);
        await Task.Delay(TimeSpan.FromSeconds(5), cancel).ConfigureAwait(false);
        Process[] daemons =
            [.. lab.Description.Nodes.Select(n => Process.GetProcessById(new LabPower(lab.Folder.Path, n.Name).Daemon!.Value.Pid))];
        TimeSpan[] before = [.. daemons.Select(d => d.TotalProcessorTime)];
        await Task.Delay(window, cancel).ConfigureAwait(false);
        for (int i = 0; i < daemons.Length; i++)
        {
            daemons[i].Refresh();
            double cpu = (daemons[i].TotalProcessorTime - before[i]) / window * 100;
            say(string.Create(
                CultureInfo.InvariantCulture,
                $"Daemon of {lab.Description.Nodes[i].Name} at rest: {daemons[i].WorkingSet64 / 1048576.0:N1} MiB resident (budget 80 "
                    + $"MB), {cpu:N2} % of a core over {window.TotalSeconds:N0} s, four services checked every 5 s included."));
        }
    }
}
