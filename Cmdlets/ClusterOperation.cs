using System.Linq;
using System.Management.Automation;
using ClusterTools.Client;
using ClusterTools.Contract;
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
        Operation[] all = Call((client, cancel) => client.GetOperationsAsync(cancel));
        Func<string, bool>? targets = Target is null ? null : ObjectNames.Filter(Target, [.. all.Select(o => o.Target).Distinct()]);
        foreach (Operation operation in Select("operation", all, o => o.Id, Id))
        {
            if ((targets is null || targets(operation.Target)) && (State is null || State.Contains(operation.Phase)))
            {
                WriteClusterObject(operation);
            }
        }
    });
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
public sealed class WaitClusterOperationCommand : ClusterWaitCmdlet
{
    private const string ById = "Id";

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

    /// <summary>Seconds to wait at most, for each; an error says so when they are over. As long as it takes when left out.</summary>
    [Parameter]
    [Alias("Wait")]
    [ValidateRange(0, int.MaxValue)]
    public int? Timeout { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string id in ParameterSetName == ByObject ? InputObject.Select(o => o.Id) : Id)
        {
            Attempt(id, () =>
            {
                Operation operation = OperationById.Get(id, Call);
                if (Ended(operation, OperationKind.Of(operation.Kind).Sentence(operation.Target), Timeout) is { } ended)
                {
                    WriteClusterObject(ended);
                }
            });
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
[Cmdlet(VerbsLifecycle.Stop, "ClusterOperation", SupportsShouldProcess = true, DefaultParameterSetName = ById)]
[OutputType(typeof(Operation))]
public sealed class StopClusterOperationCommand : ClusterCmdlet
{
    private const string ById = "Id";

    private const string ByObject = "InputObject";

    /// <summary>Ids of operations.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ById)]
    [Alias("Operation")]
    [ArgumentCompleter(typeof(OperationCompleter))]
    [ValidateNotNullOrEmpty]
    [NameOf(typeof(Operation), nameof(Operation.Id), "Operation", Many = true)]
    public string[] Id { get; set; } = [];

    /// <summary>Operations, as cmdlets give them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    [Revived(typeof(Operation), Many = true)]
    public Operation[] InputObject { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string id in ParameterSetName == ByObject ? InputObject.Select(o => o.Id) : Id)
        {
            Attempt(id, () =>
            {
                Operation operation = OperationById.Get(id, Call);
                string happens = $"Operation {operation.Id} ({OperationKind.Of(operation.Kind).Words(operation.Target)}, "
                    + $"{operation.Phase}) is ended before it has done what was asked.";
                if (ShouldProcess(happens, $"{happens} Go on?", "Stop-ClusterOperation"))
                {
                    // What comes back may be the request to cancel; the operation itself is what was worked on.
                    _ = Call((client, cancel) => client.CancelOperationAsync(id, cancel));
                    WriteClusterObject(OperationById.Get(id, Call));
                }
            });
        }
    }
}

/// <summary>An operation by its id, with an error that speaks of commands rather than of paths.</summary>
internal static class OperationById
{
    public static Operation Get(string id, Func<Func<ClusterClient, CancellationToken, Task<Operation>>, Operation> call)
    {
        try
        {
            return call((client, cancel) => client.GetOperationAsync(id, cancel));
        }
        catch (ClusterApiException e) when (e.Code == ProblemCodes.NotFound)
        {
            throw ClusterErrors.NotFound("operation", id, []);
        }
    }
}
