using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using ClusterTools.Agents;
using ClusterTools.Core.Configuration;
using ClusterTools.Fencing.Lab;
using ClusterTools.Lab;

namespace ClusterTools.Host.Commands;

/// <summary><c>clusterd lab</c>: a whole cluster on this machine, and what can be done to its nodes.</summary>
internal static class LabCommand
{
    private const string FolderVariable = "CLUSTERTOOLS_LAB";

    // What the example's web server takes its port from.
    private const string WebPort = "WEBSHOP_PORT";

    public static Command Create()
    {
        var nodes = new Option<int?>("--nodes")
        {
            Description = "How many nodes; as many as the configuration has, or three without one.",
            HelpName = "N",
        };
        var config = new Option<string?>("--config")
        {
            Description = "The configuration: a cluster.conf, or JSON. Without one: nodes and no groups.",
            HelpName = "FILE",
        };
        var root = new Option<string?>("--root")
        {
            Description = "A folder that stands for / in the configuration's paths.",
            HelpName = "DIR",
        };
        var folder = new Option<string?>("--folder")
        {
            Description = "The lab's folder, kept when the lab ends; otherwise a temporary one.",
            HelpName = "DIR",
        };
        var keep = new Option<bool>("--keep") { Description = "Keep the temporary folder." };
        var token = new Option<int?>("--token") { Description = "Token time in milliseconds, 200 to 60000.", HelpName = "MS" };
        var port = new Option<int?>("--base-port")
        {
            Description = $"Port of the first node's API; {LabOptions.DefaultPort}, or free ones.",
            HelpName = "PORT",
        };
        var remove = new Option<bool>("--remove") { Description = "Remove the folder given with --folder too when the lab ends." };
        Option<string?> context = Context();
        Option<string> contextName = ContextName();
        Option<bool> ownSession = Flag("--own-session", "Leave the terminal's session: Ctrl-C there does not end the lab.");
        Option<bool> endWithInput = Flag("--end-with-input", "End when standard input ends: with the program that holds its other end.");
        Option<string[]> environment = AgentEnvironmentOption();
        var command = new Command(
            "lab", "Run a whole cluster on this machine, for trying things out; needs no root. Ctrl-C ends it and leaves nothing.")
        {
            nodes, config, root, folder, keep, remove, token, port, environment, context, contextName, ownSession, endWithInput,
            CreateKill(),
            CreateAct(
                "stall", "Stop a node's daemon in its tracks (SIGSTOP), as a hang would.", (lab, node, _) => Do(() => lab.Stall(node))),
            CreateAct("resume", "Let a stalled daemon go on (SIGCONT).", (lab, node, _) => Do(() => lab.Resume(node))),
            CreateAct("revive", "Put the plug in again and start the node.", (lab, node, cancel) => lab.ReviveAsync(node, cancel)),
            CreateStatus(),
            CreateDemo(),
        };
        command.SetAction(async (parsed, cancel) =>
        {
            LabOptions? options = await ReadAsync(parsed.GetValue(config), parsed.GetValue(root), parsed.GetValue(token), cancel)
                .ConfigureAwait(false);
            return options is null ? ExitCode.Failure : await RunAsync(
                options with
                {
                    Nodes = parsed.GetValue(nodes),
                    Folder = parsed.GetValue(folder),
                    Keep = parsed.GetValue(keep),
                    Remove = parsed.GetValue(remove),
                    BasePort = parsed.GetValue(port),
                    AgentEnvironment = ReadEnvironment(parsed.GetValue(environment) ?? []),
                },
                new Surroundings(
                    parsed.GetValue(context), parsed.GetRequiredValue(contextName), parsed.GetValue(ownSession),
                    parsed.GetValue(endWithInput)),
                cancel).ConfigureAwait(false);
        });
        return command;
    }

    private static Option<bool> Flag(string name, string description) => new(name) { Description = description };

    private static Option<string?> Context() => new("--context")
    {
        Description = "A client context file that has the lab's context, as the current one, for as long as the lab runs.",
        HelpName = "FILE",
    };

    private static Option<string> ContextName() => new("--context-name")
    {
        Description = "What the lab is called there.",
        HelpName = "NAME",
        DefaultValueFactory = _ => "lab",
    };

    private static Option<string[]> AgentEnvironmentOption() => new("--env")
    {
        Description = "Added to the environment of every resource agent.",
        HelpName = "NAME=VALUE",
        DefaultValueFactory = _ => [],
    };

    private static Command CreateDemo()
    {
        var config = new Option<string>("--config") { Description = "The configuration.", Required = true, HelpName = "FILE" };
        var root = new Option<string?>("--root")
        {
            Description = "A folder that stands for / in the configuration's paths.",
            HelpName = "DIR",
        };
        var token = new Option<int?>("--token") { Description = "Token time in milliseconds.", HelpName = "MS" };
        var group = new Option<string>("--group")
        {
            Description = "The group with the HTTP service.",
            HelpName = "GROUP",
            DefaultValueFactory = _ => "webshop",
        };
        var command = new Command(
            "demo", "Failure, failover, return and failback of a node in a lab, with a timeline; exit code 0 only if all of it happened.")
        {
            config, root, token, group,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            LabOptions? options = await ReadAsync(parsed.GetValue(config), parsed.GetValue(root), parsed.GetValue(token), cancel)
                .ConfigureAwait(false);
            if (options is null)
            {
                return ExitCode.Failure;
            }

            // A port that is surely free: the demo must not meet another web server.
            int port = LabCluster.FreePorts(1)[0];
            var demo = new DemoOptions(
                options with
                {
                    BasePort = 0,
                    AgentEnvironment = options.AgentEnvironment.SetItem(WebPort, port.ToString(CultureInfo.InvariantCulture)),
                },
                parsed.GetRequiredValue(group),
                new Uri($"http://127.0.0.1:{port}/"));
            return await Demo.RunAsync(demo, Console.Out, cancel).ConfigureAwait(false) ? ExitCode.Success : ExitCode.Failure;
        });
        return command;
    }

    /// <returns>Null when the configuration is refused; the reasons are on standard error.</returns>
    private static async Task<LabOptions?> ReadAsync(string? config, string? root, int? token, CancellationToken cancel)
    {
        ClusterConfiguration? configuration = null;
        if (config is not null)
        {
            configuration = await ConfigurationSource.ReadUsableAsync(config, cancel).ConfigureAwait(false);
            if (configuration is null)
            {
                return null;
            }
        }

        if (token is < 200 or > 60_000)
        {
            throw new LabException($"--token {token} is out of range. Use 200 to 60000 milliseconds.");
        }

        if (root is not null && !Directory.Exists(root))
        {
            throw new LabException($"--root '{root}' is no folder. Name the folder that stands for /.");
        }

        return new LabOptions { Program = OwnProgram.CommandLine, Configuration = configuration, Root = root, Token = token };
    }

    /// <summary>The process that stands for a lab node's power socket; started by the lab, not by people.</summary>
    public static Command CreateNode()
    {
        var folder = new Option<string>("--folder") { Required = true };
        var node = new Option<string>("--node") { Required = true };
        var quiet = new Option<bool>("--quiet");
        // Each word by itself; what else would start the daemon, if the lab was told of a program of its own.
        var program = new Option<string[]>("--program") { DefaultValueFactory = _ => [.. OwnProgram.CommandLine] };
        // Told, not looked up: a lab that is killed at once has left the socket another parent before the socket can look.
        var parent = new Option<int>("--parent");
        var command = new Command("lab-node", "The power socket of a lab node.") { folder, node, quiet, program, parent };
        command.Hidden = true;
        command.SetAction(async (parsed, cancel) =>
        {
            var lab = new LabFolder(parsed.GetRequiredValue(folder));
            FileStatus.KeepToOwner();
            PrivateFolder.Check(lab.Path);
            string name = parsed.GetRequiredValue(node);
            await LabSupervisor.RunAsync(
                new LabSupervisorOptions
                {
                    LabFolder = lab.Path,
                    Node = name,
                    ParentPid = parsed.GetValue(parent),
                    CommandLine = [.. parsed.GetRequiredValue(program), "run", "--state", lab.Node(name)],
                    OutputFile = lab.Log(name),
                    RunFolder = lab.Run(name),
                    // A lab that ends has nobody to move groups to.
                    StopLimit = TimeSpan.Zero,
                    Report = parsed.GetValue(quiet) ? null : Console.Out.WriteLine,
                },
                cancel).ConfigureAwait(false);
            return ExitCode.Success;
        });
        return command;
    }

    private static async Task<int> RunAsync(LabOptions options, Surroundings surroundings, CancellationToken cancel)
    {
        if (surroundings.OwnSession)
        {
            OwnSession.Begin();
        }

        if (surroundings.ContextFile is { } taken)
        {
            LabContext.Refuse(taken, surroundings.ContextName);
        }

        await using LabCluster lab = LabCluster.Start(options);
        LabContext? context = surroundings.ContextFile is { } file ? LabContext.Add(file, surroundings.ContextName, lab.Folder) : null;
        try
        {
            return await AttendAsync(lab, options, surroundings, cancel).ConfigureAwait(false);
        }
        finally
        {
            // Before the nodes end: nobody is to be sent to a lab that is going.
            context?.Remove();
        }
    }

    private static async Task<int> AttendAsync(LabCluster lab, LabOptions options, Surroundings surroundings, CancellationToken cancel)
    {
        foreach (string line in lab.Replaced)
        {
            Console.Out.WriteLine($"lab: {line}");
        }

        Console.Out.WriteLine(
            $"""

            The lab of cluster '{lab.Description.Cluster}' runs. All its files are in {lab.Folder.Path}
            {string.Join('\n', lab.Description.Nodes.Select(n => $"  {n.Name}: {n.Address}, log {lab.Folder.Log(n.Name)}"))}

              clusterd status --context {lab.Folder.Context}
              curl --cacert {lab.Folder.Own}/ca.pem --cert-type P12 --cert {lab.Folder.Own}/admin.pfx: {lab.Description.Nodes[0].Address}/v1/cluster
              clusterd lab kill|stall|resume|revive NODE --folder {lab.Folder.Path}

            Ctrl-C ends it{(options.KeepsFolder ? "; its folder is kept" : " and leaves nothing")}.
            """);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task ready = TellReadyAsync(lab, over.Token);
        Task broken = lab.WaitForBreakAsync(over.Token);
        Task ended = surroundings.EndWithInput ? OwnSession.WaitForEndOfInputAsync(cancel) : broken;
        bool asked = (await Task.WhenAny(broken, ended).ConfigureAwait(false) == ended && ended != broken)
            || cancel.IsCancellationRequested;
        await over.CancelAsync().ConfigureAwait(false);
        await ready.ConfigureAwait(false);
        if (asked)
        {
            return ExitCode.Success;
        }

        Console.Error.WriteLine("clusterd: a node's power socket has ended by itself; the lab is given up.");
        return ExitCode.Failure;
    }

    private static async Task TellReadyAsync(LabCluster lab, CancellationToken cancel)
    {
        try
        {
            await lab.WaitUntilReadyAsync(cancel).ConfigureAwait(false);
            // Programs that start a lab wait for this line.
            Console.Out.WriteLine("lab: ready; every node is online, and every group that starts by itself has been started");
        }
        catch (OperationCanceledException)
        {
            // The lab ends before it was ready.
        }
    }

    private static Command CreateKill()
    {
        var daemonOnly = new Option<bool>("--daemon-only")
        {
            Description = "Kill clusterd alone (SIGKILL), as a crash would; what it started goes on running.",
        };
        Command command = CreateAct(
            "kill", "Pull a node's plug: everything it runs ends at once, and it stays off until it is revived.", null);
        command.Add(daemonOnly);
        var node = (Argument<string>)command.Arguments[0];
        var folder = (Option<string?>)command.Options[0];
        command.SetAction(async (parsed, cancel) =>
        {
            LabControl lab = Find(parsed.GetValue(folder));
            string name = parsed.GetRequiredValue(node);
            if (parsed.GetValue(daemonOnly))
            {
                lab.KillDaemon(name);
            }
            else
            {
                await lab.PullPlugAsync(name, cancel).ConfigureAwait(false);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static Command CreateAct(string name, string description, Func<LabControl, string, CancellationToken, Task>? act)
    {
        var node = new Argument<string>("NODE") { Description = "The node." };
        Option<string?> folder = FolderOption();
        var command = new Command(name, description) { node, folder };
        if (act is not null)
        {
            command.SetAction(async (parsed, cancel) =>
            {
                await act(Find(parsed.GetValue(folder)), parsed.GetRequiredValue(node), cancel).ConfigureAwait(false);
                return ExitCode.Success;
            });
        }

        return command;
    }

    private static Command CreateStatus()
    {
        Option<string?> folder = FolderOption();
        var command = new Command("status", "Each node's power and daemon, as seen from outside.") { folder };
        command.SetAction(parsed =>
        {
            foreach (string line in Find(parsed.GetValue(folder)).Describe())
            {
                Console.Out.WriteLine(line);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static Option<string?> FolderOption() => new("--folder")
    {
        Description = $"The lab's folder; ${FolderVariable}, or the only lab that runs, when left out.",
        HelpName = "DIR",
    };

    private static LabControl Find(string? folder)
    {
        if ((folder ?? Environment.GetEnvironmentVariable(FolderVariable)) is { Length: > 0 } given)
        {
            return new LabControl(new LabFolder(given));
        }

        string[] found = [.. LabCluster.FindRunning()];
        return found switch
        {
            [var only] => new LabControl(new LabFolder(only)),
            [] => throw new LabException("No lab runs. Start one with 'clusterd lab', or name its folder with --folder."),
            _ => throw new LabException($"Several labs run: {string.Join(", ", found)}. Name one with --folder."),
        };
    }

    private static ImmutableSortedDictionary<string, string> ReadEnvironment(string[] entries)
    {
        var environment = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (string entry in entries)
        {
            int equals = entry.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                throw new LabException($"--env '{entry}' is not of the form NAME=VALUE.");
            }

            environment[entry[..equals]] = entry[(equals + 1)..];
        }

        return environment.ToImmutable();
    }

    /// <summary>What the lab has to do with its caller.</summary>
    private sealed record Surroundings(string? ContextFile, string ContextName, bool OwnSession, bool EndWithInput);

    private static Task Do(Action action)
    {
        action();
        return Task.CompletedTask;
    }
}
