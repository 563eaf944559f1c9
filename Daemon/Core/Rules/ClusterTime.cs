using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Cluster time, and what falls due with it.</summary>
internal static class ClusterTime
{
    public static void Advance(Draft draft, EventEnvelope envelope)
    {
        long time = Math.Clamp(envelope.Time, draft.State.Time, draft.State.Time + Cluster.MaxTimeJump);
        if (time != draft.State.Time)
        {
            draft.State = draft.State with { Time = time };
        }

        DateLosses(draft, envelope.Event);
        Due(draft);
    }

    private static void Due(Draft draft)
    {
        while (!draft.State.Deadlines.IsEmpty && draft.State.Deadlines.Min.At <= draft.State.Time)
        {
            Deadline due = draft.State.Deadlines.Min;
            draft.State = draft.State with { Deadlines = draft.State.Deadlines.Remove(due) };
            if (due.Kind == DeadlineKind.Group)
            {
                draft.Mark(due.Key);
            }
            else if (due.Kind is DeadlineKind.Node or DeadlineKind.Fence)
            {
                draft.MarkNodes();
            }
            else if (due.Kind == DeadlineKind.EventScript)
            {
                EventScripts.Due(draft, due.Key);
            }
        }
    }

    public static void EnsureClock(Draft draft)
    {
        if (draft.State.Configuration.Version > 0 && draft.State.Quorum == Quorum.Quorate && draft.State.ClockDue <= draft.State.Time)
        {
            draft.State = draft.State with { ClockDue = draft.State.Time + Cluster.ClockInterval };
            draft.At(draft.State.ClockDue, DeadlineKind.Clock, "");
        }
    }

    // A view carries no time: the loss, the fencing and the groups' states it led to are dated by the first event after it that does.
    private static void DateLosses(Draft draft, ClusterEvent first)
    {
        if (!draft.State.Undated)
        {
            return;
        }

        draft.State = draft.State with { Undated = false };
        // What counts from a time on begins to count now.
        draft.MarkNodes();
        foreach (NodeState node in draft.State.Nodes.Values)
        {
            if (node is { Phase: NodePhase.Lost, LostAt: null }
                or { Phase: NodePhase.Fencing or NodePhase.LeftCluster, LostAt: null, Member: false, Watchdog: not null })
            {
                draft.SetNode(node with { LostAt = draft.State.Time });
            }
        }

        foreach (GroupState group in draft.State.Groups.Values)
        {
            if (group.SinceWall == 0)
            {
                draft.Date(group);
            }
        }

        foreach (FenceState fence in draft.State.Fences.Values)
        {
            if (fence.Undated)
            {
                // Where that is the device's answer, the call has taken its time already.
                long took = first is FenceCompleted answer && answer.Id == fence.Pending?.Id
                    ? Math.Clamp(answer.Took, 0, draft.State.Time - fence.Since)
                    : 0;
                draft.SetFence(fence with { Undated = false, Since = draft.State.Time - took });
            }
        }
    }
}
