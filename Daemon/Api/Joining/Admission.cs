using ClusterTools.Contract;
using ClusterTools.Core.Configuration;
using ClusterTools.Node;
using CoreState = ClusterTools.Core.ClusterState;
using NodePhase = ClusterTools.Core.NodePhase;

namespace ClusterTools.Api;

/// <summary>
/// A machine becomes a node: without a vote first, so that nobody waits for one that never comes; with its votes once it takes part.
/// </summary>
internal sealed class Admission(IClusterNode node, Invitation invitation)
{
    // A machine that boots anew takes minutes; a person looks after one that takes longer.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(30);
    private const int Tries = 10;

    /// <summary>The edit that adds a node: without votes.</summary>
    public static Core.Configuration.ConfigurationEdit Addition(string node, IEnumerable<string> addresses) => new()
    {
        Action = Core.Configuration.EditAction.Add,
        Node = new Core.Configuration.NodeEdit { Name = node, Votes = 0, Addresses = [.. addresses] },
    };

    /// <summary>Puts the node into the configuration, without votes.</summary>
    /// <returns>The configuration that it is in.</returns>
    /// <exception cref="ApiException">The cluster refuses it.</exception>
    public async Task<ClusterConfiguration> AddAsync(CancellationToken cancellationToken)
    {
        ClusterConfiguration configuration = await EditAsync(
            $"node {invitation.Node} joins", Addition(invitation.Node, invitation.Request.Addresses), cancellationToken)
            .ConfigureAwait(false);
        invitation.Say(JoinPhase.Awaited, $"The cluster waits for the daemon of {invitation.Node}.");
        return configuration;
    }

    /// <summary>Waits until it takes part, and gives it its votes.</summary>
    public async Task CompleteAsync(CancellationToken stopping)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(Limit);
        try
        {
            await UntilAsync(
                s => s.Nodes.TryGetValue(invitation.Node, out Core.NodeState? state) && state.Phase == NodePhase.Online, limit.Token)
                .ConfigureAwait(false);
            invitation.Say(JoinPhase.Online, $"{invitation.Node} takes part, and gets its votes.");
            if (invitation.Request.Votes > 0)
            {
                await EditAsync(
                    $"node {invitation.Node} has joined",
                    new()
                    {
                        Quorum = new Core.Configuration.QuorumEdit { Node = invitation.Node, Votes = invitation.Request.Votes },
                    },
                    limit.Token).ConfigureAwait(false);
            }

            if (node.State.Configuration is { TwoNode: false, Nodes.Count: 2 } pair && pair.Nodes.Values.All(static n => n.Votes == 1))
            {
                await EditAsync(
                    "two nodes: fencing decides who goes on",
                    new() { Quorum = new Core.Configuration.QuorumEdit { TwoNode = true, LastManStanding = false } },
                    limit.Token).ConfigureAwait(false);
            }

            invitation.Say(JoinPhase.Joined, $"{invitation.Node} takes part, with its votes.");
        }
        catch (OperationCanceledException)
        {
            invitation.Say(
                JoinPhase.Failed,
                $"{invitation.Node} has not come, and has no votes. Look at its corosync and its daemon; once it is Online, run "
                    + $"Set-ClusterQuorum -Node {invitation.Node} -Votes {invitation.Request.Votes}.");
        }
        catch (ApiException e)
        {
            invitation.Say(
                JoinPhase.Failed,
                $"{invitation.Node} takes part, but has no votes: {e.Problem.Detail} Then run "
                    + $"Set-ClusterQuorum -Node {invitation.Node} -Votes {invitation.Request.Votes}.");
        }
    }

    private async Task UntilAsync(Func<CoreState, bool> holds, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task change = node.WaitForChangeAsync(cancellationToken);
            if (holds(node.State))
            {
                return;
            }

            await change.ConfigureAwait(false);
        }
    }

    /// <summary>Makes an edit in whatever configuration is in force; others may change it at the same time.</summary>
    private async Task<ClusterConfiguration> EditAsync(
        string reason, Core.Configuration.ConfigurationEdit edit, CancellationToken cancellationToken)
    {
        for (int tried = 1; ; tried++)
        {
            ClusterConfiguration current = node.State.Configuration;
            ClusterConfiguration next;
            try
            {
                next = Core.Configuration.ConfigurationEdit.Apply(current, [edit]) with { Version = current.Version + 1 };
            }
            catch (EditRefusedException e)
            {
                throw Problems.EditRefused(e);
            }

            Core.OperationState operation = await node.SubmitAsync(
                new Core.ConfigurationRequest(Guid.NewGuid().ToString("N"), invitation.Who, next, reason), cancellationToken)
                .ConfigureAwait(false);
            if (operation.Phase != Core.OperationPhase.Failed)
            {
                return next;
            }

            if (node.State.Configuration.Version == current.Version || tried == Tries)
            {
                throw Problems.Refused(StateViews.Operation(node.State, operation));
            }
        }
    }
}
