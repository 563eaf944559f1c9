namespace ClusterTools.Cmdlets;

/// <summary>Gets the cluster's groups: what is started, where, and why.</summary>
/// <remarks>
/// <para>A group is what fails over as a whole: a service with its resources, or a guest. Without parameters all groups are listed. A group
/// asked for by its very name comes with its resources.</para>
/// <para>Nodes from the pipeline give the groups that they own.</para>
/// </remarks>
/// <example><code>Get-ClusterGroup</code>Lists all groups, where they run and in which state.</example>
/// <example><code>Get-ClusterGroup webshop -Explain | Select-Object -ExpandProperty Explanation</code>Says for each node why the group runs
/// there, could run there or can not.</example>
/// <example><code>Get-ClusterNode node2 | Get-ClusterGroup</code>Gets the groups that node2 owns.</example>
/// <example><code>Get-ClusterGroup -State Failed, Disabled</code>Gets the groups that somebody should look at.</example>
[Cmdlet(VerbsCommon.Get, "ClusterGroup", DefaultParameterSetName = ByName)]
[OutputType(typeof(GroupStatus))]
public sealed class GetClusterGroupCommand : ClusterCmdlet
{
    private const string ByName = "Name";

    private const string ByNode = "InputObject";

    /// <summary>Names of groups; wildcards are allowed. All when left out.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = ByName)]
    [Alias("Group")]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [GroupName(Many = true)]
    public string[]? Name { get; set; }

    /// <summary>Nodes, as Get-ClusterNode gives them: the groups that they own.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByNode)]
    [ValidateNotNull]
    [Revived(typeof(NodeStatus), Many = true)]
    public NodeStatus[] InputObject { get; set; } = [];

    /// <summary>Only groups that these nodes own; wildcards are allowed.</summary>
    [Parameter(ParameterSetName = ByName)]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [NodeName]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Node { get; set; }

    /// <summary>Only groups in these states.</summary>
    [Parameter]
    [Alias("Phase")]
    [ValidateNotNullOrEmpty]
    public GroupPhase[]? State { get; set; }

    /// <summary>Also says of each node why the group runs there, could, or can not, as member Explanation.</summary>
    [Parameter]
    public SwitchParameter Explain { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () =>
    {
        HashSet<string>? owners = ParameterSetName == ByNode ? [.. InputObject.Select(n => n.Name)]
            : Node is null ? null
            : [.. FindNodes(Node).Select(n => n.Name)];
        WriteClusterObjects(FindGroups(Name, Explain).Where(
            g => (owners is null || (g.Owner is { } owner && owners.Contains(owner))) && (State is null || State.Contains(g.Phase))));
    });
}

/// <summary>Base of what is done to groups.</summary>
public abstract class GroupChangeCmdlet : ClusterChangeCmdlet
{
    private protected const string ByName = "Name";

    private protected const string ByObject = "InputObject";

    /// <summary>Names of groups; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByName)]
    [Alias("Group")]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [GroupName(Many = true)]
    public string[] Name { get; set; } = [];

    /// <summary>Groups, as Get-ClusterGroup gives them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    [Revived(typeof(GroupStatus), Many = true)]
    public GroupStatus[] InputObject { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        // Objects from the pipeline may be out of date; the question must describe the group as it is now.
        foreach (GroupStatus group in FindGroups(ParameterSetName == ByObject ? [.. InputObject.Select(g => g.Name)] : Name))
        {
            Process(group);
        }
    }

    /// <summary>Does it to one group.</summary>
    protected abstract void Process(GroupStatus group);

    /// <summary>Asks by -Confirm or tells by -WhatIf what will happen, does it, waits, and writes the group.</summary>
    /// <param name="group">As it is now.</param>
    /// <param name="doing">Such as <c>Stopping</c>.</param>
    /// <param name="happens">What will happen, as a sentence.</param>
    /// <param name="operation">As the API calls it.</param>
    /// <param name="request">Null: nothing to say.</param>
    /// <param name="plan">The prediction's name of it, where it concerns other groups; null: it does not.</param>
    /// <param name="force">Nothing is asked.</param>
    /// <param name="certain">A further question, asked when it is really to be done; null: none.</param>
    protected void Run(
        GroupStatus group, string doing, string happens, string operation, GroupOperationRequest? request = null, string? plan = null,
        bool force = false, Func<bool>? certain = null)
    {
        Foresight? foresight = plan is null
            ? null
            : Foresee((client, cancel) => client.GetPlanAsync(plan, group.Name, request?.Node, cancel), group.Name);
        string others = foresight is { Refused: null, Groups: { Length: > 0 } told } ? $" With it: {told}." : "";
        if (Should(group.Name, happens + others, foresight, force)
            && certain?.Invoke() != false
            && Change(
                group.Name, $"{doing} group {group.Name}", (client, cancel) => client.GroupAsync(group.Name, operation, request, cancel)))
        {
            Attempt(group.Name, () => WriteClusterObject(Call((client, cancel) => client.GetGroupAsync(group.Name, false, cancel))));
        }
    }

    /// <summary>Where it is, for messages.</summary>
    protected static string Place(GroupStatus group) => group.Owner is { } owner ? $"{group.Phase} on {owner}" : $"{group.Phase}";

    /// <summary>How many resources, for messages.</summary>
    protected static string Resources(GroupStatus group) =>
        group.ResourceCount == 1 ? "its resource" : $"its {group.ResourceCount} resources";
}

/// <summary>Base of what brings groups to a node.</summary>
public abstract class GroupPlacementCmdlet : GroupChangeCmdlet
{
    /// <summary>The node; by the rules of the group's failover domain when left out.</summary>
    [Parameter(Position = 1)]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [NodeName]
    [ValidateNotNullOrEmpty]
    public string? Node { get; set; }

    /// <summary>As the cluster writes its name; null: by the rules.</summary>
    private protected string? Target() => Node is null ? null : FindNode(Node);
}

/// <summary>Starts groups: they run from now on, and are recovered when they fail.</summary>
/// <remarks>
/// <para>A group starts on the best node that its failover domain and the nodes' state allow, or on the one that is named. A group that
/// is started already stays as it is.</para>
/// <para>A group of which nothing is known to run waits while a node that may have it can't tell whether it runs there. Mend that on the
/// node, or make sure by yourself and say so with -ConfirmReleased.</para>
/// </remarks>
/// <example><code>Start-ClusterGroup reports</code>Starts the group and waits until it runs.</example>
/// <example><code>Start-ClusterGroup reports -Wait 0 | Wait-ClusterOperation -Timeout 60</code>Asks for the start, and waits for it
/// later.</example>
/// <parameter name="Node">The node to start it on; by the rules of its failover domain when left out.</parameter>
[Cmdlet(VerbsLifecycle.Start, "ClusterGroup", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(GroupStatus), typeof(Operation))]
public sealed class StartClusterGroupCommand : GroupPlacementCmdlet
{
    /// <summary>
    /// The group runs on none of the nodes that can't tell: somebody has made sure. If it does, it comes to run twice, and data is damaged.
    /// </summary>
    [Parameter]
    public SwitchParameter ConfirmReleased { get; set; }

    /// <inheritdoc/>
    protected override void Process(GroupStatus group) => Attempt(group.Name, () =>
    {
        string? node = Target();
        Run(
            group,
            "Starting",
            $"Group '{group.Name}' ({Place(group)}) is started{(node is null ? "" : $" on {node}")} with {Resources(group)}, and is "
                + "recovered when it fails.",
            "enable",
            new GroupOperationRequest { Node = node, ConfirmReleased = ConfirmReleased });
    });
}

/// <summary>Stops groups: they stay stopped until somebody starts them.</summary>
/// <remarks>
/// <para>The resources are stopped in order, and the group becomes Disabled: neither a failure nor a restart of the cluster starts it. With
/// -Temporary it is stopped only until the membership of the cluster changes, as the classic stack's <c>clusvcadm -s</c> does.</para>
/// <para>Groups that can't run without it are stopped with it, after asking (Enter means no); -Force and -Confirm:$false answer yes.</para>
/// <para>A group that is Failed could not be stopped: whether its resources are released is not known. Stopping it tells the cluster that
/// they are, after asking; -Force and -Confirm:$false answer yes. If they are not, they may come to be used twice, and data is
/// damaged.</para>
/// </remarks>
/// <example><code>Stop-ClusterGroup reports
/// Start-ClusterGroup reports</code>Stops the group, then starts it again.</example>
/// <example><code>Get-ClusterGroup -State Failed | Stop-ClusterGroup -Force | Start-ClusterGroup</code>Brings failed groups back, after
/// somebody has
/// made sure that nothing of them runs anywhere.</example>
/// <example><code>Stop-ClusterGroup webshop -WhatIf</code>Says what would happen.</example>
[Cmdlet(VerbsLifecycle.Stop, "ClusterGroup", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(GroupStatus), typeof(Operation))]
public sealed class StopClusterGroupCommand : GroupChangeCmdlet
{
    /// <summary>Only until the membership of the cluster changes, or somebody starts it.</summary>
    [Parameter]
    public SwitchParameter Temporary { get; set; }

    /// <summary>
    /// Does not ask whether groups that need this one are to be stopped with it, nor whether the resources of a Failed group are released:
    /// they are, somebody has made sure.
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void Process(GroupStatus group)
    {
        string until = Temporary ? "until the membership changes or it is started" : "until it is started again";
        if (group.Phase != GroupPhase.Failed || Temporary)
        {
            Run(group, "Stopping", $"Group '{group.Name}' ({Place(group)}) is stopped with {Resources(group)}, {until}.", Temporary
                ? "stop"
                : "disable", plan: "stop", force: Force);
            return;
        }

        string happens = $"Group '{group.Name}', which is Failed ({group.Why}), is disabled, and its resources count as released.";
        string question = $"Group '{group.Name}' is Failed: {group.Why}. Are all of its resources released"
            + $"{(group.ActiveOn.Count > 0 ? $" on {string.Join(", ", group.ActiveOn)}" : "")}? If one is not, it may come to be used "
                + "twice, and data is damaged.";

        Run(group, "Stopping", happens, "disable", new GroupOperationRequest
        {
            ConfirmReleased = true,
        }, certain: () => Force || Confirmed(question, "Stop-ClusterGroup", group.Name));
    }
}

/// <summary>Stops groups and starts them again where they are.</summary>
/// <remarks>
/// <para>All resources are stopped and started in order. It does not count as a failure. Resources that were given up are tried
/// again.</para>
/// </remarks>
/// <example><code>Restart-ClusterGroup webshop</code>Restarts the group and waits until it runs again.</example>
/// <example><code>Restart-ClusterGroup webshop, reports -Wait 120</code>Restarts two groups; an error says if one takes longer than two
/// minutes.</example>
[Cmdlet(VerbsLifecycle.Restart, "ClusterGroup", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(GroupStatus), typeof(Operation))]
public sealed class RestartClusterGroupCommand : GroupChangeCmdlet
{
    /// <inheritdoc/>
    protected override void Process(GroupStatus group) =>
        Run(group, "Restarting", $"Group '{group.Name}' ({Place(group)}) is stopped with {Resources(group)} and started again in "
            + "the same place.", "restart", plan: "restart");
}

/// <summary>Moves groups to other nodes.</summary>
/// <remarks>
/// <para>The group is stopped where it runs and started on the node that is named, or on the best other one that its failover domain
/// allows. If the start fails there, the domain's rules say where it goes next.</para>
/// <para>With -Home it goes to the best node of its ordered failover domain that can run it now, also when the domain sends nothing back by
/// itself; a group that is there stays.</para>
/// </remarks>
/// <example><code>Move-ClusterGroup reports -Node node3
/// Move-ClusterGroup reports -Node node2</code>Moves the group to node3 and back to node2.</example>
/// <example><code>Get-ClusterNode node2 | Get-ClusterGroup | Move-ClusterGroup</code>Moves everything that node2 owns to wherever it may
/// run best.</example>
/// <example><code>Get-ClusterGroup | Where-Object Domain | Move-ClusterGroup -Home</code>Sends every group that has a home there; those
/// that are there stay.</example>
/// <parameter name="Node">The node to move it to; by the rules of its failover domain when left out.</parameter>
[Cmdlet(VerbsCommon.Move, "ClusterGroup", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(GroupStatus), typeof(Operation))]
public sealed class MoveClusterGroupCommand : GroupPlacementCmdlet
{
    /// <summary>To the best node of its failover domain that can run it now.</summary>
    [Parameter]
    public SwitchParameter Home { get; set; }

    /// <summary>Does not ask when another group runs nowhere then.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void Process(GroupStatus group) => Attempt(group.Name, () =>
    {
        if (Home)
        {
            if (Node is not null)
            {
                throw ClusterErrors.Own(ProblemCodes.BadRequest, 400, "-Node and -Home both say where to.", "Give one of them.");
            }

            Run(group, "Moving", $"Group '{group.Name}' ({Place(group)}) is sent home: to the best node of its failover domain that can "
                + "run it, unless it is there.", "home", plan: "home", force: Force);
            return;
        }

        string? node = Target();
        Run(
            group,
            "Moving",
            $"Group '{group.Name}' ({Place(group)}) is stopped with {Resources(group)} and started on {node ?? "the best other node"}.",
            "relocate",
            new GroupOperationRequest { Node = node },
            "relocate",
            Force);
    });
}

/// <summary>Brings back the resources of groups that were given up as not critical.</summary>
/// <remarks>
/// <para>A resource that is not critical may fail without failing its group: it is given up, and stands under Abandoned. Repairing starts
/// it again where the group runs, and leaves the rest alone (the classic stack's <c>clusvcadm -c</c>, convalesce).</para>
/// </remarks>
/// <example><code>Repair-ClusterGroup webshop</code>Starts what was given up of the group; if nothing was, nothing happens.</example>
/// <example><code>Get-ClusterGroup | Where-Object Abandoned | Repair-ClusterGroup</code>Repairs every group of which something was given
/// up.</example>
[Cmdlet(VerbsDiagnostic.Repair, "ClusterGroup", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(GroupStatus), typeof(Operation))]
public sealed class RepairClusterGroupCommand : GroupChangeCmdlet
{
    /// <inheritdoc/>
    protected override void Process(GroupStatus group) => Run(
        group,
        "Repairing",
        group.Abandoned.Count == 0
            ? $"Group '{group.Name}' ({Place(group)}) is told to repair itself; nothing of it was given up."
            : $"Group '{group.Name}' ({Place(group)}): {string.Join(", ", group.Abandoned)}, given up before, is started again.",
        "convalesce");
}

/// <summary>Forgets the failures of groups.</summary>
/// <remarks>
/// <para>The cluster counts what fails: restarts within a group's window, nodes on which it could not be started, retries of its resources,
/// and groups that go in circles. After the cause was mended this forgets them: the next failure is the first again, every node is tried
/// again, and a group that waits for its next try is started at once. What runs goes on running. (The words of Pacemaker: clear the fail
/// count.)</para>
/// </remarks>
/// <example><code>Clear-ClusterGroup webshop</code>Forgets what has failed of the group; the next failure restarts it in place
/// again.</example>
/// <example><code>Get-ClusterGroup | Where-Object { $_.Restarts -or $_.Tried } | Clear-ClusterGroup</code>Forgets the failures of all
/// groups that have some.</example>
[Cmdlet(VerbsCommon.Clear, "ClusterGroup", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(GroupStatus), typeof(Operation))]
public sealed class ClearClusterGroupCommand : GroupChangeCmdlet
{
    /// <inheritdoc/>
    protected override void Process(GroupStatus group)
    {
        List<string> known = [];
        if (group.Restarts > 0)
        {
            known.Add($"{group.Restarts} of {group.MaxRestarts} restarts");
        }

        if (group.Tried.Count > 0)
        {
            known.Add($"could not be started on {string.Join(", ", group.Tried)}");
        }

        known.AddRange(group.Retries.Select(r => $"{r.Retries} of {r.Limit} retries of the {r.Action} of {r.Resource}"));
        Run(group, "Clearing", $"The failures of group '{group.Name}' ({Place(group)}) are "
            + $"forgotten{(known.Count > 0 ? $": {string.Join("; ", known)}" : "")}.", "clear");
    }
}

/// <summary>Freezes groups: the cluster leaves them alone.</summary>
/// <remarks>
/// <para>A frozen group is not checked, not started, not stopped and not failed over, whatever happens to it, until Unlock-ClusterGroup.
/// For work on a service by hand. If its node dies, the group stays down.</para>
/// </remarks>
/// <example><code>Lock-ClusterGroup webshop
/// Unlock-ClusterGroup webshop</code>Freezes the group for work by hand, and gives it back to the cluster.</example>
/// <example><code>Lock-ClusterGroup * -WhatIf</code>Says which groups would be frozen.</example>
[Cmdlet(VerbsCommon.Lock, "ClusterGroup", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(GroupStatus), typeof(Operation))]
public sealed class LockClusterGroupCommand : GroupChangeCmdlet
{
    /// <inheritdoc/>
    protected override void Process(GroupStatus group) => Run(
        group, "Freezing",
        $"Group '{group.Name}' ({Place(group)}) is frozen: not checked, not started, not stopped, not failed over, until it is unlocked.",
        "freeze");
}

/// <summary>Ends the freezing of groups: the cluster takes care of them again.</summary>
/// <remarks>
/// <para>The group is looked at first, so that what was done to it by hand is known; then its rules hold again. While the node that it
/// was frozen on is away, unfreezing waits for it.</para>
/// </remarks>
/// <example><code>Unlock-ClusterGroup webshop</code>Gives the group back to the cluster; one that is not frozen stays as it is.</example>
/// <example><code>Get-ClusterGroup | Where-Object Frozen | Unlock-ClusterGroup</code>Unlocks whatever is frozen.</example>
[Cmdlet(VerbsCommon.Unlock, "ClusterGroup", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(GroupStatus), typeof(Operation))]
public sealed class UnlockClusterGroupCommand : GroupChangeCmdlet
{
    /// <inheritdoc/>
    protected override void Process(GroupStatus group) =>
        Run(
            group, "Unfreezing", $"Group '{group.Name}' ({Place(group)}) is no longer frozen: it is checked, and recovered when it fails.",
            "unfreeze");
}
