using System.Text.Json;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Engines;

namespace ClusterTools.Node;

public sealed partial class NodeHost
{
    private static readonly TimeSpan ProposeAgain = TimeSpan.FromMilliseconds(100);

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
                Event = e,
            },
            CoreJson.Options);
    }

    private async Task ProposeAsync(ClusterEvent e, VoteTable? votes = null)
    {
        try
        {
            Interlocked.Increment(ref proposed);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ending.Token);
            limit.CancelAfter(ProposeLimit);
            await engine.ProposeAsync(Encode(e), votes, limit.Token).ConfigureAwait(false);
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
            lock (gate)
            {
                if (e is NodeLeft)
                {
                    _ = replica.Expelled ? Task.CompletedTask : ProposeAsync(e);
                }
                else
                {
                    replica.OnProposalFailed(e);
                }

                Act();
            }
        }
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
        if (!State.Nodes.TryGetValue(confirm.Node, out NodeState? node) || node.Member)
        {
            throw new NotQuorateException($"Node {confirm.Node} is not the silent peer of this node.");
        }

        Say(JournalSeverity.Warning, "node.confirmed", $"{confirm.Who} confirms that node {confirm.Node} is down.", confirm.Node);
        await engine.OpenEpochAsync(
            Encode(new FenceProven(confirm.Node, node.Incarnation, Name, $"confirmed by {confirm.Who}", ConfirmedBy: confirm.Who)), cancellationToken).ConfigureAwait(false);
        return await SubmitAsync(confirm, cancellationToken).ConfigureAwait(false);
    }

    private async Task OpenEpochAsync(ClusterEvent first)
    {
        try
        {
            await engine.OpenEpochAsync(Encode(first), ending.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or NotQuorateException or UnknownOutcomeException)
        {
            Say(JournalSeverity.Warning, "epoch", $"The epoch in which this node would go on alone was not opened: {e.Message}", (first as FenceProven)?.Target);
        }
    }

    /// <summary>The engine counts by the votes of the configuration in force; one member tells it.</summary>
    private void SendVotes(ClusterConfiguration configuration)
    {
        if (replica.State.Quorum == Quorum.Quorate && replica.State.Members.Keys.FirstOrDefault() == Name)
        {
            _ = ProposeAsync(new Tick(), VotesOf(configuration));
        }
    }

    private void ProposeBootstrap()
    {
        if (Bootstrap is null)
        {
            Say(JournalSeverity.Error, "configuration.none", "The cluster has no configuration and this node has none to propose. Import one with Import-ClusterConfiguration.");
            return;
        }

        // The same id from every node: the first one counts.
        _ = ProposeAsync(new ConfigurationRequest("bootstrap", "clusterd init", Bootstrap, "the configuration that the cluster was made with", ConfigurationOrigin.Init));
    }
}
