using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ClusterTools.Agents;
using ClusterTools.Api;
using ClusterTools.Client;
using ClusterTools.Core.Configuration;
using ClusterTools.Fencing.Lab;
using ClusterTools.Node;

namespace ClusterTools.Lab;

/// <summary>
/// A cluster on this machine: for each node a process that stands for its power socket, and below it all that the node runs.
/// </summary>
public sealed class LabCluster : IAsyncDisposable
{
    /// <summary>How names of labs' folders under the system's folder for temporary files begin.</summary>
    public const string FolderPrefix = "clusterd-lab-";

    private const int SignalTerminate = 15;
    private const int SignalKill = 9;
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan ReadyPoll = TimeSpan.FromMilliseconds(100);

    private readonly List<Process> sockets = [];
    private readonly bool keep;

    private LabCluster(
        LabFolder folder, LabDescription description, ClusterConfiguration configuration, ImmutableArray<string> replaced, bool keep)
    {
        Folder = folder;
        Description = description;
        Configuration = configuration;
        Replaced = replaced;
        this.keep = keep;
    }

    public LabFolder Folder { get; }

    public LabDescription Description { get; }

    /// <summary>The configuration the cluster began with.</summary>
    public ClusterConfiguration Configuration { get; }

    /// <summary>One line for each thing of the configuration that was replaced.</summary>
    public ImmutableArray<string> Replaced { get; }

    /// <summary>Makes the folder and starts the nodes; returns before they have found each other.</summary>
    /// <exception cref="LabException">The configuration does not fit a lab, or the folder is in use.</exception>
    public static LabCluster Start(LabOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!OperatingSystem.IsLinux())
        {
            throw new LabException("The lab needs Linux.");
        }

        // Refused before anything is made.
        _ = Fit(options, new LabFolder(options.Folder ?? Path.GetTempPath()));
        bool given = options.Folder is not null;
        if (given && FileStatus.Read(Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Folder!))) is { } there
            && (there.IsLink || there.Owner != FileStatus.EffectiveUser))
        {
            PrivateFolder.Check(options.Folder!);
        }

        if (given && Directory.Exists(options.Folder) && Directory.EnumerateFileSystemEntries(options.Folder).Any())
        {
            throw new LabException($"'{options.Folder}' is not empty. Give another folder, or remove it.");
        }

        // Another user could have made the folder first and put programs there for the lab to run.
        FileStatus.KeepToOwner();
        var folder = new LabFolder(given ? options.Folder! : Directory.CreateTempSubdirectory(FolderPrefix).FullName);
        PrivateFolder.Claim(folder.Path);
        if (Directory.EnumerateFileSystemEntries(folder.Path).Any())
        {
            throw new LabException($"'{folder.Path}' is not empty. Give another folder, or remove it.");
        }

        LabConfigurationResult fit = Fit(options, folder);
        LabCluster? lab = null;
        try
        {
            LabDescription description = Prepare(options, folder, fit.Configuration!);
            lab = new LabCluster(folder, description, fit.Configuration!, fit.Replaced, options.KeepsFolder);
            foreach (LabNode node in description.Nodes)
            {
                lab.sockets.Add(StartSocket(options, folder, node.Name));
            }

            return lab;
        }
        catch
        {
            if (lab is null && !given)
            {
                Directory.Delete(folder.Path, recursive: true);
            }

            throw;
        }
    }

    /// <summary>
    /// Folders of this user's labs that run on this machine: what others' processes say of themselves is nothing to go by.
    /// </summary>
    public static IEnumerable<string> FindRunning() =>
        Directory.EnumerateDirectories("/proc")
            .Where(p => char.IsAsciiDigit(Path.GetFileName(p)[0]) && FileStatus.Read(p)?.Owner == FileStatus.EffectiveUser)
            .Select(CommandLine)
            .Select(words => (Words: words, At: Array.IndexOf(words, "lab-node")))
            .Where(c => c.At > 0 && c.At + 2 < c.Words.Length && c.Words[c.At + 1] == "--folder")
            .Select(c => c.Words[c.At + 2])
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal);

    /// <summary>Completes when every node is online and every group that starts by itself has started, failed or been disabled.</summary>
    public async Task WaitUntilReadyAsync(CancellationToken cancel)
    {
        using ClusterClient client = ClusterClient.FromContext(Folder.Context, null, WireJson.Default);
        while (!await IsReadyAsync(client, cancel).ConfigureAwait(false))
        {
            await Task.Delay(ReadyPoll, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Completes when one of the nodes' power sockets has ended, which none does by itself.</summary>
    public Task WaitForBreakAsync(CancellationToken cancel) => Task.WhenAny(sockets.Select(s => s.WaitForExitAsync(cancel)));

    /// <summary>Ends everything that the lab started; its folder goes unless it was given or is to be kept.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (Process socket in sockets)
        {
            // Already ended by the terminal's Ctrl-C, perhaps.
            ProcessIdentity.Find(socket.Id)?.Signal(SignalTerminate);
        }

        using var limit = new CancellationTokenSource(EndLimit);
        foreach (Process socket in sockets)
        {
            try
            {
                await socket.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                ProcessIdentity.Find(socket.Id)?.Signal(SignalKill);
            }

            socket.Dispose();
        }

        sockets.Clear();
        if (!keep)
        {
            Directory.Delete(Folder.Path, recursive: true);
        }
    }

    private static async Task<bool> IsReadyAsync(ClusterClient client, CancellationToken cancel)
    {
        try
        {
            return (await client.GetNodesAsync(cancel).ConfigureAwait(false)).All(n => n.Phase == Contract.NodePhase.Online)
                && (await client.GetGroupsAsync(false, cancel).ConfigureAwait(false))
                    .All(g => !g.Autostart
                        || g.Phase is Contract.GroupPhase.Started or Contract.GroupPhase.Failed or Contract.GroupPhase.Disabled);
        }
        catch (Exception e) when (e is ClusterUnreachableException or ClusterApiException)
        {
            // Not yet.
            return false;
        }
    }

    private static LabConfigurationResult Fit(LabOptions options, LabFolder folder)
    {
        LabConfigurationResult fit = LabConfiguration.Create(options.Configuration, new LabSubstitutes
        {
            Folder = folder.Path,
            FenceAgent = folder.FenceAgent,
            StandIn = folder.StandIn,
            Root = options.Root is { } root ? Path.GetFullPath(root) : null,
            Nodes = options.Nodes,
            Token = options.Token,
        });
        return fit.Refusal is { } refusal ? throw new LabException(refusal) : fit;
    }

    private static LabDescription Prepare(LabOptions options, LabFolder folder, ClusterConfiguration configuration)
    {
        int[] ports = Ports(options.BasePort, configuration.Nodes.Count);
        LabNode[] nodes =
        [
            .. configuration.Nodes.Values.OrderBy(n => n.Id).Select((n, at) => new LabNode(n.Name, $"https://127.0.0.1:{ports[at]}")),
        ];
        LabScripts.Write(folder, options.Program);
        new ClusterInitialization
        {
            Configuration = configuration,
            AdministratorFolder = folder.Own,
            ContextFile = folder.Context,
            // To see what other roles may and may not.
            Users = [new NewUser("operator", AccessRole.Operator), new NewUser("viewer", AccessRole.Viewer)],
            Nodes =
            [
                .. nodes.Select(n => new NewNode(
                    folder.Node(n.Name),
                    new NodeSettings
                    {
                        Node = n.Name,
                        Cluster = configuration.Name,
                        EngineFolder = Path.GetRelativePath(folder.Node(n.Name), folder.Engine),
                        Token = configuration.Timing.Token,
                        Listen = [n.Address],
                        Lab = folder.Path,
                        AgentEnvironment = options.AgentEnvironment,
                    },
                    ["127.0.0.1", "localhost"])),
            ],
        }.Write();
        var description = new LabDescription(configuration.Name, nodes, configuration.Timing.Token);
        folder.Write(description);
        return description;
    }

    private static int[] Ports(int? first, int count)
    {
        if (first < 0 || first + count > IPEndPoint.MaxPort + 1)
        {
            throw new LabException(
                $"Ports from {first} on are out of range. Use 1 to {IPEndPoint.MaxPort + 1 - count}, or 0 for free ones.");
        }

        if (first is > 0)
        {
            return [.. Enumerable.Range(first.Value, count)];
        }

        int[] usual = [.. Enumerable.Range(LabOptions.DefaultPort, count)];
        return first is null && usual.All(IsFree) ? usual : FreePorts(count);
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>
    /// Ports that nobody listens on at the moment, below those that systems give to clients' connections: one of those might be
    /// taken before its daemon has started.
    /// </summary>
    public static int[] FreePorts(int count)
    {
        const int Lowest = 20_000;
        const int Highest = 32_000;
        var ports = new HashSet<int>();
        for (int tries = 0; ports.Count < count; tries++)
        {
            int port = Random.Shared.Next(Lowest, Highest);
            if (tries > Highest - Lowest)
            {
                throw new LabException(
                    $"There are no {count} free ports between {Lowest} and {Highest}. Name the first one with --base-port.");
            }

            if (!ports.Contains(port) && IsFree(port))
            {
                ports.Add(port);
            }
        }

        return [.. ports];
    }

    private static string[] CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended.
            return [];
        }
    }

    private static Process StartSocket(LabOptions options, LabFolder folder, string node)
    {
        var start = new ProcessStartInfo(options.Program[0]) { UseShellExecute = false };
        // No debugger and no profiler from outside (the runtime's diagnostics port).
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        IEnumerable<string> arguments =
        [
            .. options.Program[1..], "lab-node", "--folder", folder.Path, "--node", node, "--parent", $"{Environment.ProcessId}",
            .. options.Quiet
                ? ["--quiet"]
                : Array.Empty<string>(),
            .. options.Program.SelectMany(static word => (string[])["--program", word]),
        ];
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }
}
