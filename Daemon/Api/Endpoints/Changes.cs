using ClusterTools.Core;
using ClusterTools.Engines;
using Microsoft.AspNetCore.Http;

namespace ClusterTools.Api;

/// <summary>How every change goes: proposed once by its request id, answered at once or at its end.</summary>
internal sealed class Changes(ApiServerOptions options)
{
    /// <summary>Proposes and answers.</summary>
    /// <param name="request">Who asks.</param>
    /// <param name="change">What for.</param>
    /// <param name="kind">The operation's kind as the Core will call it.</param>
    /// <param name="target">The operation's target as the Core will call it; null: whatever it was the first time.</param>
    public async Task RunAsync(ApiRequest request, Request change, OperationKind kind, string? target)
    {
        TimeSpan? wait = request.Wait(options.MaxWait);
        OperationState operation = await SubmitAsync(request, change, kind, target).ConfigureAwait(false);
        await AnswerAsync(request, operation, wait, null).ConfigureAwait(false);
    }

    /// <summary>Proposes; the same request id gives the same operation.</summary>
    /// <exception cref="ApiException">Not quorate, not known what became of it, or the id is another request's.</exception>
    public async Task<OperationState> SubmitAsync(ApiRequest request, Request change, OperationKind kind, string? target)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted);
        limit.CancelAfter(options.SubmitLimit);
        OperationState operation;
        try
        {
            operation = await request.Node.SubmitAsync(change, limit.Token).ConfigureAwait(false);
        }
        catch (NotQuorateException e)
        {
            throw Problems.NotQuorate(e.Message);
        }
        catch (UnknownOutcomeException e)
        {
            throw Problems.UnknownOutcome(e.Message, change.RequestId);
        }
        catch (OperationCanceledException) when (!request.Aborted.IsCancellationRequested)
        {
            throw Problems.UnknownOutcome($"The cluster did not answer within {options.SubmitLimit.TotalSeconds:0} s.", change.RequestId);
        }

        return Matching(operation, kind, target);
    }

    /// <summary>The operation that an id began already, if this node knows it.</summary>
    /// <exception cref="ApiException">It was another request's.</exception>
    public static OperationState? Known(ApiRequest request, string requestId, OperationKind kind, string? target) =>
        request.State.Operations.TryGetValue(requestId, out OperationState? operation) ? Matching(operation, kind, target) : null;

    /// <summary>Answers with the operation: 202 while it runs, 200 at its end, 409 when it was refused.</summary>
    public static async Task AnswerAsync(
        ApiRequest request, OperationState operation, TimeSpan? wait, IReadOnlyList<Contract.ConfigurationProblem>? problems)
    {
        if (wait is { } limit && operation.Phase == OperationPhase.Running)
        {
            operation = await WaitAsync(request, operation, limit).ConfigureAwait(false);
        }

        Contract.Operation answer = StateViews.Operation(request.Node.State, operation);
        if (operation.Refused)
        {
            throw Problems.Refused(answer);
        }

        answer.Problems = problems is { Count: > 0 } ? problems : null;
        request.Http.Response.Headers.Location = $"/v1/operations/{Uri.EscapeDataString(operation.Id)}";
        bool ended = operation.Phase != OperationPhase.Running;
        await request.AnswerAsync(answer, wait is not null && ended ? StatusCodes.Status200OK : StatusCodes.Status202Accepted)
            .ConfigureAwait(false);
    }

    /// <summary>Waits for the operation's end, or until the limit; gives its last known state.</summary>
    /// <exception cref="OperationCanceledException">The server is stopping, and another one may know the end.</exception>
    /// <exception cref="ApiException">The caller's right was taken away meanwhile.</exception>
    public static async Task<OperationState> WaitAsync(ApiRequest request, OperationState operation, TimeSpan limit)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, request.Stopping);
        end.CancelAfter(limit);
        while (operation.Phase == OperationPhase.Running)
        {
            Task change = request.Node.WaitForChangeAsync(end.Token);
            ClusterState state = request.Node.State;
            if (!request.Caller.StillMay(state, Core.Configuration.AccessRole.Viewer))
            {
                throw Problems.UnknownCertificate(request.Caller.Fingerprint);
            }

            // Forgotten when a thousand newer ones have come: then what is known last counts.
            operation = state.Operations.GetValueOrDefault(operation.Id, operation);
            if (operation.Phase != OperationPhase.Running)
            {
                break;
            }

            try
            {
                await change.ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!request.Aborted.IsCancellationRequested)
            {
                operation = request.Node.State.Operations.GetValueOrDefault(operation.Id, operation);
                if (operation.Phase == OperationPhase.Running)
                {
                    request.Stopping.ThrowIfCancellationRequested();
                }

                break;
            }
        }

        return operation;
    }

    /// <exception cref="ApiException">The id is another request's.</exception>
    public static OperationState Matching(OperationState operation, OperationKind kind, string? target) =>
        operation.Kind == kind && (target is null || operation.Target == target)
            ? operation
            : throw Problems.RequestIdReused(operation.Id, operation.Kind.Word, operation.Target);
}
