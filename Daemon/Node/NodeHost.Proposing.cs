using System.Text.Json;
using ClusterTools.Core;
using ClusterTools.Engines;

namespace ClusterTools.Node;

public sealed partial class NodeHost
{
    private static readonly TimeSpan ProposeAgain = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan OpenAgain = TimeSpan.FromSeconds(1);

    private byte[] Encode(ClusterEvent e)
    {
        long time;
        lock (gate)
        {
            time = replica.TimeAt(BootClock.Now);
        }

        return JsonSerializer.SerializeToUtf8Bytes(
            new EventEnvelope
            {
                Origin = Name,
                Incarnation = Incarnation,
                Time = time,
                WallTime = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
                // What agents and scripts have said is cut here, before it is on every disk.
                Event = BoundedEvent.Of(e),
            },
            CoreJson.Options.GetTypeInfo<EventEnvelope>());
    }

    private async Task ProposeAsync(ClusterEvent e, VoteTable? votes = null)
    {
        try
        {
            Interlocked.Increment(ref proposed);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ending.Token);
            limit.CancelAfter(ProposeLimit);
            await (votes is null
                ? engine.ProposeAsync(Encode(e), limit.Token)
                : engine.ChangeVotesAsync(votes, Encode(e), limit.Token)).ConfigureAwait(false);
        }
        catch (VotesRefusedException refused)
        {
            Interlocked.Increment(ref failedProposals);
            Say(JournalSeverity.Warning, "engine", $"The votes are not changed: {refused.Message}");
        }
        catch (Exception error) when (error is NotQuorateException or UnknownOutcomeException or OperationCanceledException)
        {
            Interlocked.Increment(ref failedProposals);
            if (ending.IsCancellationRequested)
            {
                return;
            }

            // An answer is owed until it is committed or no longer asked for; the rest comes up again by itself.
            await Task.Delay(ProposeAgain).ConfigureAwait(false);
            ProposeOwed(e, votes is not null);
        }
        catch (Exception error) when (WithoutWords(e, error) is { } plain)
        {
            // What an agent said can't be written down: its answer counts all the same.
            Interlocked.Increment(ref failedProposals);
            await ProposeAsync(plain, votes).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            Fail(error, null);
        }
    }

    private void ProposeOwed(ClusterEvent e, bool isOfVotes)
    {
        lock (gate)
        {
            if (isOfVotes)
            {
                replica.OnVotesUntold();
            }
            else if (e is NodeLeft)
            {
                _ = replica.Expelled ? Task.CompletedTask : ProposeAsync(e);
            }
            else
            {
                replica.OnProposalFailed(e);
                CompareGuests();
            }

            ActSafely();
        }
    }

    /// <summary>The same answer with words that can surely be encoded; null: it has none, or these were tried.</summary>
    private static ClusterEvent? WithoutWords(ClusterEvent e, Exception error)
    {
        string why = $"(what was said can't be recorded: {error.GetType().Name})";
        return e switch
        {
            ActionCompleted a when a.Message != why => a with { Message = why },
            FenceCompleted a when a.Message != why => a with { Message = why },
            MonitorFailed a when a.Message != why => a with { Message = why },
            EventScriptCompleted a when a.Message != why => new EventScriptCompleted(a.Id, false, why, []),
            _ => null,
        };
    }

    private async Task<OperationState> AppliedAsync(string requestId, long index, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task change = WaitForChangeAsync(cancellationToken);
            ClusterState now = State;
            if (now.Operations.TryGetValue(requestId, out OperationState? operation))
            {
                return operation;
            }

            if (now.Index > index + Cluster.MaxOperations)
            {
                throw new UnknownOutcomeException($"Request {requestId} was committed at {index} and is forgotten already.");
            }

            await change.ConfigureAwait(false);
        }
    }

    private async Task<OperationState> ConfirmContestedAsync(NodeRequest confirm, CancellationToken cancellationToken)
    {
        if (FenceProven.ByWord(State, confirm, Name) is not { } proven)
        {
            throw new NotQuorateException($"Node {confirm.Node} is not the silent peer of this node.");
        }

        Say(
            JournalSeverity.Warning, JournalKind.NodeConfirmed.Word, $"{confirm.Who} confirms that node {confirm.Node} is down.",
            confirm.Node);
        await engine.OpenEpochAsync(Encode(proven), cancellationToken).ConfigureAwait(false);
        return await SubmitAsync(confirm, cancellationToken).ConfigureAwait(false);
    }

    private async Task OpenEpochAsync(ClusterEvent first)
    {
        while (!ending.IsCancellationRequested && !failed)
        {
            try
            {
                await engine.OpenEpochAsync(Encode(first), ending.Token).ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException) when (ending.IsCancellationRequested)
            {
                return;
            }
            catch (UnknownOutcomeException e)
            {
                // The proof is only here: nothing else would open the epoch once the disk works again.
                Say(
                    JournalSeverity.Warning, "epoch", $"This node can't go on alone yet: {e.Message} It is tried again.",
                    (first as FenceProven)?.Target);
                await Task.Delay(OpenAgain).ConfigureAwait(false);
                if (State.Quorum != Quorum.Contested)
                {
                    return;
                }
            }
            catch (NotQuorateException e)
            {
                Say(JournalSeverity.Warning, "epoch", $"This node can't go on alone: {e.Message}", (first as FenceProven)?.Target);
                return;
            }
            catch (Exception e)
            {
                Fail(e, null);
                return;
            }
        }
    }
}
