namespace ClusterTools.Core;

/// <summary>When this node says that it leaves, and when its daemon may go.</summary>
internal sealed class Leaving(Life self, List<Effect> effects)
{
    private bool said;

    /// <summary>A new view: what was said of leaving may have been lost.</summary>
    public void Forget() => said = false;

    /// <summary>Whether a proposal to leave that failed is to be made again.</summary>
    public bool Owes(ClusterEvent e) => said && e is NodeLeft;

    /// <summary>Something was committed: perhaps that this node has left.</summary>
    public void Committed(ClusterState state)
    {
        // A former life's leaving is heard of again when a new one catches up with the log.
        if (self.In(state) is { Phase: NodePhase.Down }
            && state.Journal.Exists(e => e.Kind == JournalKind.NodeLeft.Word && e.Node == self.Node))
        {
            effects.Add(new LeaveCluster(LeaveCause.Left));
        }
    }

    /// <summary>Leaves when it is empty and is to leave, or is to be away and nothing is asked of it any more.</summary>
    public void Follow(ClusterState state)
    {
        if (self.In(state) is not { Member: true } node)
        {
            return;
        }

        if (node.MaintenanceUntil is not null && state.Quorum == Quorum.Quorate
            && !state.Working.Any(group => state.Groups[group].Pending?.Node == self.Node))
        {
            effects.Add(new LeaveCluster(LeaveCause.Maintenance));
        }

        if (node.Drain.Goal != DrainGoal.Leave)
        {
            // The order may have been taken back, and may come again.
            said &= node.Phase == NodePhase.Down;
        }
        else if (!said && node.Groups.IsEmpty)
        {
            said = true;
            effects.Add(new Propose(new NodeLeft(self.Node, self.Incarnation)));
        }
    }
}
