namespace ClusterTools.Cmdlets;

/// <summary>Gets what became of fencing: who was cut off, when, why, by which method, and how long it took.</summary>
/// <remarks>
/// <para>The cluster keeps the last 200, oldest first. Fencing that is under way stands at its node (Get-ClusterNode, member
/// Fencing).</para>
/// </remarks>
/// <example><code>Get-ClusterFenceHistory</code>Lists what is kept.</example>
/// <example><code>Get-ClusterFenceHistory node3 -Last 1</code>Gets the last fencing of one node.</example>
/// <example><code>Get-ClusterFenceHistory | Where-Object Success -eq $false</code>Gets those that failed.</example>
[Cmdlet(VerbsCommon.Get, "ClusterFenceHistory", DefaultParameterSetName = ByName)]
[OutputType(typeof(FenceRecord))]
public sealed class GetClusterFenceHistoryCommand : ClusterCmdlet
{
    private const string ByName = "Node";

    private const string ByObject = "InputObject";

    private readonly List<string> names = [];
    private bool asked;

    /// <summary>Only fencing of these nodes; wildcards are allowed.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = ByName)]
    [Alias("Name", "Target")]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [NameOf(typeof(NodeStatus), nameof(NodeStatus.Name), "Node", "Target", Many = true)]
    public string[]? Node { get; set; }

    /// <summary>Nodes, as Get-ClusterNode gives them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    [Revived(typeof(NodeStatus), Many = true)]
    public NodeStatus[] InputObject { get; set; } = [];

    /// <summary>Only the newest so many.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Last { get; set; } = int.MaxValue;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        asked |= ParameterSetName == ByObject || Node is not null;
        names.AddRange(ParameterSetName == ByObject ? InputObject.Select(n => n.Name) : Node ?? []);
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => Attempt(null, () =>
    {
        if (MyInvocation.ExpectingInput && !asked)
        {
            // An empty pipeline selects nothing, not everything.
            return;
        }

        FenceRecord[] all = Call((client, cancel) => client.GetFenceHistoryAsync(cancel));
        FenceRecord[] chosen = all;
        if (asked)
        {
            Func<string, bool> fits = ObjectNames.Filter(names, [.. all.Select(r => r.Target).Distinct()]);
            chosen = [.. all.Where(r => fits(r.Target))];

            // A removed node may still have a history; a name with neither node nor history is a typing error.
            string[] unknown =
            [
                .. names.Where(
                    n => !ObjectNames.IsWildcard(n) && !chosen.Any(r => string.Equals(r.Target, n, StringComparison.OrdinalIgnoreCase))),
            ];
            if (unknown.Length > 0)
            {
                _ = FindNodes(unknown);
            }
        }

        WriteClusterObjects(chosen.Skip(Math.Max(0, chosen.Length - Last)));
    });
}
