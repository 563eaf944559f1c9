using System.Collections.Immutable;
using System.Globalization;
using ClusterTools.Agents;
using ClusterTools.Api;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Fencing.Lab;
using ClusterTools.Lab;

namespace ClusterTools.RealAgents.Tests.Postgres;

/// <summary>
/// A lab of three nodes, each in namespaces of its own: node1 and node2 may run PostgreSQL on one data directory, node3 only votes.
/// </summary>
internal sealed class PostgresCluster : IAsyncDisposable
{
    public const string Group = "ledger";
    public const string Voter = "node3";

    private readonly LabCluster lab;
    private readonly JournalTail journal;

    private PostgresCluster(Workshop workshop, PostgresStorage storage)
    {
        Storage = storage;
        Fence = new OutsideFence(workshop["fence.socket"]);
        string clusterd = Environment.GetEnvironmentVariable("CLUSTERTOOLS_DAEMON") is { Length: > 0 } laidOut ? laidOut : Path.Combine(AppContext.BaseDirectory, "clusterd");
        ImmutableSortedDictionary<string, string> variables = storage.Environment
            .SetItem("CLUSTERD", clusterd).SetItem("TESTS", Path.Combine(AppContext.BaseDirectory, "ClusterTools.RealAgents.Tests"));
        string[] words = [.. variables.Select(static v => $"{v.Key}={v.Value}")];
        lab = LabCluster.Start(new LabOptions
        {
            Program = ["/usr/bin/env", .. words, workshop["node.sh"]],
            Configuration = Configuration(),
            Folder = workshop["lab"],
            BasePort = 0,
            Quiet = true,
            AgentEnvironment = storage.Environment,
        });
        journal = new JournalTail(lab.Folder.Node(Voter));
        Client = ClusterClient.FromContext(lab.Folder.Context);
    }

    public PostgresStorage Storage { get; }

    public OutsideFence Fence { get; }

    public ClusterClient Client { get; }

    /// <summary>Where PostgreSQL may run.</summary>
    public static ImmutableArray<string> Servers { get; } = ["node1", "node2"];

    /// <summary>Starts the lab; PostgreSQL comes to it when all nodes are online, as the real agent and not as the lab's stand-in.</summary>
    public static async Task<PostgresCluster> StartAsync(Workshop workshop, PostgresStorage storage)
    {
        var cluster = new PostgresCluster(workshop, storage);
        try
        {
            foreach (string node in (string[])[.. Servers, Voter])
            {
                await cluster.JournalAsync(e => e.Kind == "node.online" && e.Node == node);
            }

            (string json, long version) = await cluster.Client.GetConfigurationAsync(Shell.Cancel);
            ClusterConfiguration now = ConfigurationFile.Read("configuration.json", System.Text.Encoding.UTF8.GetBytes(json)).Configuration!;
            await cluster.Client.PutConfigurationAsync(
                System.Text.Encoding.UTF8.GetString(ConfigurationJson.Write(now with { Groups = now.Groups.Add(Group, cluster.Service()) })), version, "PostgreSQL", Shell.Cancel);
            await cluster.JournalAsync(e => e.Kind == "group.started" && e.Group == Group);
            return cluster;
        }
        catch
        {
            cluster.Print();
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Where the group was started last.</summary>
    public string Owner => Journal(0).Last(static e => e.Kind == "group.started" && e.Group == Group).Node!;

    /// <summary>How many entries the voter's journal has now.</summary>
    public int Mark() => journal.Read().Count;

    /// <summary>What the voter's journal says after a mark.</summary>
    public IReadOnlyList<JournalEntry> Journal(int after) => [.. journal.Read().Skip(after)];

    /// <summary>Waits until the voter's journal says something.</summary>
    public async Task<JournalEntry> JournalAsync(Func<JournalEntry, bool> fits, int after = 0)
    {
        JournalEntry? entry = await journal.WaitForAsync(after, fits, Shell.Limit, Shell.Cancel);
        if (entry is null)
        {
            Assert.Fail($"The journal of {Voter} did not say it. Its last words:\n{string.Join('\n', journal.Entries.TakeLast(12).Select(e => e.Message))}\nFencing:\n{string.Join('\n', Fence.Answers)}");
        }

        return entry;
    }

    /// <summary>The power is cut: process 1 of the node is killed, and with it all that the node runs.</summary>
    public async Task CutPowerAsync(string node)
    {
        ProcessIdentity init = Init(node);
        Assert.True(init.Signal(9));
        await Shell.UntilAsync(() => !init.IsAlive, () => $"{node} is dead");
    }

    /// <summary>clusterd is killed alone; what it has started lives on.</summary>
    public async Task KillDaemonAsync(string node)
    {
        ProcessIdentity init = Init(node);
        ProcessIdentity daemon = Children(init.Pid).Select(static pid => ProcessIdentity.Find(pid)!.Value)
            .Single(p => File.ReadAllText($"/proc/{p.Pid}/cmdline").Contains("\0run\0--state\0", StringComparison.Ordinal));
        Assert.True(daemon.Signal(9));
        await Shell.UntilAsync(() => !daemon.IsAlive, () => $"clusterd of {node} is dead");
        Assert.True(init.IsAlive);
    }

    /// <summary>The server's first process is killed.</summary>
    public void KillPostmaster() => Assert.True(Assert.Single(PostgresWitness.FindPostmasters(Storage.Data)).Signal(9));

    /// <summary>Writes what the nodes' daemons said last to standard error.</summary>
    public void Print()
    {
        foreach (LabNode node in lab.Description.Nodes)
        {
            string log = lab.Folder.Log(node.Name);
            Console.Error.WriteLine($"--- {node.Name}\n{(File.Exists(log) ? string.Join('\n', File.ReadLines(log).TakeLast(60)) : "(no log)")}");
        }

        Console.Error.WriteLine($"--- PostgreSQL\n{Storage.Log}");
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await lab.DisposeAsync();
        await Fence.DisposeAsync();
    }

    private static ClusterConfiguration Configuration()
    {
        var configuration = new ClusterConfiguration
        {
            Name = "postgres",
            // Patient with a machine that has other things to do.
            Timing = new ClusterTiming { Token = 2000, PostJoinDelay = 60_000, QuorumLossDeadline = 30_000 },
            FenceDevices = ClusterConfiguration.Sorted<FenceDevice>().Add("pdu", new FenceDevice { Name = "pdu", Agent = "fence_apc" }),
            // The voter is no member of the restricted domain; who runs the service keeps it.
            FailoverDomains = ClusterConfiguration.Sorted<FailoverDomain>().Add("servers", new FailoverDomain
            {
                Name = "servers",
                Restricted = true,
                NoFailback = true,
                Members = Servers.ToImmutableSortedDictionary(static n => n, static _ => 0, StringComparer.Ordinal),
            }),
        };
        return configuration with
        {
            Nodes = ((string[])[.. Servers, Voter]).Select(static (name, at) => new NodeConfiguration
            {
                Name = name, Id = at + 1, FenceMethods = [new FenceMethod { Name = "power", Steps = [new FenceStep { Device = "pdu" }] }],
            }).ToImmutableSortedDictionary(static n => n.Name, static n => n, StringComparer.Ordinal),
        };
    }

    private static IEnumerable<int> Children(int pid) => Directory.EnumerateDirectories($"/proc/{pid}/task")
        .SelectMany(static task => File.ReadAllText(task + "/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(static child => int.Parse(child, CultureInfo.InvariantCulture));

    private GroupConfiguration Service() => new()
    {
        Name = Group,
        Domain = "servers",
        Resources =
        [
            new ResourceConfiguration
            {
                Id = "pgsql:ledger",
                Type = "pgsql",
                Agent = PostgresStorage.Agent,
                Parameters = Storage.Parameters,
                MonitorInterval = 1000,
                StartTimeout = 60_000,
                StopTimeout = 60_000,
            },
        ],
    };

    /// <summary>Process 1 of a node, as it is seen from outside.</summary>
    private ProcessIdentity Init(string node)
    {
        int unshare = new LabPower(lab.Folder.Path, node).Daemon!.Value.Pid;
        return ProcessIdentity.Find(Assert.Single(Children(unshare)))!.Value;
    }
}
