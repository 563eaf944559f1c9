namespace ClusterTools.Cmdlets;

/// <summary>Changes what is configured of nodes: what becomes of their groups at a shutdown, and who wins a fence race.</summary>
/// <remarks>
/// <para>Only what is given changes, and nothing is restarted. Votes are changed by Set-ClusterQuorum, fence methods by
/// Set-ClusterFenceDevice.</para>
/// <para>When somebody types reboot or poweroff on a machine, its node's groups go by the shutdown policy before it goes down, and nobody
/// fences it. Without a policy of its own a node goes by the cluster's (Set-ClusterTiming -ShutdownPolicy).</para>
/// <para>Of two nodes (two_node) that lose sight of each other the one with more weight, its own and that of what it runs, fences
/// first; the other waits for Set-ClusterTiming -TwoNodeDelay. Set-ClusterService -Weight gives a service its weight.</para>
/// </remarks>
/// <example><code>Set-ClusterNode node1 -ShutdownPolicy Keep</code>From now on its groups wait for node1 when it is rebooted.</example>
/// <example><code>Set-ClusterNode node1 -UseClusterShutdownPolicy
/// Get-ClusterNode | Format-Table Name, ShutdownPolicy</code>Has it go by the cluster's policy again, and shows what holds for each
/// node.</example>
/// <example><code>Set-ClusterNode node2 -FenceDelay 5 -FenceDelayMax 15 -WhatIf</code>Shows what it would change to wait between 5 and 15
/// seconds, another time at each loss, before node2 is fenced.</example>
[Cmdlet(VerbsCommon.Set, "ClusterNode", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(NodeStatus), typeof(Operation))]
public sealed class SetClusterNodeCommand : ClusterConfigurationCmdlet
{
    /// <summary>Names of nodes; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Node")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [NodeName(Many = true)]
    public string[] Name { get; set; } = [];

    /// <summary>
    /// What becomes of its groups when its machine is shut down: Move, they go to other nodes; Stop, they are stopped until it is back;
    /// Keep, the same for Set-ClusterTiming -KeepLimit at most.
    /// </summary>
    [Parameter]
    [Cell(IsWord = true)]
    public ShutdownPolicy? ShutdownPolicy { get; set; }

    /// <summary>It goes by the cluster's shutdown policy again.</summary>
    [Parameter]
    public SwitchParameter UseClusterShutdownPolicy { get; set; }

    /// <summary>What it weighs in a fence race of two nodes, 0 to 1,000,000. Default: 0.</summary>
    [Parameter]
    [ValidateRange(0, 1_000_000)]
    public int? Weight { get; set; }

    /// <summary>
    /// How much longer than others it is waited for, once lost, before it is fenced, in seconds or as a TimeSpan. Default: 0.
    /// </summary>
    [Parameter]
    [Duration]
    public TimeSpan? FenceDelay { get; set; }

    /// <summary>That wait is drawn anew for each loss, up to this, in seconds or as a TimeSpan; 0: it is not drawn. Default: 0.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? FenceDelayMax { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () =>
    {
        if ((FenceDelay ?? FenceDelayMax) is null && Weight is null && ShutdownPolicy is null && !UseClusterShutdownPolicy)
        {
            throw ClusterErrors.Own(
                ProblemCodes.BadRequest, 400, "There is nothing to change.", "Give what is to change, such as -ShutdownPolicy Keep.");
        }

        foreach (NodeStatus node in FindNodes(Name))
        {
            EditAndWrite(
                node.Name, $"Changing node {node.Name}",
                new ConfigurationEdit
                {
                    Node = new NodeEdit
                    {
                        Name = node.Name,
                        ShutdownPolicy = ShutdownPolicy,
                        ClusterShutdownPolicy = UseClusterShutdownPolicy,
                        Weight = Weight,
                        FenceDelay = FenceDelay,
                        FenceDelayMax = FenceDelayMax,
                    },
                },
                () => WriteClusterObject(Call((client, cancel) => client.GetNodeAsync(node.Name, cancel))));
        }
    });
}
