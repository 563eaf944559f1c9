using System.Security;
using System.Security.Cryptography.X509Certificates;

namespace ClusterTools.Cmdlets;

/// <summary>Gets the cluster on one screen: quorum, nodes, groups and where they run, failures, what is under way.</summary>
/// <remarks>
/// <para>The object holds the status of the whole, and as members Nodes, Groups, Operations (those under way) and Problems (the newest
/// warnings and errors of the journal).</para>
/// </remarks>
/// <example><code>Get-Cluster</code>Shows how the current cluster is.</example>
/// <example><code>(Get-Cluster).FailedGroups</code>Names the groups that have failed.</example>
/// <example><code>Get-ClusterContext | Get-Cluster | Format-Table Name, Quorum, FailedGroups</code>Shows all clusters that this user can
/// reach.</example>
[Cmdlet(VerbsCommon.Get, "Cluster", DefaultParameterSetName = ByName)]
[OutputType(typeof(ClusterStatus))]
public sealed class GetClusterCommand : ClusterCmdlet
{
    private const string ByName = "Name";

    private const string ByObject = "InputObject";

    private const int RecentProblems = 10;

    // Repeated messages are shown once, so that they do not crowd out the others.
    private const int ProblemsRead = 100;

    /// <summary>Contexts, as Get-ClusterContext gives them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    [Revived(typeof(ClientContext), Many = true)]
    public ClientContext[] InputObject { get; set; } = [];

    /// <summary>Names of contexts; the current one when left out.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = ByName)]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [ValidateNotNullOrEmpty]
    [NameOf(typeof(ClientContext), nameof(ClientContext.Name), Many = true)]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        string?[] names = ParameterSetName == ByObject ? [.. InputObject.Select(c => c.Name)] : Name is null ? [Cluster] : [.. Name];
        foreach (string? name in names)
        {
            Cluster = name;
            Write(name);
        }
    }

    private void Write(string? name)
    {
        try
        {
            PSObject status = Call(AskAsync);
            WriteClusterObject(status);
        }
        catch (ClusterException e) when (ParameterSetName == ByObject || Name?.Length > 1 || MyInvocation.ExpectingInput)
        {
            // One unreachable cluster must not hide the others.
            WriteError(ClusterErrors.Record(e, name));
        }
        catch (ClusterException e)
        {
            WriteProblem(e, name);
        }
    }

    private static async Task<PSObject> AskAsync(ClusterClient client, CancellationToken cancellationToken)
    {
        ClusterStatus cluster = await client.GetClusterAsync(cancellationToken).ConfigureAwait(false);
        Task<NodeStatus[]> nodes = client.GetNodesAsync(cancellationToken);
        Task<GroupStatus[]> groups = client.GetGroupsAsync(false, cancellationToken);
        Task<Operation[]> operations = client.GetOperationsAsync(cancellationToken, OperationPhase.Running);
        Task<JournalPage> problems = client.GetJournalAsync($"severity=warning&limit={ProblemsRead}", cancellationToken);
        await Task.WhenAll(nodes, groups, operations, problems).ConfigureAwait(false);
        var status = PSObject.AsPSObject(cluster);
        status.Properties.Add(new PSNoteProperty("Nodes", nodes.Result));
        status.Properties.Add(new PSNoteProperty("Groups", groups.Result));
        status.Properties.Add(new PSNoteProperty("Operations", operations.Result));
        status.Properties.Add(new PSNoteProperty("Problems", Newest(problems.Result.Entries)));
        return status;
    }

    /// <summary>The newest of what is said alike, oldest first.</summary>
    private static JournalEntry[] Newest(IReadOnlyList<JournalEntry> entries)
    {
        var said = new HashSet<(string, string)>();
        return [.. entries.Reverse().Where(e => said.Add((e.Kind, e.Message))).Take(RecentProblems).Reverse()];
    }
}

/// <summary>Connects to a cluster: chooses a context that there is, or makes a new one.</summary>
/// <remarks>
/// <para>A context says how to reach a cluster and as whom: addresses of its nodes, the certificate of its authority, the user's own
/// certificate with its key. Contexts stand in a file that only the user can read, as those of kubectl do. One of them is current and is
/// used by all commands that are not given
/// -Cluster, in every shell of this user.</para>
/// <para>With -Name alone a context that is there becomes current. With -Server, -Certificate and -Authority a new one is made and kept. In
/// both cases the cluster must answer, else nothing is changed. A server whose certificate is of another authority is refused.</para>
/// </remarks>
/// <example><code>Connect-Cluster (Get-ClusterContext -Current).Name</code>Checks that the cluster of the current context
/// answers.</example>
/// <example><code>$context = Get-ClusterContext -Current
/// $folder = Split-Path $env:CLUSTERTOOLS_CONTEXTS
/// Connect-Cluster -Name lab2 -Server $context.Servers -Certificate (Join-Path $folder $context.CertificatePath) -Authority (Join-Path $folder .lab/ca.pem)
/// Disconnect-Cluster lab2 -Forget
/// Connect-Cluster $context.Name</code>Makes a second context for the same cluster, removes it again, and goes back to the first.</example>
[Cmdlet(VerbsCommunications.Connect, "Cluster", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(ClientContext))]
public sealed class ConnectClusterCommand : ContextCmdlet
{
    private const string ByName = "Name";

    private const string ByServer = "Server";

    /// <summary>Name of a context; of a new one the cluster's name when left out.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByName)]
    [Parameter(ParameterSetName = ByServer)]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Addresses of nodes, such as https://node1:7450; any that answers is used.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByServer)]
    [ValidateNotNullOrEmpty]
    public string[] Server { get; set; } = [];

    /// <summary>The user's certificate with its key: a PFX file. It is copied into the context.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByServer)]
    [ValidateNotNullOrEmpty]
    public string Certificate { get; set; } = "";

    /// <summary>Password of the PFX file, if it has one.</summary>
    [Parameter(ParameterSetName = ByServer)]
    [ValidateNotNull]
    public SecureString? CertificatePassword { get; set; }

    /// <summary>The certificate of the cluster's authority: a PEM file (ca.pem).</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByServer)]
    [ValidateNotNullOrEmpty]
    public string Authority { get; set; } = "";

    /// <summary>Replaces a context of the same name.</summary>
    [Parameter(ParameterSetName = ByServer)]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () =>
    {
        string file = ContextFile.DefaultPath;
        ClientContexts contexts = ContextFile.Read(file, ApiJson.Wire);
        ClientContext context = ParameterSetName == ByName ? ContextFile.Find(file, contexts, Name) : New(file);
        using ClusterClient client = ClusterClient.FromContext(context, file, ApiJson.Wire);
        string cluster = Run(async () => (await client.GetClusterAsync(Stopped).ConfigureAwait(false)).Name);
        if (ParameterSetName == ByServer)
        {
            context.Cluster = cluster;
            context.Name = Name ?? cluster;
            WarnOfWildcards(context.Name);
            if (!Force && contexts.Contexts.Any(c => ContextFile.Same(c.Name, context.Name)))
            {
                throw new ContextException(
                    ContextException.Exists, $"There is a context '{context.Name}' in '{file}' already.",
                    "Give another -Name, or replace it with -Force.", context.Name);
            }
        }

        string happens = $"Context '{context.Name}' (cluster '{cluster}') {(ParameterSetName == ByServer ? "is kept and " : "")}becomes "
            + $"current in '{file}'.";
        if (ShouldProcess(happens, $"{happens} Go on?", "Connect-Cluster"))
        {
            ContextFile.Put(contexts, context);
            Save(file, contexts);
            WriteContext(context, contexts);
        }
    });

    private ClientContext New(string file)
    {
        string pfx = GetUnresolvedProviderPathFromPSPath(Certificate);
        using X509Certificate2 certificate = ContextFile.LoadPfx(pfx, CertificatePassword);
        string authorityFile = GetUnresolvedProviderPathFromPSPath(Authority);
        string pem;
        try
        {
            pem = File.ReadAllText(authorityFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ContextException(
                ContextException.CertificateUnreadable, $"The authority '{authorityFile}' can't be read: {e.Message}",
                "Give ca.pem of the cluster.", authorityFile, e);
        }

        // The file may hold more than the certificate; only that is kept.
        using X509Certificate2 authority = ContextFile.Authority(pem, authorityFile);
        return new ClientContext
        {
            Name = Name ?? file,
            Servers = [.. Server],
            Authority = "-----BEGIN CERTIFICATE-----\n"
                + $"{Convert.ToBase64String(authority.RawData, Base64FormattingOptions.InsertLineBreaks)}\n-----END CERTIFICATE-----\n",
            CertificatePfx = Convert.ToBase64String(
                CertificatePassword is null ? File.ReadAllBytes(pfx) : certificate.Export(X509ContentType.Pfx)),
        };
    }
}

/// <summary>Ends the connection to clusters, and with -Forget removes their contexts.</summary>
/// <remarks>
/// <para>Commands keep one connection to each cluster open. This closes it; the next command opens a new one. With -Forget the context is
/// removed from the file, and with it the certificate that is kept there.</para>
/// </remarks>
/// <example><code>Disconnect-Cluster</code>Closes the connection of the current context.</example>
/// <example><code>Disconnect-Cluster old-* -Forget</code>Removes contexts; when none fits, nothing happens.</example>
/// <parameter name="Name">Names of contexts; wildcards are allowed. The current one when left out.</parameter>
[Cmdlet(VerbsCommunications.Disconnect, "Cluster", SupportsShouldProcess = true)]
[OutputType(typeof(ClientContext))]
public sealed class DisconnectClusterCommand : ContextNamesCmdlet
{
    /// <summary>Removes the context from the file too.</summary>
    [Parameter]
    public SwitchParameter Forget { get; set; }

    /// <summary>Gives the contexts that were disconnected.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () =>
    {
        string file = ContextFile.DefaultPath;
        ClientContexts contexts = ContextFile.Read(file, ApiJson.Wire);
        foreach (ClientContext context in Name is null ? [ContextFile.Find(file, contexts, null)] : Find(contexts, file, Name))
        {
            string happens = $"The connection to context '{context.Name}' (cluster '{context.Cluster}') is "
                + $"closed{(Forget ? $", and the context is removed from '{file}'" : "")}.";
            if (!ShouldProcess(happens, $"{happens} Go on?", "Disconnect-Cluster"))
            {
                continue;
            }

            ClusterConnections.Close(context.Name);
            if (Forget)
            {
                contexts.Contexts = [.. contexts.Contexts.Where(c => !ReferenceEquals(c, context))];
                contexts.Current = ContextFile.Same(contexts.Current, context.Name) ? null : contexts.Current;
                Save(file, contexts);
            }

            if (PassThru)
            {
                WriteContext(context, contexts);
            }
        }
    });
}

/// <summary>Stops the cluster as a whole: every group in order, then all daemons.</summary>
/// <remarks>
/// <para>Groups stop in the order that their dependencies ask for. When nothing runs any more, all daemons end at once, and no node is
/// fenced. Start-Cluster starts the cluster again; groups then start by their autostart, whatever they were before. While a group is frozen
/// or Failed it is refused.</para>
/// <para>It asks first, and only an administrator may. If a group does not stop, the daemons stay, and an error names it.
/// Stop-ClusterOperation ends the stopping early; what was stopped stays stopped.</para>
/// </remarks>
/// <example><code>Stop-Cluster -WhatIf</code>Says what would be stopped.</example>
/// <example><code>$pair = Start-ClusterLab pair -Nodes 2
/// Stop-Cluster -Cluster pair -Reason 'a move of the rack' -Confirm:$false
/// Start-Cluster -Cluster pair
/// $pair | Stop-ClusterLab</code>Stops a whole cluster and starts it again.</example>
[Cmdlet(VerbsLifecycle.Stop, "Cluster", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(Operation))]
public sealed class StopClusterCommand : ClusterChangeCmdlet
{
    private static readonly TimeSpan AbsenceLimit = TimeSpan.FromSeconds(30);

    /// <summary>For the journal.</summary>
    [Parameter]
    [ValidateLength(1, 1000)]
    public string? Reason { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Cluster, () =>
    {
        ClusterStatus cluster = Call((client, cancel) => client.GetClusterAsync(cancel));
        GroupStatus[] running = [.. Call((client, cancel) => client.GetGroupsAsync(false, cancel)).Where(g => g.ActiveOn.Count > 0)];
        string groups = running.Length switch
        {
            0 => "no group runs",
            1 => $"group {running[0].Name} is stopped",
            <= 10 => $"groups {string.Join(", ", running.Select(g => g.Name))} are stopped in order",
            _ => $"{running.Length} groups are stopped in order, {string.Join(", ", running.Take(10).Select(g => g.Name))} among them",
        };
        string happens = $"Cluster '{cluster.Name}' is stopped as a whole: {groups}, then the daemons of "
            + $"{string.Join(", ", cluster.Members)} end. Nothing of it runs until Start-Cluster.";
        if (!ShouldProcess(happens, $"{happens} Go on?", "Stop-Cluster"))
        {
            return;
        }

        Operation asked = Call((client, cancel) => client.StopClusterAsync(new ClusterStopRequest { Reason = Reason }, cancel));
        if (Wait == 0)
        {
            WriteClusterObject(asked);
            return;
        }

        try
        {
            if (Ended(asked, $"Stopping cluster {cluster.Name}", Wait) is { } ended)
            {
                AwaitSilence();
                WriteClusterObject(ended);
            }
        }
        catch (ClusterException e) when (e.Code == ProblemCodes.Stopping)
        {
            // The daemons end by themselves only when every group is stopped.
            AwaitSilence();
            asked.Phase = OperationPhase.Succeeded;
            asked.Message = "Every group is stopped, and all daemons end.";
            WriteClusterObject(asked);
        }
        catch (ClusterUnreachableException)
        {
            // The daemon that would report the end may already have ended.
            WriteWarning(
                $"Cluster '{cluster.Name}' answered no more before it said that it is stopped. Its daemons' journals say what came last.");
            WriteClusterObject(asked);
        }
    });

    /// <summary>The daemons end a moment after they have said so.</summary>
    private void AwaitSilence() => _ = Until(
        "Stopping the daemons",
        AbsenceLimit,
        async (client, cancel) => (object)await client.CountAnsweringAsync(cancel).ConfigureAwait(false),
        speaking => speaking is 0,
        speaking => $"{speaking} of the daemons still answer");
}

/// <summary>Disarms the cluster for work on switches or storage: nothing is fenced, recovered or reset until Resume-Cluster.</summary>
/// <remarks>
/// <para>What runs goes on running, on a node that loses quorum as well, as long as it has heard that the cluster is disarmed. Who is away
/// is away: nothing of what it owned is recovered, and a resource that fails is told of and left alone. Every status says so in its first
/// line. It is refused while a node is being fenced or emptied, or a group moves; the error says which.</para>
/// <para>People may still start, stop, restart and move groups by hand among the nodes that are there (Start-ClusterGroup and so on), one
/// at a time: what would make other groups follow is refused, as are draining a node with groups on it, fencing, Stop-Cluster, and changes
/// of groups and failover domains. Confirm-ClusterNodeDown frees what a dead node owned; it starts when the cluster is armed, or by
/// hand.</para>
/// <para>Of two nodes a lone one has no quorum to be armed by: run Confirm-ClusterNodeDown for the other first, if it is dead.</para>
/// <para>It asks first, and only an administrator may.</para>
/// </remarks>
/// <example><code>Suspend-Cluster -Reason 'the switch of rack 4 is changed' -Confirm:$false
/// Resume-Cluster -Confirm:$false</code>Disarms the cluster for some work, and arms it again.</example>
/// <example><code>Suspend-Cluster -WhatIf</code>Says what that would mean.</example>
[Cmdlet(VerbsLifecycle.Suspend, "Cluster", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(ClusterStatus), typeof(Operation))]
public sealed class SuspendClusterCommand : ArmingCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => Arm(
        "disarmed: nothing is fenced, recovered or reset until Resume-Cluster", "Disarming",
        (client, body, cancel) => client.DisarmClusterAsync(body, cancel));
}

/// <summary>Arms the cluster again after Suspend-Cluster.</summary>
/// <remarks>
/// <para>Every group is probed before anything of it is recovered. Nodes that are away are lost from that moment on: after
/// Set-ClusterTiming -PostFailDelay they are fenced, and what they owned is recovered. It asks first, and only an administrator may.</para>
/// </remarks>
/// <example><code>Suspend-Cluster -Confirm:$false
/// Resume-Cluster -Reason 'the new switch is in place' -Confirm:$false</code>Arms the cluster when the work is done.</example>
/// <example><code>Resume-Cluster -WhatIf</code>Says who is away and would be lost.</example>
[Cmdlet(VerbsLifecycle.Resume, "Cluster", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(ClusterStatus), typeof(Operation))]
public sealed class ResumeClusterCommand : ArmingCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => Arm(
        "armed again", "Arming", (client, body, cancel) => client.ArmClusterAsync(body, cancel));
}

/// <summary>Raises the functional level of the cluster, when all nodes run a newer version of clusterd.</summary>
/// <remarks>
/// <para>Daemons of two neighbouring versions work together, by what both know: that is the functional level, which stays when the daemons
/// are upgraded, one node after the other. Until it is raised each node can go back to the version before; afterwards none can.</para>
/// <para>All nodes must take part, and run a version that knows the level. It asks first, and only an administrator may.</para>
/// </remarks>
/// <example><code>Update-ClusterFunctionalLevel -WhatIf</code>Says what it would be raised to.</example>
/// <example><code>Update-ClusterFunctionalLevel -Reason 'all nodes run the new version' -WhatIf</code>Says the same of a change with its
/// reason.</example>
[Cmdlet(VerbsData.Update, "ClusterFunctionalLevel", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(ClusterStatus), typeof(Operation))]
public sealed class UpdateClusterFunctionalLevelCommand : ClusterChangeCmdlet
{
    /// <summary>For the journal.</summary>
    [Parameter]
    [ValidateLength(1, 1000)]
    public string? Reason { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Cluster, () =>
    {
        ClusterStatus cluster = Call((client, cancel) => client.GetClusterAsync(cancel));
        string happens = cluster.FunctionalLevelAvailable > cluster.FunctionalLevel
            ? $"Cluster '{cluster.Name}' acts by functional level {cluster.FunctionalLevelAvailable} instead of "
                + $"{cluster.FunctionalLevel}, and no node can go back to an older version of clusterd."
            : $"The functional level of cluster '{cluster.Name}' stays {cluster.FunctionalLevel}: no higher one is known to all nodes.";
        ChangeCluster(cluster, happens, $"Raising the functional level of cluster {cluster.Name}", (client, cancel) =>
            client.RaiseLevelAsync(new LevelRequest { Reason = Reason }, cancel));
    });
}

/// <summary>Starts the cluster: what of it can be started from here.</summary>
/// <remarks>
/// <para>A lab's daemons are started here. On a node the daemon of this machine is started (systemctl start clusterd, as root). When others
/// of the cluster answer, nodes that are down are switched on by their fence devices, as Start-ClusterNode does. Where none of that is
/// possible, the error says what to type, and where.</para>
/// <para>It ends when the cluster has quorum and every node takes part, and gives its status. Groups start by their autostart.</para>
/// </remarks>
/// <example><code>Start-Cluster</code>Starts what does not run of the current cluster; one that runs whole stays as it is.</example>
/// <example><code>Start-Cluster -Wait 30 -WhatIf</code>Says what would be started.</example>
[Cmdlet(VerbsLifecycle.Start, "Cluster", SupportsShouldProcess = true)]
[OutputType(typeof(ClusterStatus))]
public sealed class StartClusterCommand : ClusterWaitCmdlet
{
    private const int UsualWait = 120;

    private static readonly TimeSpan ProgramLimit = TimeSpan.FromSeconds(60);

    // A daemon that was still ending when the others were started is started a little later.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Seconds to wait until the cluster has quorum and every node takes part; 120 when left out. 0: does not wait.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int Wait { get; set; } = UsualWait;

    /// <summary>The program clusterd, for a lab; that of $env:CLUSTERTOOLS_DAEMON, on PATH or beside the module when left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Daemon { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Cluster, () =>
    {
        string path = ContextFile.DefaultPath;
        ClientContext context = ContextFile.Find(path, ContextFile.Read(path, ApiJson.Wire), Cluster);
        NodeStatus[] nodes = Nodes();
        string? folder = Labs.FolderOf(context, path);
        bool asked = nodes.Length > 0 && nodes.All(n => n.Member)
            || (folder is not null ? StartLab(context, folder) : nodes.Length > 0 ? SwitchOn(nodes) : StartHere(context));
        if (asked)
        {
            Finish(context, folder);
        }
    });

    private NodeStatus[] Nodes()
    {
        try
        {
            return Call((client, cancel) => client.GetNodesAsync(cancel));
        }
        catch (ClusterException e) when (IsNotThere(e))
        {
            return [];
        }
    }

    // A daemon that has just started has no configuration yet.
    private static bool IsNotThere(ClusterException e) =>
        e is ClusterUnreachableException || e.Code is ProblemCodes.NoConfiguration or ProblemCodes.Stopping;

    private bool StartLab(ClientContext context, string folder)
    {
        if (Labs.Processes(folder).Length == 0)
        {
            throw ClusterErrors.Own(
                LabException.LabFailed, 409, $"Lab '{context.Name}' has ended as a whole.",
                $"Start it anew: Stop-ClusterLab {context.Name}, then Start-ClusterLab {context.Name}.");
        }

        string[] down = Down(folder);
        string happens = $"The daemons of lab '{context.Name}' that do not run{(down.Length > 0 ? $" ({string.Join(", ", down)})" : "")} "
            + "are started.";
        if (!ShouldProcess(happens, $"{happens} Go on?", "Start-Cluster"))
        {
            return false;
        }

        Revive(folder, down);
        return true;
    }

    private string[] Down(string folder) =>
    [
        .. RunLab("status", "--folder", folder).Split('\n')
            .Where(l => l.Contains("does not run") || l.Contains("plug pulled") || l.Contains("power off")).Select(l => l.Split(':')[0]),
    ];

    private void Revive(string folder, string[] nodes)
    {
        foreach (string node in nodes)
        {
            RunLab("revive", node, "--folder", folder);
        }
    }

    private string RunLab(params string[] arguments) =>
        LabProgram.Run(
            LabProgram.Find(Daemon is null ? null : GetUnresolvedProviderPathFromPSPath(Daemon)), ["lab", .. arguments], ProgramLimit,
            Stopped);

    private bool SwitchOn(NodeStatus[] nodes)
    {
        bool any = false;
        foreach (NodeStatus node in nodes.Where(n => !n.Member))
        {
            string happens = $"Node '{node.Name}' ({node.Phase}: {node.Why}) is switched on by its fence devices; "
                + "its daemon starts with it.";
            if (node.FenceMethods.Count == 0)
            {
                WriteProblem(
                    ClusterErrors.Own(
                        ProblemCodes.Refused, 409, $"Node '{node.Name}' does not take part, and has no fence devices to switch it on.",
                        "Start its daemon there: systemctl start clusterd."), node.Name);
            }
            else if (ShouldProcess(happens, $"{happens} Go on?", "Start-Cluster"))
            {
                any |= Attempt(
                    node.Name,
                    () => _ = Ended(
                        Call((client, cancel) => client.NodeAsync(node.Name, "fence-on", null, cancel)), $"Switching on node {node.Name}",
                        Wait == 0 ? null : Wait));
            }
        }

        return any;
    }

    private bool StartHere(ClientContext context)
    {
        string where = string.Join(", ", context.Servers);
        if (!LocalService.IsHere(Stopped))
        {
            throw ClusterErrors.Own(
                ClusterUnreachableException.NoServerAnswered, 503,
                $"No daemon of cluster '{context.Cluster}' answers ({where}), and none is installed on this machine.",
                "Type on each of its nodes, as root: systemctl start clusterd (or clusterd run --state FOLDER).");
        }

        string happens = "The daemon of this machine is started (systemctl start clusterd). "
            + $"No daemon of cluster '{context.Cluster}' answers ({where}).";
        if (!ShouldProcess(happens, $"{happens} Go on?", "Start-Cluster"))
        {
            return false;
        }

        LocalService.Start(Stopped);
        return true;
    }

    private void Finish(ClientContext context, string? folder)
    {
        if (Wait > 0 && !IsWhole(folder))
        {
            NodeStatus[] absent = [.. Nodes().Where(n => !n.Member)];
            string missing = absent.Length > 0
                ? $"{string.Join(", ", absent.Select(n => n.Name))} {(absent.Length == 1 ? "does" : "do")} not take part"
                : "it has no quorum";
            throw ClusterErrors.Own(
                ClusterErrors.NodeDidNotJoin, 504, $"Cluster '{context.Cluster}' is not whole after {Wait} s: {missing}.",
                "Type on each node that is missing, as root: systemctl start clusterd. Get-Cluster shows how far it is.");
        }

        WriteClusterObject(Call((client, cancel) => client.GetClusterAsync(cancel)));
    }

    private bool IsWhole(string? folder)
    {
        var since = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            TimeSpan left = TimeSpan.FromSeconds(Wait) - since.Elapsed;
            if (folder is null || left <= Patience)
            {
                return IsWhole(left);
            }

            if (IsWhole(Patience))
            {
                return true;
            }

            Revive(folder, Down(folder));
        }
    }

    private bool IsWhole(TimeSpan limit) => Until(
        "Starting the cluster",
        limit,
        async (client, cancel) =>
        {
            try
            {
                return await client.GetNodesAsync(cancel).ConfigureAwait(false);
            }
            catch (ClusterException e) when (IsNotThere(e))
            {
                return [];
            }
        },
        nodes => nodes.Length > 0
            && nodes.All(n => n.Member && n.Phase
                is NodePhase.Online or NodePhase.Paused or NodePhase.KeptOut or NodePhase.Draining or NodePhase.Maintenance),
        nodes => nodes.Length == 0
            ? "no daemon answers yet"
            : $"{nodes.Count(n => n.Member)} of {nodes.Length} nodes take part") is not null;
}
