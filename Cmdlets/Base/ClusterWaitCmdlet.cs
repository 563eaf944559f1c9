using System.Diagnostics;
using ClusterTools.Core;

namespace ClusterTools.Cmdlets;

/// <summary>
/// Base of every cmdlet that waits for something in the cluster, with a progress bar that tells what the cluster's state says.
/// </summary>
public abstract class ClusterWaitCmdlet : ClusterCmdlet
{
    // What is done sooner needs no progress bar.
    private protected static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(400);

    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(500);

    /// <summary>Waits for an operation's end with a progress bar; writes an error when it failed or the time is over.</summary>
    /// <param name="operation">Begun, or ended already.</param>
    /// <param name="activity">Title of the progress bar.</param>
    /// <param name="seconds">Null: no limit.</param>
    /// <returns>The operation, ended well; null: an error was written.</returns>
    protected Operation? Ended(Operation operation, string activity, int? seconds) =>
        Ended(operation, activity, seconds, null, ended => ClusterErrors.Own(
            ClusterErrors.OperationFailed, 409, $"To {OperationKind.Of(ended.Kind).Words(ended.Target)} failed: {ended.Message}",
            "Get-ClusterEvent shows what led to it.", operation: ended));

    /// <summary>The same, with an error of its own when the operation failed.</summary>
    private protected Operation? Ended(
        Operation operation, string activity, int? seconds, object? target, Func<Operation, ClusterException> failed)
    {
        ClusterException? wrong;
        Operation? ended = Follow(operation, activity, seconds);
        if (ended is null)
        {
            wrong = ClusterErrors.Own(
                ClusterErrors.OperationTimedOut,
                504,
                $"Operation {operation.Id} ({OperationKind.Of(operation.Kind).Words(operation.Target)}) did not end within {seconds} s "
                    + "and goes on.",
                $"Wait for it with Wait-ClusterOperation {operation.Id}, or end it with Stop-ClusterOperation {operation.Id}.",
                operation: operation);
        }
        else if (ended.Phase == OperationPhase.Failed)
        {
            wrong = failed(ended);
        }
        else
        {
            return ended;
        }

        WriteProblem(wrong, ended is null ? operation : target ?? ended);
        return null;
    }

    /// <summary>Waits until something in the cluster is so, with a progress bar.</summary>
    /// <param name="activity">Title of the progress bar.</param>
    /// <param name="limit">How long at most.</param>
    /// <param name="ask">Asks for it.</param>
    /// <param name="there">Whether it is so.</param>
    /// <param name="status">What the progress bar says.</param>
    /// <returns>As it is then; null: the time is over.</returns>
    protected T? Until<T>(
        string activity, TimeSpan limit, Func<ClusterClient, CancellationToken, Task<T>> ask, Func<T, bool> there, Func<T, string> status)
        where T : class
    {
        var since = Stopwatch.StartNew();
        ProgressRecord? shown = null;
        try
        {
            while (true)
            {
                T now = Call(ask);
                if (there(now))
                {
                    return now;
                }

                if (since.Elapsed >= limit)
                {
                    return null;
                }

                if (since.Elapsed > Quiet)
                {
                    shown = new ProgressRecord(1, activity, status(now)) { PercentComplete = -1 };
                    WriteProgress(shown);
                }

                Pause(Refresh);
            }
        }
        finally
        {
            Complete(shown);
        }
    }

    /// <summary>Takes a progress bar away, if there is one.</summary>
    private protected void Complete(ProgressRecord? shown)
    {
        if (shown is not null && !Stopped.IsCancellationRequested)
        {
            shown.RecordType = ProgressRecordType.Completed;
            WriteProgress(shown);
        }
    }

    private Operation? Follow(Operation operation, string activity, int? seconds)
    {
        if (operation.Phase != OperationPhase.Running)
        {
            return operation;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stopped);
        if (seconds is { } given)
        {
            limit.CancelAfter(TimeSpan.FromSeconds(Math.Min(given, int.MaxValue / 1000)));
        }

        ClusterClient client = ClusterConnections.Of(Cluster);
        Task<Operation> end = client.WaitForOperationAsync(operation.Id, limit.Token);
        var progress = new OperationProgress(operation);
        ProgressRecord? shown = null;
        try
        {
            for (TimeSpan pause = Quiet; Task.WaitAny([end], (int)pause.TotalMilliseconds, Stopped) < 0; pause = Refresh)
            {
                (string status, int percent) = progress.Ask(client, limit.Token);
                shown = new ProgressRecord(1, activity, status) { PercentComplete = percent };
                WriteProgress(shown);
            }

            return end.GetAwaiter().GetResult();
        }
        catch (Exception e) when (Stopped.IsCancellationRequested && e is not PipelineStoppedException)
        {
            throw new PipelineStoppedException();
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            Complete(shown);
        }
    }
}
