namespace ClusterTools.Cmdlets;

/// <summary>Says what would happen to groups if a node or a group failed now, without touching anything.</summary>
/// <remarks>
/// <para>
/// The running cluster is asked. It plays the failure with its own rules from the state that it is in, as if every agent and every fence
/// device did what it is asked, and answers for each group where it would go and why, or why it would stay down. Member Risk says what to
/// think of before: that no other node could take the group then, that one more loss stops the cluster, or that nothing is known of the
/// memory and processors that a guest needs.
/// </para>
/// <para>
/// A failing node falls silent and is fenced. A failing group is taken to be unable to start again on its node; where it can, and its
/// recovery policy says so, it is merely restarted there. Groups that nothing happens to are left out unless -All is given. 'clusterd plan
/// fail' answers the same of a configuration file.
/// </para>
/// </remarks>
/// <example><code>Test-ClusterFailover node1</code>Says where the groups of node1 would go if it failed.</example>
/// <example><code>Test-ClusterFailover -Group webshop</code>Says where one group would go if it failed where it runs.</example>
/// <example><code>Get-ClusterNode | Test-ClusterFailover | Where-Object To -eq $null</code>Finds the groups that would be down after the
/// loss of any one node.</example>
/// <example><code>Test-ClusterFailover node1 -Quiet</code>Says whether every group that runs now would run then.</example>
[Cmdlet(VerbsDiagnostic.Test, "ClusterFailover", DefaultParameterSetName = ByNode)]
[OutputType(typeof(ClusterFailover), typeof(bool))]
public sealed class TestClusterFailoverCommand : ClusterCmdlet
{
    private const string ByNode = "Node";

    private const string ByGroup = "Group";

    private const string ByNodeObject = "NodeObject";

    private const string ByGroupObject = "GroupObject";

    private bool asked;
    private bool failed;
    private bool allRun = true;

    /// <summary>Names of nodes that fail, each by itself; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByNode)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [NodeName]
    [ValidateNotNullOrEmpty]
    public string[] Node { get; set; } = [];

    /// <summary>Names of groups that fail where they run, each by itself; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByGroup)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Group { get; set; } = [];

    /// <summary>A node that fails, as Get-ClusterNode gives it.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByNodeObject)]
    [Revived(typeof(NodeStatus))]
    public NodeStatus? NodeObject { get; set; }

    /// <summary>A group that fails, as Get-ClusterGroup gives it.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByGroupObject)]
    [Revived(typeof(GroupStatus))]
    public GroupStatus? GroupObject { get; set; }

    /// <summary>The nodes fail together, not each by itself.</summary>
    [Parameter(ParameterSetName = ByNode)]
    public SwitchParameter Together { get; set; }

    /// <summary>Also the groups that nothing happens to.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

    /// <summary>Say no more than whether every group that runs now would run then.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        switch (ParameterSetName)
        {
            case ByNodeObject:
                Ask(NodeObject!.Name, (client, cancel) => client.GetPlanOfLossAsync([NodeObject.Name], cancel));
                break;
            case ByGroupObject:
                Ask(GroupObject!.Name, (client, cancel) => client.GetPlanOfFailureAsync(GroupObject.Name, cancel));
                break;
            case ByGroup:
                foreach (GroupStatus group in FindGroups(Group))
                {
                    Ask(group.Name, (client, cancel) => client.GetPlanOfFailureAsync(group.Name, cancel));
                }

                break;
            default:
                string[] nodes = [.. FindNodes(Node).Select(n => n.Name)];
                foreach (string[] together in Together && nodes.Length > 0 ? [nodes] : nodes.Select(n => new[] { n }))
                {
                    Ask(string.Join(", ", together), (client, cancel) => client.GetPlanOfLossAsync(together, cancel));
                }

                break;
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (Quiet)
        {
            WriteObject(asked && allRun && !failed);
        }
    }

    private void Ask(string target, Func<ClusterClient, CancellationToken, Task<Plan>> question) => failed |= !Attempt(target, () =>
    {
        Plan plan = Call(question);
        asked = true;
        foreach (PlannedGroup group in plan.Groups)
        {
            allRun &= group.OwnerNow is null || group.PhaseNow != GroupPhase.Started
                || (group.OwnerThen is not null && group.PhaseThen == GroupPhase.Started);
            bool isConcerned = plan.Steps.Any(s => s.Group == group.Group)
                || ((group.OwnerNow ?? group.OwnerThen) is not null
                    && (group.OwnerNow != group.OwnerThen || group.PhaseNow != group.PhaseThen));
            if (!Quiet && (All || isConcerned))
            {
                WriteClusterObject(new ClusterFailover
                {
                    If = plan.Question,
                    Group = group.Group,
                    From = group.OwnerNow,
                    To = group.OwnerThen,
                    State = group.PhaseThen,
                    Why = group.Why,
                    Risk = group.Risk,
                });
            }
        }
    });
}
