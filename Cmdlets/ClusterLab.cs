using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ClusterTools.Cmdlets;

/// <summary>Starts a lab: a whole cluster on this machine, for trying things out.</summary>
/// <remarks>
/// <para>The lab runs in the background, needs no root, and has a folder of its own under the system's folder for temporary files. Its
/// client context becomes the current one, so that all commands mean the lab from now on. It ends with Stop-ClusterLab, or with the shell,
/// unless -KeepRunning is given; then nothing of it is left, and the context that was current before is current again.</para>
/// <para>Without -Config it is the web shop, with three nodes and the groups webshop, reports and batch; with -Nodes and another number it
/// has nodes and no groups. Fence devices are replaced by the lab's own, and resources that would change the machine by stand-ins.</para>
/// <para>Invoke-ClusterLabFault cuts a node's power, hangs it, and brings it back.</para>
/// </remarks>
/// <example><code>Start-ClusterLab trial; Get-ClusterGroup -Cluster trial; Stop-ClusterLab trial</code>Starts a lab, shows its groups, and
/// ends it.</example>
/// <example><code>$pair = Start-ClusterLab pair -Nodes 2 -Wait 60; $pair | Stop-ClusterLab</code>Starts a lab of two nodes without groups,
/// and ends it.</example>
[Cmdlet(VerbsLifecycle.Start, "ClusterLab", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(ClusterLab))]
public sealed class StartClusterLabCommand : StoppableCmdlet
{
    // The variable that the example's web server reads its port from, and the usual port.
    private const string PortVariable = "WEBSHOP_PORT";
    private const int UsualPort = 18080;
    private const string Ready = "lab: ready";
    private const int UsualWait = 120;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>The lab's name: that of its client context.</summary>
    [Parameter(Position = 0)]
    [ValidatePattern("^[A-Za-z0-9._-]{1,64}$")]
    public string Name { get; set; } = "lab";

    /// <summary>How many nodes, 1 to 16; as many as are configured when left out.</summary>
    [Parameter]
    [ValidateRange(1, 16)]
    public int? Nodes { get; set; }

    /// <summary>A cluster.conf, or a configuration in JSON; the web shop when left out.</summary>
    [Parameter]
    [Alias("Path")]
    [ValidateNotNullOrEmpty]
    public string? Config { get; set; }

    /// <summary>A folder that stands for / in the configuration's paths.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Root { get; set; }

    /// <summary>How long a node may be silent before it is declared lost, in milliseconds; as configured when left out.</summary>
    [Parameter]
    [ValidateRange(200, 60_000)]
    public int? Token { get; set; }

    /// <summary>Port of the first node's API, the next ones following; free ones when left out.</summary>
    [Parameter]
    [ValidateRange(0, 65_520)]
    public int Port { get; set; }

    /// <summary>Added to the environment of every resource agent: names and values.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? Environment { get; set; }

    /// <summary>The program clusterd; that of $env:CLUSTERTOOLS_DAEMON, on PATH or beside the module when left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Daemon { get; set; }

    /// <summary>The lab goes on when the shell ends.</summary>
    [Parameter]
    public SwitchParameter KeepRunning { get; set; }

    /// <summary>
    /// Seconds that it may take until every node is online and every group has been started; 120 when left out. 0: does not wait for that.
    /// </summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int Wait { get; set; } = UsualWait;

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        try
        {
            if (ShouldProcess(Name, "Start a lab on this machine"))
            {
                WriteObject(Start());
            }
        }
        catch (ClusterException e)
        {
            ThrowTerminatingError(ClusterErrors.Record(e, Name));
        }
    }

    private ClusterLab Start()
    {
        if (!RuntimeInformation.IsOSPlatform(OSPlatform.Linux))
        {
            throw new LabException(LabException.LabFailed, "A lab needs Linux.", "Start it there, or in WSL.");
        }

        string program = LabProgram.Find(Daemon is null ? null : GetUnresolvedProviderPathFromPSPath(Daemon));
        string contexts = ContextFile.DefaultPath;
        MakeRoom(contexts);
        string folder = Path.Combine(Path.GetTempPath(), $"clusterd-lab-{Guid.NewGuid():N}");
        List<string> arguments =
        [
            "lab", "--own-session", "--remove", "--folder", folder, "--context", contexts, "--context-name", Name,
            "--base-port", Port.ToString(CultureInfo.InvariantCulture),
        ];
        string? web = Describe(arguments);
        var lines = new ConcurrentQueue<string>();
        using var ready = new ManualResetEventSlim();
        Process process = Process.Start(LabProgram.Prepare(program, arguments))!;
        process.OutputDataReceived += (_, e) => Take(e.Data);
        process.ErrorDataReceived += (_, e) => Take(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (KeepRunning)
        {
            process.StandardInput.Close();
        }

        Labs.Hold(folder, process);
        try
        {
            Await(process, folder, ready, lines);
        }
        catch
        {
            Labs.End(Name, folder, CancellationToken.None);
            throw;
        }

        ClientContext context = ContextFile.Find(contexts, ContextFile.Read(contexts, ApiJson.Wire), Name);
        ClusterLab lab = Labs.Describe(context, folder, KeepRunning);
        lab.WebAddress = web;
        return lab;

        void Take(string? line)
        {
            if (line is null)
            {
                return;
            }

            Keep(lines, line);
            if (line.StartsWith(Ready, StringComparison.Ordinal))
            {
                try
                {
                    ready.Set();
                }
                catch (ObjectDisposedException)
                {
                    // Nobody waits for it any more.
                }
            }
        }
    }

    private static void Keep(ConcurrentQueue<string> lines, string line)
    {
        lines.Enqueue(line);
        while (lines.Count > 50)
        {
            lines.TryDequeue(out _);
        }
    }

    /// <summary>The name is free, or a lab that was killed has left it.</summary>
    private void MakeRoom(string contexts)
    {
        if (ContextFile.Read(contexts, ApiJson.Wire).Contexts.FirstOrDefault(c => ContextFile.Same(c.Name, Name)) is not { } there)
        {
            return;
        }

        if (Labs.FolderOf(there, contexts) is not { } left || Labs.Processes(left).Length > 0)
        {
            throw ClusterErrors.Own(
                ProblemCodes.AlreadyExists, 409, $"There is a context '{there.Name}' already.",
                "Choose another name, or change the one that is there.");
        }

        Labs.End(there.Name, left, Stopped);
    }

    /// <summary>Adds what the lab is to be to the arguments.</summary>
    /// <returns>Where the example serves; null: it is not the example.</returns>
    private string? Describe(List<string> arguments)
    {
        var environment = new Dictionary<string, string>();
        foreach (DictionaryEntry entry in Environment ?? new Hashtable())
        {
            environment[Arguments.Text(entry.Key) ?? ""] = Arguments.Text(entry.Value) ?? "";
        }

        string? web = null;
        if (Config is not null)
        {
            arguments.AddRange(["--config", GetUnresolvedProviderPathFromPSPath(Config)]);
        }
        else if (Nodes is null or 3 && LabProgram.Example is var (configuration, root))
        {
            arguments.AddRange(["--config", configuration]);
            if (Root is null)
            {
                arguments.AddRange(["--root", root]);
            }

            if (!environment.TryGetValue(PortVariable, out string? port))
            {
                environment[PortVariable] = port = FreePort().ToString(CultureInfo.InvariantCulture);
            }

            web = $"http://127.0.0.1:{port}/";
        }

        if (Root is not null)
        {
            arguments.AddRange(["--root", GetUnresolvedProviderPathFromPSPath(Root)]);
        }

        if (Nodes is { } nodes)
        {
            arguments.AddRange(["--nodes", nodes.ToString(CultureInfo.InvariantCulture)]);
        }

        if (Token is { } token)
        {
            arguments.AddRange(["--token", token.ToString(CultureInfo.InvariantCulture)]);
        }

        foreach (KeyValuePair<string, string> entry in environment)
        {
            arguments.AddRange(["--env", $"{entry.Key}={entry.Value}"]);
        }

        if (!KeepRunning)
        {
            arguments.Add("--end-with-input");
        }

        return web;
    }

    private void Await(Process process, string folder, ManualResetEventSlim ready, ConcurrentQueue<string> lines)
    {
        var since = Stopwatch.StartNew();
        var progress = new ProgressRecord(1, $"Starting lab {Name}", "clusterd is started");
        try
        {
            while (Wait == 0 ? !HasContext(folder) : !ready.IsSet)
            {
                if (process.HasExited)
                {
                    process.WaitForExit();
                    throw new LabException(
                        LabException.LabFailed, LabProgram.Said(string.Join(" ", lines.Skip(Math.Max(0, lines.Count - 5)))), "");
                }

                if (since.Elapsed.TotalSeconds > (Wait == 0 ? UsualWait : Wait))
                {
                    throw new LabException(
                        LabException.LabTimedOut, $"The lab was not ready within {Wait} s, and was ended.{Last(lines)}",
                        "Give it more time with -Wait, or do not wait with -Wait 0 and look at it.");
                }

                Pause(Poll);

                if (since.ElapsedMilliseconds > 400)
                {
                    (progress.StatusDescription, progress.PercentComplete) = Progress(folder);
                    WriteProgress(progress);
                }
            }
        }
        finally
        {
            if (!Stopped.IsCancellationRequested)
            {
                progress.RecordType = ProgressRecordType.Completed;
                WriteProgress(progress);
            }
        }
    }

    private static string Last(ConcurrentQueue<string> lines) =>
        lines.LastOrDefault() is { Length: > 0 } last ? $" Its last words: {last}" : "";

    private static bool HasContext(string folder) => Labs.All().Any(l => l.Folder == folder);

    private (string Status, int Percent) Progress(string folder)
    {
        if (!HasContext(folder))
        {
            return ("making certificates and state folders", 0);
        }

        try
        {
            ClusterClient client = ClusterConnections.Of(Name);
            NodeStatus[] nodes = client.GetNodesAsync(Stopped).GetAwaiter().GetResult();
            int online = nodes.Count(n => n.Phase == NodePhase.Online);
            GroupStatus[] groups = online == nodes.Length ? client.GetGroupsAsync(false, Stopped).GetAwaiter().GetResult() : [];
            return online < nodes.Length
                ? ($"{online} of {nodes.Length} nodes are online", 50 * online / nodes.Length)
                : ($"all nodes are online; {groups.Count(g => g.Phase == GroupPhase.Started)} of {groups.Count(g => g.Autostart)} "
                    + "groups are started", 50
                    + (50 * groups.Count(g => g.Phase == GroupPhase.Started) / Math.Max(1, groups.Length)));
        }
        catch (Exception e) when (e is ClusterException || (e is OperationCanceledException && Stopped.IsCancellationRequested))
        {
            return ("the daemons start", 0);
        }
    }

    private static int FreePort()
    {
        foreach (int port in (int[])[.. Enumerable.Range(UsualPort, 20), 0])
        {
            var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // Somebody has the usual one.
            }
            finally
            {
                listener.Stop();
            }
        }

        return UsualPort;
    }
}

/// <summary>Base of what is done with labs by their names.</summary>
public abstract class LabNamesCmdlet : ContextCmdlet
{
    /// <summary>Names of labs; wildcards are allowed.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [ValidateNotNullOrEmpty]
    [NameOf(typeof(ClusterLab), nameof(ClusterLab.Name), Many = true)]
    public string[]? Name { get; set; }

    /// <summary>Those that a name fits.</summary>
    /// <exception cref="LabException">None does, and it is no wildcard.</exception>
    private protected static (ClientContext Context, string Folder)[] Find(
        IReadOnlyList<(ClientContext Context, string Folder)> labs, string name)
    {
        (ClientContext Context, string Folder)[] found = ObjectNames.Find(labs, l => l.Context.Name, name);
        return found.Length > 0 || ObjectNames.IsWildcard(name) ? found : throw LabErrors.NoLab(name);
    }
}

/// <summary>Gets the labs of this user on this machine.</summary>
/// <remarks>
/// <para>A lab has a client context; those of labs that were killed are listed too, with process id 0, and Stop-ClusterLab cleans up after
/// them.</para>
/// </remarks>
/// <example><code>Get-ClusterLab</code>Lists the labs, their nodes and where they are.</example>
/// <example><code>Get-ClusterLab gone-* | Where-Object ProcessId -eq 0 | Stop-ClusterLab</code>Cleans up after labs that were killed; when
/// there are none, nothing happens.</example>
/// <parameter name="Name">Names of labs; wildcards are allowed. All when left out.</parameter>
[Cmdlet(VerbsCommon.Get, "ClusterLab")]
[OutputType(typeof(ClusterLab))]
public sealed class GetClusterLabCommand : LabNamesCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () =>
    {
        IReadOnlyList<(ClientContext Context, string Folder)> all = [.. Labs.All().GroupBy(l => l.Folder).Select(g => g.First())];
        foreach (string name in Name ?? ["*"])
        {
            Attempt(name, () =>
            {
                foreach ((ClientContext context, string folder) in Find(all, name))
                {
                    WriteObject(Labs.Describe(context, folder));
                }
            });
        }
    });
}

/// <summary>Ends labs: nothing of them is left, and the context that was current before is current again.</summary>
/// <remarks>
/// <para>Every process of the lab is ended, its folder and its context are removed. Without a name the current context's lab is meant. A
/// lab that was killed is cleaned up after.</para>
/// </remarks>
/// <example><code>Start-ClusterLab short -Nodes 1; Stop-ClusterLab short</code>Starts a lab and ends it.</example>
/// <example><code>Start-ClusterLab brief -Nodes 2 | Stop-ClusterLab -PassThru</code>Ends the lab of the pipeline and gives it
/// back.</example>
/// <parameter name="Name">Names of labs; wildcards are allowed. The lab of the current context when left out.</parameter>
[Cmdlet(VerbsLifecycle.Stop, "ClusterLab", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(ClusterLab))]
public sealed class StopClusterLabCommand : LabNamesCmdlet
{
    /// <summary>Give the lab back as it was.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        // A lab that can't be ended does not stop the others from being ended.
        string[] names = Name ?? [];
        Attempt(null, () => names = Name
            ?? [ContextFile.Find(ContextFile.DefaultPath, ContextFile.Read(ContextFile.DefaultPath, ApiJson.Wire), null).Name]);
        foreach (string name in names)
        {
            Attempt(name, () =>
            {
                foreach ((ClientContext context, string folder) in Find(Labs.All(), name).GroupBy(l => l.Folder).Select(g => g.First()))
                {
                    Attempt(context.Name, () => Stop(context, folder));
                }
            });
        }
    }

    private void Stop(ClientContext context, string folder)
    {
        if (!ShouldProcess($"{context.Name} ({folder})", "End the lab and remove all of it"))
        {
            return;
        }

        ClusterLab lab = Labs.Describe(context, folder, keepRunning: false);
        try
        {
            Labs.End(context.Name, folder, Stopped);
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
        catch (ClusterException e)
        {
            WriteError(ClusterErrors.Record(e, context.Name));
            return;
        }

        if (PassThru)
        {
            lab.ProcessId = 0;
            WriteObject(lab);
        }
    }
}

/// <summary>
/// Does to nodes of a lab what happens to machines: cuts their power, kills or hangs their daemons, and brings them back.
/// </summary>
/// <remarks>
/// <para>PowerCut pulls the plug: everything that the node runs ends at once, and it stays off, whatever fence devices do, until Revive.
/// Kill ends the daemon alone; what it started goes on running, and the cluster fences the node. Stall stops the daemon in its tracks, Wake
/// lets it go on, if it has not been fenced. Revive puts the plug in and starts the node.</para>
/// <para>After Revive and Wake the command waits until the node is online. The lab is that of the current context, or of -Cluster.</para>
/// </remarks>
/// <example><code>Invoke-ClusterLabFault node3 PowerCut; Invoke-ClusterLabFault node3 Revive</code>Cuts the power of node3 and brings it
/// back.</example>
/// <example><code>Invoke-ClusterLabFault -Node node2 -Fault Kill; Invoke-ClusterLabFault -Node node2 -Fault Revive -Wait 120</code>Lets
/// the daemon of node2 crash, starts it again, and waits up to two minutes for it.</example>
[Cmdlet(VerbsLifecycle.Invoke, "ClusterLabFault", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(ClusterLabNode))]
public sealed class InvokeClusterLabFaultCommand : ClusterCmdlet
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan ProgramLimit = TimeSpan.FromSeconds(60);

    /// <summary>Names of nodes.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [ValidateNotNullOrEmpty]
    [NodeName(Many = true)]
    public string[] Node { get; set; } = [];

    /// <summary>PowerCut, Kill, Stall, Wake or Revive.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    public ClusterLabFault Fault { get; set; }

    /// <summary>The program clusterd; that of $env:CLUSTERTOOLS_DAEMON, on PATH or beside the module when left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Daemon { get; set; }

    /// <summary>Seconds to wait after Revive and Wake until the node is online; 60 when left out. 0: does not wait.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int Wait { get; set; } = 60;

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Node, () =>
    {
        string path = ContextFile.DefaultPath;
        ClientContext context = ContextFile.Find(path, ContextFile.Read(path, ApiJson.Wire), Cluster);
        string folder = Labs.FolderOf(context, path) ?? throw LabErrors.NoLab(context.Name);
        string program = LabProgram.Find(Daemon is null ? null : GetUnresolvedProviderPathFromPSPath(Daemon));
        foreach (string node in Node)
        {
            if (ShouldProcess($"{node} of lab {context.Name}", Words(Fault)))
            {
                Attempt(node, () => Apply(context.Name, folder, program, node));
            }
        }
    });

    private static string Words(ClusterLabFault fault) => fault switch
    {
        ClusterLabFault.PowerCut => "Pull the plug: everything that runs there ends at once",
        ClusterLabFault.Kill => "Kill the daemon",
        ClusterLabFault.Stall => "Stop the daemon in its tracks",
        ClusterLabFault.Wake => "Let the stalled daemon go on",
        ClusterLabFault.Revive => "Put the plug in and start the node",
        _ => fault.ToString(),
    };

    private void Apply(string lab, string folder, string program, string node)
    {
        string[] fault = Fault switch
        {
            ClusterLabFault.PowerCut => ["kill", node],
            ClusterLabFault.Kill => ["kill", node, "--daemon-only"],
            ClusterLabFault.Stall => ["stall", node],
            ClusterLabFault.Wake => ["resume", node],
            _ => ["revive", node],
        };
        Run(["lab", .. fault, "--folder", folder]);
        if (Wait > 0 && Fault is ClusterLabFault.Revive or ClusterLabFault.Wake)
        {
            AwaitOnline(node);
        }

        foreach (string line in Run(["lab", "status", "--folder", folder]).Split('\n')
            .Where(l => l.StartsWith(node + ": ", StringComparison.Ordinal)))
        {
            string[] parts = line.Substring(node.Length + 2).Split([';'], 3);
            WriteClusterObject(new ClusterLabNode
            {
                Name = node,
                Lab = lab,
                Power = parts[0].Trim(),
                Daemon = parts.Length > 1 ? parts[1].Trim() : "",
                Address = parts.Length > 2 ? parts[2].Trim() : "",
            });
        }

        string Run(string[] arguments)
        {
            try
            {
                return LabProgram.Run(program, arguments, ProgramLimit, Stopped);
            }
            catch (OperationCanceledException)
            {
                throw new PipelineStoppedException();
            }
        }
    }

    private static async Task<long?> IncarnationAsync(ClusterClient client, string node, CancellationToken cancellationToken) =>
        (await client.GetHealthAsync(cancellationToken).ConfigureAwait(false)).FirstOrDefault(h => h.Node == node)?.Incarnation;

    private void AwaitOnline(string node)
    {
        var since = Stopwatch.StartNew();
        string phase = "unknown";
        while (true)
        {
            try
            {
                NodeStatus status = Call((client, cancel) => client.GetNodeAsync(node, cancel));
                phase = status.Phase.ToString();

                // The others may not have noticed yet that its last life is over: it is there when its own daemon is the one that is
                // online.
                if (status.Phase == NodePhase.Online
                    && status.Incarnation == Call((client, cancel) => IncarnationAsync(client, node, cancel)))
                {
                    return;
                }
            }
            catch (ClusterException e) when (e.Code != ProblemCodes.NotFound)
            {
                // The one that is asked may be the one that is not back yet.
                phase = e.Code;
            }

            if (since.Elapsed.TotalSeconds > Wait)
            {
                throw new LabException(
                    LabException.LabTimedOut, $"{node} is not online within {Wait} s: {phase}.",
                    $"It goes on starting; Get-ClusterNode {node} shows how far it is.");
            }

            Pause(Poll);
        }
    }
}

/// <summary>Errors of labs.</summary>
internal static class LabErrors
{
    public static LabException NoLab(string name) =>
        new(LabException.NoLab, $"'{name}' is not the context of a lab of this machine.", "Start one with Start-ClusterLab; "
            + "Get-ClusterContext lists contexts.");
}
