using System.CommandLine;
using System.Net;
using ClusterTools.Agents;
using ClusterTools.Api;
using ClusterTools.Client;
using ClusterTools.Core.Configuration;
using ClusterTools.Engines.Corosync.Settings;
using ClusterTools.Host.Corosync;
using ClusterTools.Lab;
using ClusterTools.Node;

namespace ClusterTools.Host.Commands;

/// <summary><c>clusterd init</c>: a new cluster's authority, certificates and state folders.</summary>
internal static class InitCommand
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(200);

    public static Command Create()
    {
        var config = new Option<string?>("--config")
        {
            Description = "The configuration the cluster begins with: a cluster.conf, or JSON.",
            HelpName = "FILE",
        };
        var cluster = new Option<string?>("--cluster")
        {
            Description = "Instead of a configuration: the cluster's name. It begins with this machine as its only node.",
            HelpName = "NAME",
        };
        var token = new Option<int>("--token")
        {
            Description = "With --cluster: how long corosync's token may be missing, in milliseconds; a silent machine is missed after "
                + "about 2.2 times that.",
            HelpName = "MS",
            DefaultValueFactory = _ => CorosyncTiming.Lan.Token,
        };
        var state = new Option<string>("--state")
        {
            Description = "The state folder; with several nodes, a folder in it for each.",
            HelpName = "DIR",
            DefaultValueFactory = _ => MachineStart.UsualState,
        };
        var node = new Option<string[]>("--node")
        {
            Description = "A node of this machine; all nodes when left out. May be given several times.",
            HelpName = "NAME",
            DefaultValueFactory = _ => [],
        };
        Option<string?> admin = Administrator();
        var engine = new Option<NodeEngine>("--engine")
        {
            Description = "What joins the nodes: 'local' on one machine, 'corosync' on several; its files are made, too.",
            HelpName = "NAME",
        };
        Option<string[]> address = Address();
        Option<int> port = BasePort();
        var start = new Option<bool>("--start")
        {
            Description = "Begin here and now: install and start corosync, and start the daemon of this machine's node.",
        };
        var force = new Option<bool>("--force") { Description = "Replace what is there." };
        var command = new Command("init", "Make a cluster's authority and certificates and its nodes' state folders. Overwrites nothing.")
        {
            config, cluster, token, state, node, engine, admin, address, port, start, force,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            FileStatus.KeepToOwner();
            string[] given = [.. parsed.GetRequiredValue(node).Distinct()];
            if (await ReadAsync(parsed.GetValue(config), parsed.GetValue(cluster), given, parsed.GetValue(token), cancel)
                .ConfigureAwait(false) is not { } configuration)
            {
                return ExitCode.Failure;
            }

            string[] names = given.Length > 0 ? given : [.. configuration.Nodes.Values.OrderBy(n => n.Id).Select(n => n.Name)];
            if (names.FirstOrDefault(n => !configuration.Nodes.ContainsKey(n)) is { } unknown)
            {
                Console.Error.WriteLine(
                    $"clusterd: there is no node '{unknown}' in the configuration. Nodes: {string.Join(", ", configuration.Nodes.Keys)}.");
                return ExitCode.Failure;
            }

            bool isSeveral = parsed.GetValue(engine) == NodeEngine.Corosync;
            var addresses = NodeAddresses.Read(parsed.GetRequiredValue(address), configuration.Nodes.Keys);
            CorosyncSettings? corosync = null;
            if (isSeveral)
            {
                configuration = addresses.In(configuration);
                corosync = CorosyncPlan.Of(configuration, null);
            }

            bool begins = parsed.GetValue(start);
            if (begins)
            {
                if (corosync is null || names.Length != 1)
                {
                    throw new InvalidDataException(
                        "--start begins with one node of --engine corosync: name this machine's with --node.");
                }

                MachineStart.Check();
                await CorosyncMachine.InstallAsync(Console.Out.WriteLine, cancel).ConfigureAwait(false);
            }

            ClusterInitialization made = Write(
                configuration, names, Path.GetFullPath(parsed.GetRequiredValue(state)), parsed.GetValue(admin), addresses, corosync,
                parsed.GetValue(port), parsed.GetValue(force), begins);
            if (begins)
            {
                await StartAsync(made, cancel).ConfigureAwait(false);
            }

            return ExitCode.Success;
        });
        return command;
    }

    /// <returns>Null: there is none to go on with, and it was said why.</returns>
    private static async Task<ClusterConfiguration?> ReadAsync(
        string? config, string? cluster, string[] nodes, int token, CancellationToken cancellationToken)
    {
        if (config is not null && cluster is null)
        {
            return await ConfigurationSource.ReadUsableAsync(config, cancellationToken).ConfigureAwait(false);
        }

        if (config is not null || cluster is null)
        {
            throw new InvalidDataException("Give either a configuration (--config) or the name of a new cluster (--cluster).");
        }

        string node = nodes.Length switch
        {
            0 => Dns.GetHostName(),
            1 => nodes[0],
            _ => throw new InvalidDataException(
                "A cluster without a configuration begins with one node; others join it (clusterd invite)."),
        };
        var configuration = new ClusterConfiguration
        {
            Name = cluster,
            Nodes = ClusterConfiguration.Sorted<NodeConfiguration>().Add(node, new NodeConfiguration { Name = node, Id = 1 }),
            Timing = new ClusterTiming { Token = token },
        };
        return ConfigurationValidation.Validate(configuration).FirstOrDefault(static p => p.Severity == ProblemSeverity.Error) is { } wrong
            ? throw new InvalidDataException(wrong.ToString())
            : configuration;
    }

    /// <summary>Until the new cluster has quorum.</summary>
    private static async Task StartAsync(ClusterInitialization made, CancellationToken cancellationToken)
    {
        NewNode node = made.Nodes[0];
        await MachineStart.RunAsync(node.StateFolder, made.Corosync!, made.CorosyncKey, Console.Out.WriteLine, cancellationToken)
            .ConfigureAwait(false);
        using ClusterClient client = ClusterClient.FromContext(made.Context, null, WireJson.Default);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartLimit);
        while (true)
        {
            try
            {
                if ((await client.GetClusterAsync(limit.Token).ConfigureAwait(false)).Quorum == Contract.Quorum.Quorate)
                {
                    Console.Out.WriteLine($"Cluster '{made.Configuration.Name}' has quorum, with node {node.Settings.Node}.");
                    return;
                }
            }
            catch (Exception e) when (e is ClusterUnreachableException or ClusterApiException)
            {
                // It is starting.
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new InvalidDataException(
                    $"The cluster has no quorum after {StartLimit.TotalMinutes:0} minutes. Look at corosync (corosync-cfgtool -s) and at "
                        + "what the daemon says.");
            }

            await Task.WhenAny(Task.Delay(AskAgain, limit.Token)).ConfigureAwait(false);
        }
    }

    private static Option<string?> Administrator() => new("--admin")
    {
        Description = "The administrator's folder, which gets the CA's key; 'admin' in the state folder when left out.",
        HelpName = "DIR",
    };

    private static Option<string[]> Address() => new("--address")
    {
        Description = "IP address that the API listens on; NODE=IP for each node's own, NODE=IP,IP for corosync's further links.",
        HelpName = "[NODE=]IP",
        DefaultValueFactory = _ => [],
    };

    private static Option<int> BasePort() => new("--base-port")
    {
        Description = "Port of the first node's API, the next ones following.",
        HelpName = "PORT",
        DefaultValueFactory = _ => LabOptions.DefaultPort,
    };

    private static ClusterInitialization Write(
        ClusterConfiguration configuration, string[] names, string state, string? admin, NodeAddresses addresses,
        CorosyncSettings? corosync, int port, bool force, bool begins)
    {
        bool isAlone = names.Length == 1 && (corosync is null || begins);
        string administrator = Path.GetFullPath(admin ?? Path.Combine(state, "admin"));
        var initialization = new ClusterInitialization
        {
            Configuration = configuration,
            AdministratorFolder = administrator,
            Force = force,
            Nodes = [.. names.Select(NewNode)],
            Corosync = corosync,
        };
        initialization.Write();
        Console.Out.WriteLine(
            $"Cluster '{configuration.Name}': the CA's key and the administrator's certificate are in {administrator}; "
                + "take them off the nodes.");
        if (!begins)
        {
            foreach (NewNode node in initialization.Nodes)
            {
                Console.Out.WriteLine(corosync is null
                    ? $"{node.Settings.Node}: clusterd run --state {node.StateFolder}"
                    : $"{node.Settings.Node}: copy {node.StateFolder} to the machine, its corosync.conf and authkey to /etc/corosync; "
                        + "start corosync there, then clusterd run --state with the folder.");
            }
        }

        Console.Out.WriteLine($"Then: clusterd status --context {initialization.Context}");
        return initialization;

        NewNode NewNode(string name, int at)
        {
            IPAddress own = addresses.Of(configuration.Nodes[name]);
            return new NewNode(
                isAlone ? state : Path.Combine(state, name),
                new NodeSettings
                {
                    Node = name,
                    Cluster = configuration.Name,
                    Engine = corosync is null ? NodeEngine.Local : NodeEngine.Corosync,
                    EngineFolder = isAlone || corosync is not null ? "engine" : Path.Combine("..", "engine"),
                    Token = configuration.Timing.Token,
                    // Each machine has the port to itself.
                    Listen = [$"https://{new IPEndPoint(own, corosync is null ? port + at : port)}"],
                },
                [own.ToString(), .. corosync is null ? (string[])["localhost", Dns.GetHostName()] : [name]]);
        }
    }
}
