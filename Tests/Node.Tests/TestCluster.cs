using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Engines.Local;
using Microsoft.Data.Sqlite;

namespace ClusterTools.Node.Tests;

/// <summary>Nodes of one process on one engine folder, with services that are small shell scripts.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly string folder = Directory.CreateTempSubdirectory("clustertools-").FullName;
    private readonly Dictionary<string, NodeHost> nodes = new(StringComparer.Ordinal);

    /// <summary>Reasons for which nodes reset themselves.</summary>
    public List<string> Resets { get; } = [];

    /// <summary>What nodes could not keep.</summary>
    public List<string> Warnings { get; } = [];

    public NodeHost this[string node] => nodes[node];

    public string FileOf(string name) => Path.Combine(folder, name);

    /// <summary>A service whose start, stop and status go by a file of the whole cluster: <c>NAME.on</c> holds who runs it.</summary>
    public ResourceConfiguration Script(string name)
    {
        string path = FileOf($"{name}.sh");
        File.WriteAllText(
            path,
            $"""
            #!/bin/sh
            on="{FileOf(name)}.on"
            case "$1" in
              start) [ -e "{FileOf(name)}.broken" ] && exit 1; echo "$CLUSTERTOOLS_NODE" > "$on" ;;
              stop) [ -e "$on" ] && [ "$(cat "$on")" = "$CLUSTERTOOLS_NODE" ] && rm -f "$on"; exit 0 ;;
              status) [ -e "$on" ] && [ "$(cat "$on")" = "$CLUSTERTOOLS_NODE" ] && exit 0; exit 3 ;;
            esac

            """);
        MakeExecutable(path);
        return new ResourceConfiguration { Id = $"script:{name}", Type = "script", Agent = $"lsb:{path}", MonitorInterval = 200 };
    }

    /// <summary>A shell script.</summary>
    /// <returns>Its path.</returns>
    public string Program(string name, string body)
    {
        string path = FileOf($"{name}.sh");
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        MakeExecutable(path);
        return path;
    }

    public string? Runs(string name)
    {
        try
        {
            return File.ReadAllText(FileOf($"{name}.on")).Trim();
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>A fence device that does nothing and succeeds, or fails while <c>NAME.broken</c> is there.</summary>
    public FenceDevice Device(string name)
    {
        string path = FileOf($"{name}.fence");
        File.WriteAllText(path, $"#!/bin/sh\ncat > /dev/null\n[ -e \"{FileOf(name)}.broken\" ] && exit 1\nexit 0\n");
        MakeExecutable(path);
        return new FenceDevice { Name = name, Agent = path };
    }

    /// <summary>Three nodes with a fence device, and a group that prefers the first.</summary>
    public ClusterConfiguration Three(string group)
    {
        FenceDevice device = Device("switch");
        ImmutableSortedDictionary<string, NodeConfiguration> nodes = ClusterConfiguration.Sorted<NodeConfiguration>();
        for (int id = 1; id <= 3; id++)
        {
            nodes = nodes.Add($"node{id}", new NodeConfiguration
            {
                Name = $"node{id}",
                Id = id,
                FenceMethods =
                [new FenceMethod { Name = "power", Steps = [new FenceStep { Device = device.Name, Action = FenceAction.Off }] }],
            });
        }

        return new ClusterConfiguration
        {
            Name = "test",
            Nodes = nodes,
            FenceDevices = ClusterConfiguration.Sorted<FenceDevice>().Add(device.Name, device),
            FailoverDomains = ClusterConfiguration.Sorted<FailoverDomain>().Add("home", new FailoverDomain
            {
                Name = "home",
                Ordered = true,
                Members = ClusterConfiguration.Sorted<int>().Add("node1", 1).Add("node2", 2),
            }),
            Groups = ClusterConfiguration.Sorted<GroupConfiguration>().Add(group, new GroupConfiguration
            {
                Name = group,
                Domain = "home",
                Resources = [Script(group)],
            }),
        };
    }

    /// <summary>What the nodes take to be their machines' watchdog.</summary>
    public WatchdogSettings? Watchdog { get; init; }

    public async Task StartAllAsync(ClusterConfiguration configuration)
    {
        foreach (string node in configuration.Nodes.Keys)
        {
            await StartAsync(node, configuration);
        }
    }

    public async Task<NodeHost> StartAsync(string node, ClusterConfiguration configuration, int token = 1000, IFolding? folding = null,
        int level = Cluster.FunctionalLevel)
    {
        string state = FileOf(node);
        Directory.CreateDirectory(state);
        await File.WriteAllBytesAsync(Path.Combine(state, "bootstrap.json"), ConfigurationJson.Write(configuration));
        var settings = new NodeSettings
        {
            Node = node,
            Cluster = configuration.Name,
            EngineFolder = "../engine",
            Listen = [],
            Token = token,
            Lab = folder,
        };
        await File.WriteAllTextAsync(Path.Combine(state, NodeSettings.FileName), JsonSerializer.Serialize(settings, NodeJson.Indented));
        using var limit = new CancellationTokenSource(Limit);
        NodeSettings read = NodeSettings.Read(state) with { Watchdog = Watchdog };
        NodeHost host = await NodeHost.StartAsync(
            read, state, new Journal(state), new ConfigurationArchive(state, Warnings.Add),
            setup => new LocalEngine(LocalEngineOptions.For(
                setup, Path.GetFullPath(read.EngineFolder, state), read.Token, Path.Combine(state, NodeSettings.LogMemoryFile))),
            Resets.Add, folding, level, limit.Token);
        nodes[node] = host;
        return host;
    }

    /// <summary>As a daemon that is gone without a word; what it started runs on.</summary>
    public async Task CrashAsync(string node)
    {
        NodeHost host = nodes[node];
        nodes.Remove(node);
        await host.DisposeAsync();
        await host.Journal.DisposeAsync();
        await host.Configurations.DisposeAsync();
    }

    /// <summary>Writes an entry into the log as no daemon of this version would.</summary>
    /// <returns>Its index.</returns>
    public long Inject(string payload)
    {
        using var connection =
            new SqliteConnection($"Data Source={Path.Combine(folder, "engine", "log.db")};Pooling=False;Default Timeout=20");
        connection.Open();
        using SqliteTransaction transaction = connection.BeginTransaction();
        using SqliteCommand command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = """
            INSERT INTO log (idx, epoch, kind, origin, incarnation, payload) SELECT head + 1, epoch, 0, 'node9', 1, $payload FROM cluster;
            UPDATE cluster SET head = head + 1;
            SELECT head FROM cluster;
            """;
        command.Parameters.AddWithValue("$payload", Encoding.UTF8.GetBytes(payload));
        long index = (long)command.ExecuteScalar()!;
        transaction.Commit();
        return index;
    }

    /// <summary>Waits until a node sees what is asked for.</summary>
    public static async Task<ClusterState> UntilAsync(NodeHost node, Func<ClusterState, bool> condition)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            Task change = node.WaitForChangeAsync(limit.Token);
            if (condition(node.State))
            {
                return node.State;
            }

            try
            {
                await change;
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException(
                    $"Not seen by {node.Name}. {Description.QuorumOf(node.State)}\n"
                    + string.Join('\n', node.State.Groups.Keys.Select(g => Description.Group(node.State, g)))
                    + "\n"
                    + string.Join('\n', node.Journal.Read(0, 1000).Select(r => $"{r.Entry.Index} {r.Entry.Kind} {r.Entry.Message}")));
            }
        }
    }

    private static void MakeExecutable(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (string node in nodes.Keys.ToArray())
        {
            await CrashAsync(node);
        }

        Directory.Delete(folder, recursive: true);
    }
}
