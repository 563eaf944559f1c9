using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>
/// Quorum was lost in between: nothing that was known of running groups is trusted, all is probed, autostart is judged anew.
/// </summary>
internal static class Reforming
{
    private const string Meanwhile = "Quorum was lost meanwhile; ask again.";

    public static void Apply(Draft draft, ViewEvent view, bool cold)
    {
        draft.State = draft.State with { Deadlines = [], ClockDue = 0, FormedVersion = draft.Configuration.Version };
        if (draft.State.Stop is { } stop)
        {
            ClusterStopping.End(draft, stop, false, Meanwhile);
        }

        foreach (FenceState fence in draft.State.Fences.Values)
        {
            draft.RemoveFence(fence.Target);
            Operations.End(draft, fence.Operation, false, Meanwhile);
        }

        foreach (NodeState node in draft.State.Nodes.Values)
        {
            Reform(draft, node, view, cold);
        }

        EventScripts.DropQuestions(draft);
        foreach (GroupState group in draft.State.Groups.Values)
        {
            Operations.End(draft, group.Operation, false, Meanwhile);
            GroupState next = Membership.WithoutPending(group) with { Operation = null };
            draft.SetGroup(group.Frozen
                ? next with { Order = next.Order with { AwaitsVerdict = false, Verdict = null } }
                : JudgedAnew(next, group.Instance.Resources.Keys));
        }
    }

    private static void Reform(Draft draft, NodeState node, ViewEvent view, bool cold)
    {
        bool present = view.Members.ContainsKey(node.Name);
        NodeState next = node with
        {
            Probe = null,
            ProbedVersion = 0,
            Answers = present ? node.Answers.Clear() : node.Answers,
            Ask = null,
            Drain = node.Drain.Outlived(),
            // How long it was down while the others had no quorum does not count.
            Vote = node.Vote is { IsTaken: true } ? node.Vote : null,
        };
        if (present)
        {
            next = next with
            {
                Phase = NodePhase.Joining,
                Member = true,
                TakenOut = false,
                LostAt = null,
                NeverSeen = false,
                Why = CauseKind.AnswersProbe.With(),
                MaintenanceUntil = null,
            };
        }
        else if (node.TakenOut || HandsOff.IsEmptied(draft, node))
        {
            // Nothing was committed since, and nobody starts anything without that: it has as little on it as it had.
            next = node is { TakenOut: true, Phase: not NodePhase.Maintenance }
                ? next with { Phase = NodePhase.Down, MaintenanceUntil = null }
                : HandsOff.TakenOut(next, CauseKind.AbsentAndEmpty.With());
        }
        else if (cold || node.Phase is NodePhase.Lost or NodePhase.Fencing or NodePhase.LeftCluster)
        {
            // Its fencing ended with the quorum that had decided it; this one decides anew. And who was down before everything went down
            // may have come up since: absent is Lost (DESIGN, "Probes first").
            next = Absent(draft, next);
        }

        draft.SetNode(next);
        Operations.EndOf(draft, node, false, Meanwhile);
    }

    private static NodeState Absent(Draft draft, NodeState node)
    {
        draft.State = draft.State with { Undated = true };
        return node with
        {
            Phase = NodePhase.Lost,
            Member = false,
            LostAt = null,
            NeverSeen = true,
            MaintenanceUntil = null,
            Why = CauseKind.AbsentAtForming.With(),
        };
    }

    private static GroupState JudgedAnew(GroupState group, IEnumerable<string> ran)
    {
        GroupGoal goal = group.Goal == GroupGoal.Remove ? GroupGoal.Remove
            : group.Definition.Autostart ? GroupGoal.Run
            : GroupGoal.Disable;
        InstanceState instance = group.Instance;
        return group with
        {
            Goal = goal,
            Phase = group.Phase == GroupPhase.Failed ? GroupPhase.Failed
                : group.ActiveOn.IsEmpty ? (goal == GroupGoal.Run ? GroupPhase.Stopped : GroupPhase.Disabled)
                : GroupPhase.Recovering,
            Instance = InstanceState.None with
            {
                // Orders to move or restart have ended with the quorum; what is to be stopped for a new configuration has not.
                Resources = group.OldDefinition is not null || group.Phase == GroupPhase.Failed
                    ? instance.Resources
                    : instance.Resources.SetItems(ran.Select(r => KeyValuePair.Create(r, ResourcePhase.Running))),
                Abandoned = instance.Abandoned,
                Refused = instance.Refused,
            },
            Recovery = group.Recovery with { Restarts = [], DisablesOnFailure = false },
            By = null,
            Order = PlacementOrder.None with
            {
                Limit = group.Order.Limit,
                Gathers = group.Order.Gathers,
                Unplaced = group.Order.Unplaced,
                // Machines that are all shut down take the quorum with them; that does not end what was decided before.
                Kept = group.Order.Kept,
            },
        };
    }
}
