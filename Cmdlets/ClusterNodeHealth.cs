namespace ClusterTools.Cmdlets;

/// <summary>Asks each daemon itself how it is: version, configuration applied, clock, certificate.</summary>
/// <remarks>
/// <para>
/// Get-ClusterNode tells what the cluster thinks of its nodes. This asks every daemon of the client context itself, all at once,
/// and tells what each one says: whether it answers, the version of its program, the version and hash of the configuration that it has
/// applied, how far its clock is ahead of this machine's, when its certificate expires, and what is wrong there, such as a full disk.
/// </para>
/// <para>A daemon that does not answer within three seconds is no error: the object says so.</para>
/// </remarks>
/// <example>
/// <code>Get-ClusterNodeHealth</code>
/// All daemons of the current cluster.
/// </example>
/// <example>
/// <code>Get-ClusterNodeHealth | Where-Object Answers -eq $false</code>
/// The addresses where no daemon answers.
/// </example>
/// <example>
/// <code>Get-ClusterNodeHealth -Name node1, node2 | Select-Object -Property Node, ClockOffset, CertificateExpires</code>
/// Clocks and certificates of two nodes.
/// </example>
[Cmdlet(VerbsCommon.Get, "ClusterNodeHealth")]
[OutputType(typeof(ClusterNodeHealth))]
public sealed class GetClusterNodeHealthCommand : ClusterCmdlet
{
    /// <summary>Names of nodes; wildcards are allowed. Left out: all, those that do not answer among them.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [Alias("Node")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [NodeName(Many = true)]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(
        null,
        () => WriteClusterObjects(
            Select("node", Call((client, cancel) => client.GetHealthAsync(cancel)), h => h.Node ?? h.Server, Name)));
}
