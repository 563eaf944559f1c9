using System.CommandLine;
using System.Net;
using ClusterTools.Agents;
using ClusterTools.Core.Configuration;
using ClusterTools.Engines.Corosync.Settings;
using ClusterTools.Lab;
using ClusterTools.Node;

namespace ClusterTools.Host.Commands;

/// <summary><c>clusterd init</c>: a new cluster's authority, certificates and state folders.</summary>
internal static class InitCommand
{
    public static Command Create()
    {
        var config = new Option<string>("--config")
        {
            Description = "The configuration the cluster begins with: a cluster.conf, or JSON.",
            Required = true,
            HelpName = "FILE",
        };
        var state = new Option<string>("--state")
        {
            Description = "The state folder; with several nodes, a folder in it for each.",
            Required = true,
            HelpName = "DIR",
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
        var force = new Option<bool>("--force") { Description = "Replace what is there." };
        var command = new Command("init", "Make a cluster's authority and certificates and its nodes' state folders. Overwrites nothing.")
        {
            config, state, node, engine, admin, address, port, force,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            FileStatus.KeepToOwner();
            if (await ConfigurationSource.ReadUsableAsync(parsed.GetRequiredValue(config), cancel)
                .ConfigureAwait(false) is not { } configuration)
            {
                return ExitCode.Failure;
            }

            string[] names = parsed.GetValue(node) is { Length: > 0 } given
                ? [.. given.Distinct()]
                : [.. configuration.Nodes.Values.OrderBy(n => n.Id).Select(n => n.Name)];
            if (names.FirstOrDefault(n => !configuration.Nodes.ContainsKey(n)) is { } unknown)
            {
                Console.Error.WriteLine(
                    $"clusterd: there is no node '{unknown}' in the configuration. Nodes: {string.Join(", ", configuration.Nodes.Keys)}.");
                return ExitCode.Failure;
            }

            NodeAddresses addresses;
            CorosyncSettings? corosync;
            try
            {
                addresses = NodeAddresses.Read(parsed.GetRequiredValue(address), configuration.Nodes.Keys);
                corosync = parsed.GetValue(engine) == NodeEngine.Corosync ? addresses.Corosync(configuration) : null;
            }
            catch (InvalidDataException e)
            {
                Console.Error.WriteLine($"clusterd: {e.Message}");
                return ExitCode.Unusable;
            }

            return Write(
                configuration, names, Path.GetFullPath(parsed.GetRequiredValue(state)), parsed.GetValue(admin), addresses, corosync,
                parsed.GetValue(port), parsed.GetValue(force));
        });
        return command;
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

    private static int Write(
        ClusterConfiguration configuration, string[] names, string state, string? admin, NodeAddresses addresses,
        CorosyncSettings? corosync, int port, bool force)
    {
        bool isAlone = names.Length == 1 && corosync is null;
        string administrator = Path.GetFullPath(admin ?? Path.Combine(state, "admin"));
        var initialization = new ClusterInitialization
        {
            Configuration = configuration,
            AdministratorFolder = administrator,
            Force = force,
            Nodes =
            [
                .. names.Select((name, at) => new NewNode(
                    isAlone ? state : Path.Combine(state, name),
                    new NodeSettings
                    {
                        Node = name,
                        Cluster = configuration.Name,
                        Engine = corosync is null ? NodeEngine.Local : NodeEngine.Corosync,
                        EngineFolder = isAlone || corosync is not null ? "engine" : Path.Combine("..", "engine"),
                        Token = configuration.Timing.Token,
                        // Each machine has the port to itself.
                        Listen = [$"https://{new IPEndPoint(addresses.Of(name), corosync is null ? port + at : port)}"],
                    },
                    [addresses.Of(name).ToString(), .. corosync is null ? (string[])["localhost", Dns.GetHostName()] : [name]])),
            ],
            Corosync = corosync,
        };
        initialization.Write();
        Console.Out.WriteLine(
            $"Cluster '{configuration.Name}': the CA's key and the administrator's certificate are in {administrator}; "
                + "take them off the nodes.");
        foreach (NewNode node in initialization.Nodes)
        {
            Console.Out.WriteLine(corosync is null
                ? $"{node.Settings.Node}: clusterd run --state {node.StateFolder}"
                : $"{node.Settings.Node}: copy {node.StateFolder} to the machine, its corosync.conf and authkey to /etc/corosync; "
                    + "start corosync there, then clusterd run --state with the folder.");
        }

        Console.Out.WriteLine($"Then: clusterd status --context {Path.Combine(administrator, "context.json")}");
        return ExitCode.Success;
    }
}
