namespace ClusterTools.Cmdlets;

/// <summary>Gets the times that the cluster goes by: how long it waits before it fences, tries again or gives up.</summary>
/// <remarks>
/// <para>TwoNodeDelay is how much longer the second of two nodes waits before it fences the other, PostFailDelay how long a lost node is
/// waited for, PostJoinDelay how long nodes are waited for that were never seen. Set-ClusterTiming changes them.</para>
/// </remarks>
/// <example><code>Get-ClusterTiming</code>Shows all times of the cluster.</example>
/// <example><code>(Get-ClusterTiming).TwoNodeDelay</code>Gets one of them as a TimeSpan.</example>
[Cmdlet(VerbsCommon.Get, "ClusterTiming")]
[OutputType(typeof(ClusterTiming))]
public sealed class GetClusterTimingCommand : ClusterCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Cluster, () => WriteClusterObject(ClusterTiming.Of(Configuration())));
}

/// <summary>Changes the times that the cluster goes by.</summary>
/// <remarks>
/// <para>Only what is given changes, and nothing is restarted. What Get-ClusterTiming gives may be piped in.</para>
/// <para>The token time, after which a silent node is lost, is changed in corosync, too, by the daemons of all nodes, while all goes on.
/// Where these do not keep corosync.conf (the configuration has no addresses of nodes), they go by their node.json, and are to be stopped
/// for it.</para>
/// <para>Between two nodes that lose sight of each other -TwoNodeDelay keeps both from switching each other off: it must be longer than the
/// slowest fence device takes.</para>
/// </remarks>
/// <example><code>Set-ClusterTiming -TwoNodeDelay 20 -RetryDelay 00:02:00</code>Has the second of two nodes wait 20 seconds before it
/// fences the first, and groups that have failed everywhere
/// wait two minutes.</example>
/// <example><code>Set-ClusterTiming -ShutdownPolicy Keep -KeepLimit 00:15:00</code>From now on the groups of a node that is rebooted are
/// stopped, and wait up to a quarter of an hour for it instead of moving away.</example>
/// <example><code>Set-ClusterTiming -Token 00:00:01</code>Has a silent node lost after a second of silence, on a network that is not as
/// good as it was thought to be.</example>
/// <example><code>Set-ClusterTiming -PostFailDelay 3 -WhatIf</code>Shows what it would change to wait three seconds for lost
/// nodes.</example>
[Cmdlet(VerbsCommon.Set, "ClusterTiming", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(ClusterTiming), typeof(Operation))]
public sealed class SetClusterTimingCommand : ClusterConfigurationCmdlet
{
    /// <summary>
    /// After how much silence a node is lost (corosync's token), in seconds or as a TimeSpan: 200 milliseconds to one minute. All of a loss
    /// takes about 2.2 times that. Default: 300 milliseconds.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Duration]
    public TimeSpan? Token { get; set; }

    /// <summary>
    /// How much longer the second of two nodes waits before it fences the other, in seconds or as a TimeSpan. Default: 15 seconds.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Duration]
    public TimeSpan? TwoNodeDelay { get; set; }

    /// <summary>How long a lost node is waited for before it is fenced, in seconds or as a TimeSpan. Default: 0.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Duration]
    public TimeSpan? PostFailDelay { get; set; }

    /// <summary>
    /// How long nodes that were never seen are waited for when the cluster forms, in seconds or as a TimeSpan. Default: 6 seconds.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Duration]
    public TimeSpan? PostJoinDelay { get; set; }

    /// <summary>
    /// By when a node that lost quorum must have stopped its work, or it resets itself, in seconds or as a TimeSpan. Default: 30 seconds.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Duration]
    public TimeSpan? QuorumLossDeadline { get; set; }

    /// <summary>
    /// How long a group that failed on every node waits before it is tried again, in seconds or as a TimeSpan. Default: one minute.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Duration]
    public TimeSpan? RetryDelay { get; set; }

    /// <summary>How long a fence attempt may take before it counts as failed, in seconds or as a TimeSpan. Default: one minute.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Duration]
    public TimeSpan? FenceTimeout { get; set; }

    /// <summary>
    /// How long a node in planned maintenance may be away before it counts as lost, in seconds or as a TimeSpan. Default: two minutes.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Duration]
    public TimeSpan? MaintenanceLimit { get; set; }

    /// <summary>
    /// How often a node may be lost within the flap window before no groups come to it; 0: as often as it likes. Default: 3.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateRange(0, 100)]
    public int? FlapLimit { get; set; }

    /// <summary>Within which time losses of a node count together, in seconds or as a TimeSpan. Default: one hour.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Duration]
    public TimeSpan? FlapWindow { get; set; }

    /// <summary>
    /// How long a node that was lost too often must take part without a loss before groups come to it again, in seconds or as a TimeSpan.
    /// Default: one hour.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Duration]
    public TimeSpan? FlapRelease { get; set; }

    /// <summary>
    /// What becomes of a node's groups when its machine is shut down (reboot, poweroff): Move, they go to other nodes; Stop, they are
    /// stopped until it is back; Keep, the same for KeepLimit at most. Default: Move. Set-ClusterNode gives a node a policy of its own.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(IsWord = true)]
    public ShutdownPolicy? ShutdownPolicy { get; set; }

    /// <summary>
    /// How long groups that are kept for a node whose machine is shut down wait for it, in seconds or as a TimeSpan. Default: ten minutes.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Duration]
    public TimeSpan? KeepLimit { get; set; }

    /// <summary>
    /// How long at least a node is waited for before it is fenced that fell silent while its machine was being shut down, in seconds or as
    /// a TimeSpan. Default: one minute.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Duration]
    public TimeSpan? ShutdownWait { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Cluster, () =>
    {
        var given = new TimingEdit
        {
            Token = Token, TwoNodeDelay = TwoNodeDelay, PostFailDelay = PostFailDelay, PostJoinDelay = PostJoinDelay,
            QuorumLossDeadline = QuorumLossDeadline,
            RetryDelay = RetryDelay, FenceTimeout = FenceTimeout, MaintenanceLimit = MaintenanceLimit,
            FlapLimit = FlapLimit, FlapWindow = FlapWindow, FlapRelease = FlapRelease,
            ShutdownPolicy = ShutdownPolicy, KeepLimit = KeepLimit, ShutdownWait = ShutdownWait,
        };
        if ((Token ?? TwoNodeDelay ?? PostFailDelay ?? PostJoinDelay ?? QuorumLossDeadline ?? RetryDelay ?? FenceTimeout
            ?? MaintenanceLimit ?? FlapWindow ?? FlapRelease ?? KeepLimit ?? ShutdownWait) is null
            && FlapLimit is null && ShutdownPolicy is null)
        {
            throw ClusterErrors.Own(
                ProblemCodes.BadRequest, 400, "There is nothing to change.",
                "Give the times that are to change, such as -TwoNodeDelay 20.");
        }

        EditAndWrite(
            "timing", "Changing the cluster's times", new ConfigurationEdit { Timing = given },
            () => WriteClusterObject(ClusterTiming.Of(Configuration())));
    });
}
