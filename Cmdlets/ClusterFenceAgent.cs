namespace ClusterTools.Cmdlets;

/// <summary>Gets fence agents: what can cut nodes off, and which parameters it takes.</summary>
/// <remarks>
/// <para>The agents of the node that answers are listed. An agent asked for by its very name says all of itself: description and parameters
/// with their defaults. For a list
/// -Detailed does the same, and asks every agent that has not been asked before, which takes a moment. Fence devices from the pipeline give
/// their agents.</para>
/// </remarks>
/// <example><code>Get-ClusterFenceAgent</code>Lists the fence agents that are installed.</example>
/// <example><code>Get-ClusterFenceDevice pdu-a | Get-ClusterFenceAgent | Select-Object -ExpandProperty Parameters</code>Shows which
/// parameters the agent of a device takes.</example>
[Cmdlet(VerbsCommon.Get, "ClusterFenceAgent", DefaultParameterSetName = ByName)]
[OutputType(typeof(FenceAgent))]
public sealed class GetClusterFenceAgentCommand : ClusterCmdlet
{
    private const string ByName = "Name";

    /// <summary>Names of agents, such as fence_ipmilan; wildcards are allowed. All when left out.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = ByName)]
    [Alias("Agent")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(FenceAgentCompleter))]
    [ValidateNotNullOrEmpty]
    [NameOf(typeof(FenceAgent), nameof(FenceAgent.Name), "Agent", Many = true)]
    public string[]? Name { get; set; }

    /// <summary>A fence device, as Get-ClusterFenceDevice gives it: its agent.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "InputObject")]
    [Revived(typeof(FenceDevice))]
    public FenceDevice? InputObject { get; set; }

    /// <summary>All that each agent says of itself, for a list too.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Name, () =>
    {
        FenceAgent[] all = Call((client, cancel) => client.GetFenceAgentsAsync(cancel));
        string[]? names = InputObject is { } device ? [device.Agent] : Name;
        foreach (FenceAgent agent in Select("fence agent", all, a => a.Name, names))
        {
            bool full = Detailed || names?.Contains(agent.Name) == true;
            Attempt(agent.Name, () => WriteClusterObject(
                full ? Call((client, cancel) => client.GetFenceAgentAsync(agent.Name, cancel)) : agent));
        }
    });
}
