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

/// <summary>Tells which losses the cluster survives from here: of each node, of each two, and of the quorum disk.</summary>
/// <remarks>
/// <para>Nothing is touched. Lost is what is lost, Survives whether those who are left keep quorum, Stops which groups then stop: all but
/// frozen ones without quorum, otherwise those that no node that is left may run.</para>
/// <para>SurvivesInTurn is whether two nodes may be lost one after the other, where last man standing is set: the first has been down for
/// its window before the second is lost.</para>
/// <para>Two nodes at once are looked at in clusters of up to 24 members. Without quorum there is nothing to lose, and nothing is
/// written.</para>
/// </remarks>
/// <example><code>Test-ClusterQuorum</code>Tells of every loss.</example>
/// <example><code>Test-ClusterQuorum | Where-Object -Not Survives</code>Tells what must not happen now.</example>
/// <example><code>Test-ClusterQuorum -Quiet</code>Says in one word whether any one node may be lost, and the quorum disk.</example>
[Cmdlet(VerbsDiagnostic.Test, "ClusterQuorum")]
[OutputType(typeof(QuorumLoss), typeof(bool))]
public sealed class TestClusterQuorumCommand : ClusterCmdlet
{
    /// <summary>Writes whether every loss of one node, and of the quorum disk, is survived.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(null, () =>
    {
        QuorumLoss[] losses = Call((client, cancel) => client.GetLossesAsync(cancel));
        if (Quiet)
        {
            WriteObject(losses.Length > 0 && losses.Where(l => l.Lost.Count == 1).All(l => l.Survives));
            return;
        }

        foreach (QuorumLoss loss in losses)
        {
            WriteClusterObject(loss);
        }
    });
}

/// <summary>Changes who has how many votes, the quorum disk or the arbiter, or forces quorum.</summary>
/// <remarks>
/// <para>Votes are part of the configuration: they are changed one step at a time, and the cluster refuses a change that could make two
/// majorities.</para>
/// <para>-LastManStanding lets a cluster whose nodes go down one after the other go on down to two: a node that has been Down for the
/// window, while the others have quorum, has no vote until it takes part again.</para>
/// <para>-DiskDevice gives the cluster a quorum disk, which all nodes see under that path and which 'clusterd quorum-disk format' has made;
/// the other parameters of the disk change it. about_Cluster_Quorum says what it is for.</para>
/// <para>-ArbiterHost names a third machine, on which corosync-qnetd runs: when two nodes lose sight of each other, only the one that it
/// gives its vote to fences the other. Corosync's own tools make the certificates for it (docs/several-machines.md).</para>
/// <para>-ForceQuorum is for a cluster that has lost so many nodes that nothing runs any more. It makes what is left quorate. Every absent
/// node must be off or cut off: if one still runs groups, they run twice and data is damaged. What absent nodes owned is recovered when
/// they have been fenced, or confirmed with Confirm-ClusterNodeDown. They take the state of the others when they come back.</para>
/// </remarks>
/// <example><code>Set-ClusterQuorum -Node node3 -Votes 2 -Confirm:$false
/// Set-ClusterQuorum -Node node3 -Votes 1 -Confirm:$false</code>Gives a node two votes, and one again.</example>
/// <example><code>Set-ClusterQuorum -LastManStanding $true -LastManStandingWindow 30 -WhatIf</code>Says what it would do to let nodes that
/// stay down for 30 seconds lose their votes.</example>
/// <example><code>Set-ClusterQuorum -DiskDevice /dev/disk/by-id/scsi-1 -DiskHeuristic @{ Program = 'ping -c1 -w1 10.0.0.1' } -WhatIf</code>Says
/// what a quorum disk would do of which a node makes use only while it reaches the router.</example>
/// <example><code>Set-ClusterQuorum -ArbiterHost arbiter.example.com -WhatIf</code>Says what an arbiter of two nodes would do.</example>
/// <example><code>Set-ClusterQuorum -ForceQuorum -Reason 'The other room has burnt down' -WhatIf</code>Says what forced quorum would
/// do.</example>
[Cmdlet(VerbsCommon.Set, "ClusterQuorum", 
    SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ByVotes)]
[OutputType(typeof(QuorumStatus), typeof(Operation))]
public sealed class SetClusterQuorumCommand : ClusterChangeCmdlet
{
    private const string ByVotes = "Votes";

    private const string BySettings = "Settings";

    private const string ByDisk = "Disk";

    private const string ByNoDisk = "NoDisk";

    private const string ByArbiter = "Arbiter";

    private const string ByNoArbiter = "NoArbiter";

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

    /// <summary>Whether a node that stays down has no vote until it takes part again, down to two nodes with votes.</summary>
    [Parameter(ParameterSetName = BySettings)]
    public bool? LastManStanding { get; set; }

    /// <summary>How long a node must be down until then, in seconds or as a time; 10 s unless set.</summary>
    [Parameter(ParameterSetName = BySettings)]
    [Duration]
    public TimeSpan? LastManStandingWindow { get; set; }

    /// <summary>The quorum disk: an absolute path of a block device or a file, the same on all nodes.</summary>
    [Parameter(ParameterSetName = ByDisk)]
    [ValidateNotNullOrEmpty]
    public string? DiskDevice { get; set; }

    /// <summary>The disk's votes; 0: one less than there are nodes with votes.</summary>
    [Parameter(ParameterSetName = ByDisk)]
    [ValidateRange(0, 255)]
    public int? DiskVotes { get; set; }

    /// <summary>How often each node writes on the disk, in seconds or as a time.</summary>
    [Parameter(ParameterSetName = ByDisk)]
    [Duration]
    public TimeSpan? DiskInterval { get; set; }

    /// <summary>How many writes a node may miss before it counts as dead on the disk.</summary>
    [Parameter(ParameterSetName = ByDisk)]
    [ValidateRange(4, 120)]
    public int? DiskTko { get; set; }

    /// <summary>A node whose heuristics add up to less has no vote; -1: half of all.</summary>
    [Parameter(ParameterSetName = ByDisk)]
    [ValidateRange(-1, 1000)]
    public int? DiskMinimumScore { get; set; }

    /// <summary>All heuristics: Program, and Score, Interval and Tko if they are not 1, 2 s and 3.</summary>
    [Parameter(ParameterSetName = ByDisk)]
    [AllowEmptyCollection]
    public QuorumHeuristic[]? DiskHeuristic { get; set; }

    /// <summary>Takes the quorum disk out.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByNoDisk)]
    public SwitchParameter RemoveDisk { get; set; }

    /// <summary>The arbiter of two nodes: name or address of the machine on which corosync-qnetd runs.</summary>
    [Parameter(ParameterSetName = ByArbiter)]
    [ValidateNotNullOrEmpty]
    public string? ArbiterHost { get; set; }

    /// <summary>Whether the arbiter is spoken to by TLS only; yes unless set.</summary>
    [Parameter(ParameterSetName = ByArbiter)]
    public bool? ArbiterTls { get; set; }

    /// <summary>Takes the arbiter out.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByNoArbiter)]
    public SwitchParameter RemoveArbiter { get; set; }

    /// <summary>Makes what is left of the cluster quorate.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByForce)]
    public SwitchParameter ForceQuorum { get; set; }

    /// <summary>Why, for the journal; must be given when quorum is forced.</summary>
    [Parameter(ParameterSetName = ByVotes)]
    [Parameter(ParameterSetName = BySettings)]
    [Parameter(ParameterSetName = ByDisk)]
    [Parameter(ParameterSetName = ByNoDisk)]
    [Parameter(ParameterSetName = ByArbiter)]
    [Parameter(ParameterSetName = ByNoArbiter)]
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
        QuorumDiskEdit? disk = DiskEdit();
        QuorumArbiterEdit? arbiter = ArbiterHost is null && ArbiterTls is null ? null
            : new QuorumArbiterEdit { Host = ArbiterHost, Tls = ArbiterTls };
        if (node is null && ExpectedVotes is null && TwoNode is null && LastManStanding is null && LastManStandingWindow is null
            && disk is null && !RemoveDisk && arbiter is null && !RemoveArbiter)
        {
            throw ClusterErrors.Own(
                ProblemCodes.BadRequest, 400, "There is nothing to change.",
                "Give -Votes with -Node, -ExpectedVotes, -TwoNode, -LastManStanding, -DiskDevice or -ArbiterHost.");
        }

        string happens = RemoveDisk ? "There is no quorum disk from now on."
            : disk is not null ? $"The quorum disk is {DiskDevice ?? "used"} as you say from now on."
            : RemoveArbiter ? "There is no arbiter from now on."
            : arbiter is not null ? $"The arbiter is {ArbiterHost ?? "used"} as you say from now on."
            : node is not null ? $"Node '{node}' has {Votes} {(Votes == 1 ? "vote" : "votes")} from now on."
            : string.Join(" ", new[]
            {
                ExpectedVotes switch { null =>
                    null, 0 =>
                        "Quorum is counted from the sum of the nodes' votes.", _ => $"Quorum is counted from {ExpectedVotes} votes." },
                TwoNode switch { null => null, true => "One of two votes is quorum.", false => "A majority of the votes is quorum." },
                LastManStanding switch
                {
                    null => null,
                    true => "A node that stays down has no vote until it takes part again.",
                    false => "No vote is taken away from a node that stays down; one that was comes back with its node.",
                },
                LastManStandingWindow is { } window
                    ? FormattableString.Invariant($"A node's vote may be taken away {window.TotalSeconds:0.###} s after it is down.")
                    : null,
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
                        LastManStanding = LastManStanding,
                        LastManStandingWindow = LastManStandingWindow,
                        Disk = disk,
                        RemoveDisk = RemoveDisk,
                        Arbiter = arbiter,
                        RemoveArbiter = RemoveArbiter,
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

    private QuorumDiskEdit? DiskEdit() =>
        DiskDevice is null && DiskVotes is null && DiskInterval is null && DiskTko is null && DiskMinimumScore is null
            && DiskHeuristic is null
            ? null
            : new QuorumDiskEdit
            {
                Device = DiskDevice,
                Votes = DiskVotes,
                Interval = DiskInterval,
                Tko = DiskTko,
                MinimumScore = DiskMinimumScore,
                Heuristics = DiskHeuristic,
            };
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
            LastManStandingWindow = cluster.LastManStandingWindow,
            Disk = cluster.QuorumDisk,
            Arbiter = cluster.QuorumArbiter,
            Nodes =
            [
                .. (await nodes.ConfigureAwait(false)).Select(n => new NodeVotes
                {
                    Node = n.Name,
                    Votes = n.Votes,
                    Member = n.Member,
                    Uncounted = n.VotesUncounted,
                }),
            ],
        };
    }
}
