namespace ClusterTools.Cmdlets;

/// <summary>What Invoke-FenceNode does to a machine.</summary>
public enum FenceNodeAction
{
    /// <summary>Cuts it off, then switches it on.</summary>
    Reboot,

    /// <summary>Cuts it off, leaves it off.</summary>
    Off,

    /// <summary>Switches it on.</summary>
    On,
}

/// <summary>Cuts nodes off by their fence devices, or switches them on.</summary>
/// <remarks>
/// <para>What the cluster does by itself with a node that is lost: its machine is switched off or cut off, as its fence methods say, in
/// their order, until every device of one of them has said that it succeeded. What the node owned is then recovered elsewhere. It is asked
/// for confirmation, as programs on the node end without warning. To empty a node first, use Suspend-ClusterNode -Drain.</para>
/// </remarks>
/// <example><code>Invoke-FenceNode node3 -Action Off -Confirm:$false
/// Start-ClusterNode node3</code>Cuts a node off, then switches it on and waits until it takes part again.</example>
/// <example><code>Invoke-FenceNode node2 -WhatIf</code>Says what would happen.</example>
/// <example><code>Invoke-FenceNode node3 -Action On -Confirm:$false</code>Switches a node on; one that is on stays as it is.</example>
[Cmdlet(VerbsLifecycle.Invoke, "FenceNode", 
    SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ByName)]
[OutputType(typeof(NodeStatus), typeof(Operation))]
public sealed class InvokeFenceNodeCommand : NodeChangeCmdlet
{
    /// <summary>Reboot: cuts it off, then switches it on. Off: leaves it off. On: only switches it on.</summary>
    [Parameter]
    public FenceNodeAction Action { get; set; } = FenceNodeAction.Reboot;

    /// <summary>For the journal.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Reason { get; set; }

    /// <inheritdoc/>
    protected override void Process(NodeStatus node)
    {
        string methods = node.FenceMethods.Count == 0 ? "it has no fence methods" : $"methods {string.Join(", ", node.FenceMethods)}";
        string happens = Action switch
        {
            FenceNodeAction.On => $"Node '{node.Name}' ({node.Phase}) is switched on by its fence devices ({methods}).",
            FenceNodeAction.Off =>
                $"Node '{node.Name}' ({node.Phase}) is cut off at once and left off ({methods}); "
                    + $"{Groups(node, ("is recovered elsewhere", "are recovered elsewhere"))}.",
            _ =>
                $"Node '{node.Name}' ({node.Phase}) is cut off at once and switched on again ({methods}); "
                    + $"{Groups(node, ("is recovered elsewhere", "are recovered elsewhere"))}.",
        };
        string operation = Action switch
        {
            FenceNodeAction.On => "fence-on",
            FenceNodeAction.Off => "fence-off",
            _ => "fence-reboot",
        };
        if (Should(happens) && Ask(node, "Fencing", operation, new NodeOperationRequest { Reason = Reason }))
        {
            WriteNode(node.Name);
        }
    }
}
