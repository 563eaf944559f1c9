namespace ClusterTools.Cmdlets;

/// <summary>Gets the cluster's nodes: which take part, which do not, and why.</summary>
/// <remarks>
/// <para>Without parameters all nodes are listed. Groups from the pipeline give the nodes that own them.</para>
/// </remarks>
/// <example><code>Get-ClusterNode</code>Lists all nodes and their states.</example>
/// <example><code>Get-ClusterNode node1 | Format-List</code>Shows everything that is known of a node: votes, groups, fence methods, why it
/// is as
/// it is.</example>
/// <example><code>Get-ClusterGroup webshop | Get-ClusterNode</code>Gets the node that a group runs on.</example>
[Cmdlet(VerbsCommon.Get, "ClusterNode", DefaultParameterSetName = ByName)]
[OutputType(typeof(NodeStatus))]
public sealed class GetClusterNodeCommand : ClusterCmdlet
{
    private const string ByName = "Name";

    private const string ByGroup = "InputObject";

    /// <summary>Names of nodes; wildcards are allowed. All when left out.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = ByName)]
    [Alias("Node")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [NodeName(Many = true)]
    public string[]? Name { get; set; }

    /// <summary>Groups, as Get-ClusterGroup gives them: the nodes that own them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByGroup)]
    [ValidateNotNull]
    [Revived(typeof(GroupStatus), Many = true)]
    public GroupStatus[] InputObject { get; set; } = [];

    /// <summary>Only nodes in these states.</summary>
    [Parameter]
    [Alias("Phase")]
    [ValidateNotNullOrEmpty]
    public NodePhase[]? State { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        string[]? names = ParameterSetName == ByGroup ? [.. InputObject.Select(g => g.Owner).OfType<string>().Distinct()] : Name;
        WriteClusterObjects(FindNodes(names).Where(n => State is null || State.Contains(n.Phase)));
    }
}

/// <summary>Base of what is done to nodes.</summary>
public abstract class NodeChangeCmdlet : ClusterChangeCmdlet
{
    private protected const string ByName = "Name";

    private protected const string ByObject = "InputObject";

    private static readonly TimeSpan AbsenceLimit = TimeSpan.FromSeconds(30);

    /// <summary>Names of nodes; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByName)]
    [Alias("Node")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [NodeName(Many = true)]
    public string[] Name { get; set; } = [];

    /// <summary>Nodes, as Get-ClusterNode gives them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    [Revived(typeof(NodeStatus), Many = true)]
    public NodeStatus[] InputObject { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        // Objects from the pipeline may be out of date; the question must describe the node as it is now.
        foreach (NodeStatus node in FindNodes(ParameterSetName == ByObject ? [.. InputObject.Select(n => n.Name)] : Name))
        {
            Process(node);
        }
    }

    /// <summary>Does it to one node.</summary>
    protected abstract void Process(NodeStatus node);

    /// <summary>Asks by -Confirm or tells by -WhatIf what will happen.</summary>
    protected bool Should(string happens) => ShouldProcess(happens, $"{happens} Go on?", MyInvocation.MyCommand?.Name ?? "");

    /// <summary>Asks for a change of a node and waits for its end.</summary>
    /// <param name="node">As it is now.</param>
    /// <param name="doing">Such as <c>Draining</c>.</param>
    /// <param name="operation">As the API calls it.</param>
    /// <param name="request">Null: nothing to say.</param>
    protected bool Ask(NodeStatus node, string doing, string operation, NodeOperationRequest? request = null) =>
        Change(node.Name, $"{doing} node {node.Name}", (client, cancel) => client.NodeAsync(node.Name, operation, request, cancel));

    /// <summary>
    /// Waits for a node that leaves: the operation ends before its daemon does, and until then the node is still a member.
    /// </summary>
    /// <param name="node">Its name.</param>
    /// <param name="most">Seconds; null: as long as a daemon takes to end.</param>
    private protected void AwaitAbsence(string node, int? most = null) => Attempt(node, () => _ = Until(
        $"Stopping node {node}",
        most is { } seconds && seconds < AbsenceLimit.TotalSeconds ? TimeSpan.FromSeconds(seconds) : AbsenceLimit,
        (client, cancel) => client.GetNodeAsync(node, cancel),
        n => !n.Member,
        n => $"{n.Phase}: its daemon ends"));

    /// <summary>Writes the node as it is now.</summary>
    protected void WriteNode(string node) =>
        Attempt(node, () => WriteClusterObject(Call((client, cancel) => client.GetNodeAsync(node, cancel))));

    /// <summary>What becomes of groups when a node is emptied or goes.</summary>
    /// <param name="node">As it is now.</param>
    /// <param name="foresight">Null: not known.</param>
    /// <param name="becomes">Of one, and of several, when it is not known.</param>
    private protected static string Groups(NodeStatus node, Foresight? foresight, (string One, string Several) becomes) =>
        foresight is null or { Refused: not null } ? Groups(node, becomes)
            : foresight.Groups is { Length: > 0 } told ? told
            : node.Groups.Count == 0 ? "it has no groups"
            : Groups(node, ("stays", "stay"));

    /// <summary>What becomes of its groups, for messages.</summary>
    /// <param name="node">As it is now.</param>
    /// <param name="becomes">Of one, and of several, such as <c>moves away</c> and <c>move away</c>.</param>
    protected static string Groups(NodeStatus node, (string One, string Several) becomes) => node.Groups.Count switch
    {
        0 => "it has no groups",
        1 => $"group {node.Groups[0]} {becomes.One}",
        _ => $"groups {string.Join(", ", node.Groups)} {becomes.Several}",
    };
}

/// <summary>Brings nodes back into the cluster.</summary>
/// <remarks>
/// <para>What that takes depends on the node's state. One that is paused, drained or in maintenance is resumed. One that is off is switched
/// on by its fence devices, and is waited for until it is Online. One that is Online already stays as it is.</para>
/// <para>A machine that is on while its daemon does not run, since it has left with Stop-ClusterNode, cannot be reached by the cluster.
/// Start the daemon there (<c>systemctl start clusterd</c>), or give -PowerCycle: its fence devices then switch it off and on again. It
/// runs nothing of the cluster at that time.</para>
/// <para>With -ForceQuorum what is left of a cluster without quorum is made quorate, as Set-ClusterQuorum -ForceQuorum does.</para>
/// </remarks>
/// <example><code>Suspend-ClusterNode node3 -Drain
/// Start-ClusterNode node3</code>Drains a node, then lets it take part again.</example>
/// <example><code>Invoke-FenceNode node3 -Action Off -Confirm:$false
/// Start-ClusterNode node3</code>Switches a node off, then on again, and waits until it takes part.</example>
/// <example><code>Get-ClusterNode -State Down | Start-ClusterNode -Wait 300</code>Switches on whatever is down, and waits five minutes at
/// most.</example>
[Cmdlet(VerbsLifecycle.Start, "ClusterNode", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(NodeStatus), typeof(Operation))]
public sealed class StartClusterNodeCommand : NodeChangeCmdlet
{
    // Machines take minutes to boot; one that is on already has booted.
    private static readonly TimeSpan BootLimit = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan JoinLimit = TimeSpan.FromSeconds(30);

    /// <summary>Switches the machine off and on again even if it is on. Only for nodes that take no part.</summary>
    [Parameter]
    public SwitchParameter PowerCycle { get; set; }

    /// <summary>
    /// Makes what this node sees of the cluster quorate, after asking. Every absent node must be off or cut off: if one still runs
    /// groups, they run twice and data is damaged. -Reason must be given.
    /// </summary>
    [Parameter(ParameterSetName = ByName)]
    [Alias("fq")]
    public SwitchParameter ForceQuorum { get; set; }

    /// <summary>Why quorum is forced, for the journal.</summary>
    [Parameter(ParameterSetName = ByName)]
    [ValidateNotNullOrEmpty]
    public string? Reason { get; set; }

    /// <summary>Does not ask whether every absent node is off when quorum is forced.</summary>
    [Parameter(ParameterSetName = ByName)]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void Process(NodeStatus node) => Attempt(node.Name, () =>
    {
        if (ForceQuorum)
        {
            ForceAt(node.Name);
        }
        else if (node.Phase is NodePhase.Online or NodePhase.Joining && node.Member)
        {
            WriteVerbose($"Node '{node.Name}' is {node.Phase} already.");
            WriteClusterObject(node);
        }
        else if (node.Member && node.Phase is NodePhase.Paused or NodePhase.KeptOut or NodePhase.Draining or NodePhase.Maintenance)
        {
            if (Should($"Node '{node.Name}' ({node.Phase}) takes part again; groups go back to it by their policy.")
                && Ask(node, "Resuming", "resume"))
            {
                WriteNode(node.Name);
            }
        }
        else
        {
            SwitchOn(node);
        }
    });

    private void ForceAt(string node)
    {
        if (Reason is null)
        {
            throw ClusterErrors.Own(
                ProblemCodes.BadRequest, 400, "No reason is given.", "Say with -Reason why quorum is forced; it is kept in the journal.");
        }

        if (ForcedQuorum.Should(this, node, Force, Confirmed)
            && Change(node, "Forcing quorum", (client, cancel) => client.ForceQuorumAsync(node, ForcedQuorum.Request(Reason), cancel)))
        {
            WriteNode(node);
        }
    }

    private void SwitchOn(NodeStatus node)
    {
        string how = PowerCycle ? "is switched off and on again" : "is switched on";
        if (!Should($"Node '{node.Name}' ({node.Phase}: {node.Why}) {how} by its fence devices and joins the cluster."))
        {
            return;
        }

        var since = System.Diagnostics.Stopwatch.StartNew();

        // Asked before switching: a machine that is already on does not boot, so the wait can be shorter.
        bool on = !PowerCycle && IsOn(node.Name);
        if (!Ask(node, "Switching on", PowerCycle ? "fence-reboot" : "fence-on"))
        {
            return;
        }

        TimeSpan limit = Wait is { } seconds ? TimeSpan.FromSeconds(seconds) - since.Elapsed : on ? JoinLimit : BootLimit;
        NodeStatus? joined = Until(
            $"Waiting for node {node.Name}",
            limit,
            (client, cancel) => client.GetNodeAsync(node.Name, cancel),
            n => n.Phase == NodePhase.Online,
            n => $"{n.Phase}{(n.Why.Length > 0 ? ": " + n.Why : "")}");
        if (joined is not null)
        {
            WriteClusterObject(joined);
            return;
        }

        WriteProblem(
            ClusterErrors.Own(
                ClusterErrors.NodeDidNotJoin,
                504,
                $"Node '{node.Name}' did not join within {since.Elapsed.TotalSeconds:0} "
                    + $"s{(on ? "; its machine was on already, but its daemon does not run" : "")}.",
                on
                    ? "Start the daemon there (systemctl start clusterd), or switch the machine off and on: "
                        + $"Start-ClusterNode {node.Name} -PowerCycle."
                    : "Look at the machine's console; Get-ClusterNode shows when it joins."),
            node.Name);
    }

    private bool IsOn(string node)
    {
        try
        {
            FenceDeviceTest[] tests = Call((client, cancel) => client.TestFenceDevicesAsync(node, null, cancel));
            return tests.Length > 0 && tests.All(t => t.On == true);
        }
        catch (ClusterApiException)
        {
            // If the devices do not answer, the longer limit is used.
            return false;
        }
    }
}

/// <summary>Takes nodes out of the cluster.</summary>
/// <remarks>
/// <para>The node's groups move to other nodes by their rules; then the node leaves the cluster and its daemon ends. Nothing is fenced.
/// While a group on it is frozen or Failed, it can not leave.</para>
/// <para>When that costs the quorum, or a group can run nowhere else, it asks first, and Enter means no; -Force and -Confirm:$false answer
/// yes.</para>
/// <para>With -Maintenance the groups stay and go on running: the cluster does not mind that the node is silent for a while (two minutes
/// unless configured otherwise), in which its daemon may be restarted or updated. While it is away, its groups are not looked after.</para>
/// <para>Start-ClusterNode brings a node back.</para>
/// </remarks>
/// <example><code>Stop-ClusterNode node3
/// Start-ClusterNode node3 -PowerCycle</code>Takes a node out of the cluster, and brings it back by its fence device.</example>
/// <example><code>Stop-ClusterNode node2 -Maintenance -WhatIf</code>Says what would happen.</example>
[Cmdlet(VerbsLifecycle.Stop, "ClusterNode", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(NodeStatus), typeof(Operation))]
public sealed class StopClusterNodeCommand : NodeChangeCmdlet
{
    /// <summary>For a restart of the daemon: groups go on running where they are.</summary>
    [Parameter]
    public SwitchParameter Maintenance { get; set; }

    /// <summary>For the journal.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Reason { get; set; }

    /// <summary>Does not ask when it costs the quorum or leaves a group without a node.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void Process(NodeStatus node)
    {
        Foresight? foresight = Foresee(
            (client, cancel) => client.GetPlanAsync(Maintenance ? "maintenance" : "leave", node.Name, null, cancel));
        string happens = Maintenance
            ? $"Node '{node.Name}' ({node.Phase}) goes into maintenance: its daemon ends and may be away for a while; "
                + $"{Groups(node, ("goes on running", "go on running"))}."
            : $"Node '{node.Name}' ({node.Phase}) leaves the cluster, and its daemon ends; "
                + $"{Groups(node, foresight, ("moves to another node", "move to other nodes"))}.";
        if (Should(node.Name, happens, foresight, Force)
            && Ask(node, "Stopping", Maintenance ? "maintenance" : "leave", new NodeOperationRequest { Reason = Reason }))
        {
            if (!Maintenance)
            {
                AwaitAbsence(node.Name, Wait);
            }

            WriteNode(node.Name);
        }
    }
}

/// <summary>Pauses nodes: no groups come to them; with -Drain those that are there move away.</summary>
/// <remarks>
/// <para>A paused node stays a member, keeps its vote and what it runs; a group that fails there is restarted there as its policy says.
/// Nothing is started on it or moved to it until Resume-ClusterNode, not even after its daemon was restarted.</para>
/// <para>With -Drain its groups move to other nodes by their rules, or to the node that is named where the rules allow it. The command ends
/// when the last one has left. A group that can run nowhere else is stopped, after asking (Enter means no; -Force and -Confirm:$false
/// answer yes); one that is frozen or Failed stays.</para>
/// <para>Once it is empty the node may be switched off: it is neither fenced nor switched on by the cluster, and is still suspended when it
/// comes back.</para>
/// </remarks>
/// <example><code>Suspend-ClusterNode node1
/// Resume-ClusterNode node1</code>Keeps further groups from a node for a while; what it runs stays.</example>
/// <example><code>Suspend-ClusterNode node2 -Drain
/// Resume-ClusterNode node2 -Failback Policy</code>Empties a node for work on it, then lets groups go back to it.</example>
/// <example><code>Suspend-ClusterNode node1 -Drain -WhatIf</code>Says where each group would go, and which would stop.</example>
[Cmdlet(VerbsLifecycle.Suspend, "ClusterNode", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(NodeStatus), typeof(Operation))]
public sealed class SuspendClusterNodeCommand : NodeChangeCmdlet
{
    /// <summary>Moves the node's groups away. Left out: they stay, and no others come.</summary>
    [Parameter]
    public SwitchParameter Drain { get; set; }

    /// <summary>The node that its groups go to, where their rules allow it; by the rules alone when left out. It drains, too.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [NodeName]
    [ValidateNotNullOrEmpty]
    public string? TargetNode { get; set; }

    /// <summary>For the journal.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Reason { get; set; }

    /// <summary>Does not ask when a group is left without a node.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void Process(NodeStatus node) => Attempt(node.Name, () =>
    {
        string? target = TargetNode is null ? null : FindNode(TargetNode);
        bool drain = Drain || target is not null;
        Foresight? foresight = drain ? Foresee((client, cancel) => client.GetPlanAsync("drain", node.Name, target, cancel)) : null;
        string happens = drain
            ? "is drained, and no groups come to it; "
                + $"{Groups(node, foresight, ($"moves to {target ?? "another node"}", $"move to {target ?? "other nodes"}"))}"
            : $"is paused, and no groups come to it; {Groups(node, ("stays", "stay"))}";
        if (Should(node.Name, $"Node '{node.Name}' ({node.Phase}) {happens}.", foresight, Force)
            && Ask(node, drain
                ? "Draining"
                : "Pausing", drain ? "drain" : "pause", new NodeOperationRequest { Reason = Reason, TargetNode = target }))
        {
            WriteNode(node.Name);
        }
    });
}

/// <summary>Ends the pause, the draining or the maintenance of nodes: they take part again.</summary>
/// <remarks>
/// <para>A node that was lost too often and is kept out of placement for that (KeptOut) takes groups again, too, and its losses are
/// forgotten.</para>
/// <para>-Failback says what goes back: Policy, what the failover domains send back (ordered ones without nofailback); Immediate, at once
/// all groups that the drain moved away and that the node may run; NoFailback, nothing.</para>
/// </remarks>
/// <example><code>Suspend-ClusterNode node1 -Drain
/// Resume-ClusterNode node1</code>Drains a node and resumes it; the groups that belong there go back.</example>
/// <example><code>Suspend-ClusterNode node3 -Drain
/// Resume-ClusterNode node3 -Failback NoFailback</code>The same, but nothing goes back.</example>
[Cmdlet(VerbsLifecycle.Resume, "ClusterNode", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(NodeStatus), typeof(Operation))]
public sealed class ResumeClusterNodeCommand : NodeChangeCmdlet
{
    /// <summary>What goes back to the node: NoFailback, Immediate or Policy.</summary>
    [Parameter]
    public FailbackPolicy Failback { get; set; } = FailbackPolicy.Policy;

    /// <inheritdoc/>
    protected override void Process(NodeStatus node)
    {
        string back = Failback switch
        {
            FailbackPolicy.NoFailback => "nothing goes back to it",
            FailbackPolicy.Immediate => "all groups that were moved away go back to it",
            _ => "groups go back to it by their policy",
        };
        if (Should($"Node '{node.Name}' ({node.Phase}) takes part again; {back}.")
            && Ask(node, "Resuming", "resume", new NodeOperationRequest
            {
                FailbackPolicy = Failback == FailbackPolicy.Policy ? null : Failback,
            }))
        {
            WriteNode(node.Name);
        }
    }
}

/// <summary>Vouches that silent nodes are dead, so that what they owned is recovered.</summary>
/// <remarks>
/// <para>What a lost node owned is recovered when its fencing has succeeded. When it can not be fenced, a person who has made sure that it
/// is off or cut off can say so with this command. If it still runs groups, they run twice and data is damaged.</para>
/// <para>Only an administrator may. A node that is a member is alive, and is refused.</para>
/// </remarks>
/// <example><code>Get-ClusterNode -State Lost, LeftCluster | Confirm-ClusterNodeDown -Confirm:$false</code>Vouches that every lost node is
/// dead; when none
/// is, nothing happens.</example>
/// <example><code>Confirm-ClusterNodeDown node3 -WhatIf</code>Says what would be recovered.</example>
[Cmdlet(VerbsLifecycle.Confirm, "ClusterNodeDown", 
    SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ByName)]
[OutputType(typeof(NodeStatus), typeof(Operation))]
public sealed class ConfirmClusterNodeDownCommand : NodeChangeCmdlet
{
    /// <summary>For the journal: how it was made sure.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Reason { get; set; }

    /// <inheritdoc/>
    protected override void Process(NodeStatus node)
    {
        if (Should(
            $"Node '{node.Name}' ({node.Phase}) counts as down; {Groups(node, ("is recovered elsewhere", "are recovered elsewhere"))}. "
                + "If it is not off or cut off, what it runs runs twice and data is damaged.")
            && Ask(node, "Confirming", "confirm-down", new NodeOperationRequest { Reason = Reason }))
        {
            WriteNode(node.Name);
        }
    }
}
