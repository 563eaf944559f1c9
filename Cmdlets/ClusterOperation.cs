using ClusterTools.Core;

namespace ClusterTools.Cmdlets;

/// <summary>Gets what was asked of the cluster, by whom, and what became of it.</summary>
/// <remarks>
/// <para>The cluster keeps the last thousand requests, oldest first: every start, stop, move, fence and change of the configuration.</para>
/// </remarks>
/// <example><code>Get-ClusterOperation | Select-Object -Last 10</code>Shows the last ten requests.</example>
/// <example><code>Get-ClusterOperation -State Running</code>Gets what is under way.</example>
/// <example><code>Get-ClusterOperation -Target webshop</code>Gets what was asked for one group.</example>
[Cmdlet(VerbsCommon.Get, "ClusterOperation")]
[OutputType(typeof(Operation))]
public sealed class GetClusterOperationCommand : ClusterCmdlet
{
    /// <summary>Ids of operations; wildcards are allowed. All when left out.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [Alias("Operation")]
    [ArgumentCompleter(typeof(OperationCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [NameOf(typeof(Operation), nameof(Operation.Id), "Operation", Many = true)]
    public string[]? Id { get; set; }

    /// <summary>Only operations on these groups or nodes; wildcards are allowed.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Target { get; set; }

    /// <summary>Only operations in these states.</summary>
    [Parameter]
    [Alias("Phase")]
    [ValidateNotNullOrEmpty]
    public OperationPhase[]? State { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Attempt(Id, () =>
    {
        Operation[] all = Call(Noun.Operation.AllAsync);
        Func<string, bool>? targets = Target is null ? null : ObjectNames.Filter(Target, [.. all.Select(o => o.Target).Distinct()]);
        WriteClusterObjects(Select("operation", all, o => o.Id, Id)
            .Where(o => (targets is null || targets(o.Target)) && (State is null || State.Contains(o.Phase))));
    });
}

/// <summary>Base of what is done to operations.</summary>
public abstract class ClusterOperationCmdlet : ClusterWaitCmdlet
{
    private protected const string ById = "Id";

    private const string ByObject = "InputObject";

    /// <summary>Ids of operations.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ById)]
    [Alias("Operation")]
    [ArgumentCompleter(typeof(OperationCompleter))]
    [ValidateNotNullOrEmpty]
    [NameOf(typeof(Operation), nameof(Operation.Id), "Operation", Many = true)]
    public string[] Id { get; set; } = [];

    /// <summary>Operations, as cmdlets give them with -Wait 0.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    [Revived(typeof(Operation), Many = true)]
    public Operation[] InputObject { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string id in ParameterSetName == ByObject ? InputObject.Select(o => o.Id) : Id)
        {
            Attempt(id, () => Process(Now(id)));
        }
    }

    /// <summary>Does it to one.</summary>
    private protected abstract void Process(Operation operation);

    /// <summary>An operation as it is now, with an error that speaks of commands rather than of paths.</summary>
    private protected Operation Now(string id)
    {
        try
        {
            return Call((client, cancel) => client.GetOperationAsync(id, cancel));
        }
        catch (ClusterApiException e) when (e.Code == ProblemCodes.NotFound)
        {
            throw ClusterErrors.NotFound("operation", id, []);
        }
    }
}

/// <summary>Waits until operations have ended.</summary>
/// <remarks>
/// <para>Cmdlets that change something wait by themselves; with <c>-Wait 0</c> they give the operation at once, and this command waits for
/// it later. A progress bar says how it gets on. When an operation has failed, an error says why.</para>
/// </remarks>
/// <example><code>Restart-ClusterGroup webshop -Wait 0 | Wait-ClusterOperation</code>Asks for a restart, and waits until it is
/// done.</example>
/// <example><code>Get-ClusterOperation -State Running | Wait-ClusterOperation -Timeout 60</code>Waits for whatever is under way, one
/// minute at most for each.</example>
[Cmdlet(VerbsLifecycle.Wait, "ClusterOperation", DefaultParameterSetName = ById)]
[OutputType(typeof(Operation))]
public sealed class WaitClusterOperationCommand : ClusterOperationCmdlet
{
    /// <summary>Seconds to wait at most, for each; an error says so when they are over. As long as it takes when left out.</summary>
    [Parameter]
    [Alias("Wait")]
    [ValidateRange(0, int.MaxValue)]
    public int? Timeout { get; set; }

    /// <inheritdoc/>
    private protected override void Process(Operation operation)
    {
        if (Ended(operation, OperationKind.Of(operation.Kind).Sentence(operation.Target), Timeout) is { } ended)
        {
            WriteClusterObject(ended);
        }
    }
}

/// <summary>Asks that operations end before they have done what was asked.</summary>
/// <remarks>
/// <para>Starts, moves, drains and the end of a freeze can be ended early; what has been done of them stays done. Stops, restarts, repairs
/// and fencing are refused, with the reason: half of them would leave worse than either end. So is what has ended already.</para>
/// </remarks>
/// <example><code>Get-ClusterOperation -State Running | Stop-ClusterOperation</code>Ends whatever is under way; when nothing is, nothing
/// happens.</example>
/// <example><code>Get-ClusterOperation -State Running -Target webshop | Stop-ClusterOperation -WhatIf</code>Says which operations on a
/// group would be ended.</example>
/// <parameter name="InputObject">Operations, as cmdlets give them.</parameter>
[Cmdlet(VerbsLifecycle.Stop, "ClusterOperation", SupportsShouldProcess = true, DefaultParameterSetName = ById)]
[OutputType(typeof(Operation))]
public sealed class StopClusterOperationCommand : ClusterOperationCmdlet
{
    /// <inheritdoc/>
    private protected override void Process(Operation operation)
    {
        string happens = $"Operation {operation.Id} ({OperationKind.Of(operation.Kind).Words(operation.Target)}, "
            + $"{operation.Phase}) is ended before it has done what was asked.";
        if (ShouldProcess(happens, $"{happens} Go on?", "Stop-ClusterOperation"))
        {
            // The answer may be the cancel request; the operation that was cancelled is what is written.
            _ = Call((client, cancel) => client.CancelOperationAsync(operation.Id, cancel));
            WriteClusterObject(Now(operation.Id));
        }
    }
}
