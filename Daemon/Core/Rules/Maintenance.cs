using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Planned maintenance: a node that may be away for a while with its groups running.</summary>
internal static class Maintenance
{
    /// <summary>The node away by plan, for so many milliseconds at most.</summary>
    public static NodeState Away(Draft draft, NodeState node, long limit, Cause why) => node with
    {
        Phase = NodePhase.Maintenance,
        MaintenanceUntil = draft.State.Time + limit,
        Watchdog = null,
        Why = why,
    };

    public static void Settle(Draft draft, NodeState node)
    {
        if (node.MaintenanceUntil is not { } until)
        {
            return;
        }

        if (draft.State.Time < until)
        {
            draft.At(until, DeadlineKind.Node, node.Name);
            return;
        }

        if (node.Member)
        {
            // A node that was being emptied before goes on with that.
            draft.SetNode(node with
            {
                Phase = node.Drain.Goal == DrainGoal.None ? NodePhase.Online : NodePhase.Draining,
                MaintenanceUntil = null,
                Why = CauseKind.RestartDidNotHappen.With(),
            });
        }
        else if (node.TakenOut || HandsOff.IsEmptied(draft, node))
        {
            draft.SetNode(HandsOff.TakenOut(node, CauseKind.AwayTooLongAndEmpty.With()));
            draft.Journal(
                JournalSeverity.Warning, JournalKind.NodeAway,
                $"Node {node.Name} did not come back from planned maintenance in time. It had nothing: "
                    + "it is not fenced, and not switched on.", node.Name);
        }
        else
        {
            draft.SetNode(node with
            {
                Phase = NodePhase.Lost,
                LostAt = draft.State.Time,
                MaintenanceUntil = null,
                Why = CauseKind.AwayTooLong.With(),
            });
            draft.Journal(
                JournalSeverity.Error, JournalKind.NodeLost,
                $"Node {node.Name} is lost: it did not come back from planned maintenance in time.", node.Name);
        }
    }
}
