namespace ClusterTools.Cmdlets;

/// <summary>Gets the cluster's quorum: who votes, how many votes there are and are needed, how many losses it survives.</summary>
/// <remarks>
/// <para>A part of the cluster acts only when it has the majority of the votes, so that two parts never do. about_Cluster_Quorum says
/// more.</para>
/// </remarks>
/// <example><code>Get-ClusterQuorum</code>Shows the arithmetic, in words too.</example>
/// <example><code>(Get-ClusterQuorum).LossesSurvived</code>Says how many more nodes may fail.</example>
/// <example><code>Get-ClusterQuorum | Select-Object -ExpandProperty Nodes</code>Lists every node's votes and whether they count.</example>
[Cmdlet(VerbsCommon.Get, "ClusterQuorum")]
[OutputType(typeof(QuorumStatus))]
public sealed class GetClusterQuorumCommand : ClusterCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(null, () => WriteClusterObject(Call(QuorumReading.AskAsync)));
}

/// <summary>Changes who has how many votes, or forces quorum.</summary>
/// <remarks>
/// <para>Votes are part of the configuration: they are changed one step at a time, and the cluster refuses a change that could make two
/// majorities.</para>
/// <para>-ForceQuorum is for a cluster that has lost so many nodes that nothing runs any more. It makes what is left quorate. Every absent
/// node must be off or cut off: if one still runs groups, they run twice and data is damaged. What absent nodes owned is recovered when
/// they have been fenced, or confirmed with Confirm-ClusterNodeDown. They take the state of the others when they come back.</para>
/// </remarks>
/// <example><code>Set-ClusterQuorum -Node node3 -Votes 2 -Confirm:$false
/// Set-ClusterQuorum -Node node3 -Votes 1 -Confirm:$false</code>Gives a node two votes, and one again.</example>
/// <example><code>Set-ClusterQuorum -ForceQuorum -Reason 'The other room has burnt down' -WhatIf</code>Says what forced quorum would
/// do.</example>
[Cmdlet(VerbsCommon.Set, "ClusterQuorum", 
    SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ByVotes)]
[OutputType(typeof(QuorumStatus), typeof(Operation))]
public sealed class SetClusterQuorumCommand : ClusterChangeCmdlet
{
    private const string ByVotes = "Votes";

    private const string BySettings = "Settings";

    private const string ByForce = "ForceQuorum";

    /// <summary>The node whose votes are changed.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByVotes)]
    [Parameter(ParameterSetName = ByForce)]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [NodeName]
    [ValidateNotNullOrEmpty]
    public string? Node { get; set; }

    /// <summary>How many votes the node has, 0 to 255.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ByVotes)]
    [ValidateRange(0, 255)]
    public int Votes { get; set; }

    /// <summary>Votes that quorum is counted from; 0: the sum of the nodes' votes.</summary>
    [Parameter(ParameterSetName = BySettings)]
    [ValidateRange(0, int.MaxValue)]
    public int? ExpectedVotes { get; set; }

    /// <summary>Whether, of two nodes, one vote is enough, and fencing decides who survives.</summary>
    [Parameter(ParameterSetName = BySettings)]
    public bool? TwoNode { get; set; }

    /// <summary>Makes what is left of the cluster quorate.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByForce)]
    public SwitchParameter ForceQuorum { get; set; }

    /// <summary>Why, for the journal; must be given when quorum is forced.</summary>
    [Parameter(ParameterSetName = ByVotes)]
    [Parameter(ParameterSetName = BySettings)]
    [Parameter(Mandatory = true, ParameterSetName = ByForce)]
    [ValidateNotNullOrEmpty]
    public string? Reason { get; set; }

    /// <summary>Does not ask whether every absent node is off.</summary>
    [Parameter(ParameterSetName = ByForce)]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Node, () =>
    {
        if (ParameterSetName == ByForce ? ForcedQuorum.Should(this, Node, Force, Confirmed) && DoForce() : Edit())
        {
            WriteClusterObject(Call(QuorumReading.AskAsync));
        }
    });

    private bool DoForce() =>
        Change(Node
            ?? "cluster", "Forcing quorum", (client, cancel) => client.ForceQuorumAsync(Node, ForcedQuorum.Request(Reason!), cancel));

    private bool Edit()
    {
        string? node = ParameterSetName == ByVotes ? FindNode(Node!) : null;
        if (node is null && ExpectedVotes is null && TwoNode is null)
        {
            throw ClusterErrors.Own(
                ProblemCodes.BadRequest, 400, "There is nothing to change.", "Give -Votes with -Node, -ExpectedVotes or -TwoNode.");
        }

        string happens = node is not null ? $"Node '{node}' has {Votes} {(Votes == 1 ? "vote" : "votes")} from now on."
            : string.Join(" ", new[]
            {
                ExpectedVotes switch { null =>
                    null, 0 =>
                        "Quorum is counted from the sum of the nodes' votes.", _ => $"Quorum is counted from {ExpectedVotes} votes." },
                TwoNode switch { null => null, true => "One of two votes is quorum.", false => "A majority of the votes is quorum." },
            }.OfType<string>());
        ConfigurationEdit[] edits =
            [
                new()
                {
                    Quorum = new QuorumEdit
                    {
                        Node = node,
                        Votes = node is null ? null : Votes,
                        ExpectedVotes = ExpectedVotes,
                        TwoNode = TwoNode,
                    },
                },
            ];
        ConfigurationCheck check = Call((client, cancel) => client.CheckEditAsync(edits, null, cancel));
        if (check.Refused is { } refused)
        {
            throw ClusterErrors.WouldBeRefused(refused);
        }

        happens = $"{happens} Then: {check.Quorum}";
        return ShouldProcess(happens, $"{happens} Go on?", "Set-ClusterQuorum")
            && Change(node ?? "quorum", "Changing votes", (client, cancel) => client.EditConfigurationAsync(edits, null, Reason, cancel));
    }
}

/// <summary>Quorum as an object of its own.</summary>
internal static class QuorumReading
{
    public static async Task<QuorumStatus> AskAsync(ClusterClient client, CancellationToken cancellationToken)
    {
        Task<NodeStatus[]> nodes = client.GetNodesAsync(cancellationToken);
        ClusterStatus cluster = await client.GetClusterAsync(cancellationToken).ConfigureAwait(false);
        return new QuorumStatus
        {
            Cluster = cluster.Name,
            Quorum = cluster.Quorum,
            Description = cluster.Disarmed is { } disarmed
                ? $"{disarmed.Description} {cluster.QuorumDescription}"
                : cluster.QuorumDescription,
            Votes = cluster.Votes,
            VotesExpected = cluster.VotesExpected,
            VotesNeeded = cluster.VotesNeeded,
            LossesSurvived = cluster.LossesSurvived,
            TwoNode = cluster.TwoNode,
            Nodes =
            [
                .. (await nodes.ConfigureAwait(false)).Select(n => new NodeVotes { Node = n.Name, Votes = n.Votes, Member = n.Member }),
            ],
        };
    }
}
