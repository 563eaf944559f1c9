using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Quorum was lost in between: nothing that was known of running groups is trusted, all is probed, autostart is judged anew.</summary>
internal static class Reforming
{
    /// <summary>Quorum was lost in between: nothing that was known of running groups is trusted, all is probed, autostart is judged anew.</summary>
    public static void Apply(Draft draft, ViewEvent view, bool cold)
    {
        draft.State = draft.State with { Deadlines = [], ClockDue = 0, FormedVersion = draft.Configuration.Version };
        if (draft.State.Stop is { } stop)
        {
            ClusterStopping.End(draft, stop, false, "Quorum was lost meanwhile; ask again.");
        }

        foreach (FenceState fence in draft.State.Fences.Values)
        {
            draft.RemoveFence(fence.Target);
            Operations.End(draft, fence.Operation, false, "Quorum was lost meanwhile; ask again.");
        }

        foreach (NodeState node in draft.State.Nodes.Values)
        {
            bool present = view.Members.TryGetValue(node.Name, out long incarnation);
            bool takenOut = !present && (node.TakenOut || HandsOff.IsEmptied(draft, node));
            NodeState next = node with { Probe = null, ProbedVersion = 0, Answers = present ? node.Answers.Clear() : node.Answers, Ask = null, Drain = node.Drain == DrainGoal.Leave ? DrainGoal.None : node.Drain, DrainTo = null, AtLeave = FinalAction.Default };
            if (present && node.Incarnation == incarnation)
            {
                next = next with { Phase = NodePhase.Joining, Member = true, TakenOut = false, Why = "answers its probe", MaintenanceUntil = null };
            }
            else if (takenOut)
            {
                // Nothing was committed since, and nobody starts anything without that: it has as little on it as it had.
                next = node is { TakenOut: true, Phase: not NodePhase.Maintenance } ? next with { Phase = NodePhase.Down } : HandsOff.TakenOut(next, "absent when the cluster formed, and was empty");
            }
            else if (!present && cold && node.Phase != NodePhase.Lost)
            {
                // Who was down before everything went down may have come up since: absent is Lost (DESIGN, "Probes first").
                next = next with { Phase = NodePhase.Lost, Member = false, LostAt = null, NeverSeen = true, MaintenanceUntil = null, Why = "absent when the cluster formed" };
                draft.State = draft.State with { Undated = true };
            }
            else if (!present && node.Phase is NodePhase.Lost or NodePhase.Fencing or NodePhase.LeftCluster)
            {
                // Its fencing ended with the quorum that had decided it; this one decides anew.
                next = next with { Phase = NodePhase.Lost, Member = false, LostAt = null, NeverSeen = true, Why = "absent when the cluster formed" };
                draft.State = draft.State with { Undated = true };
            }

            draft.SetNode(next);
            Operations.EndOf(draft, node, false, "Quorum was lost meanwhile; ask again.");
        }

        EventScripts.DropQuestions(draft);
        foreach (GroupState group in draft.State.Groups.Values)
        {
            GroupState next = Membership.WithoutPending(group) with { Order = group.Order with { AwaitsVerdict = false, Verdict = null } };
            Operations.End(draft, group.Operation, false, "Quorum was lost meanwhile; ask again.");
            next = next with { Operation = null };
            if (!group.Frozen)
            {
                GroupGoal goal = group.Goal == GroupGoal.Remove ? GroupGoal.Remove
                    : group.Definition.Autostart ? GroupGoal.Run
                    : GroupGoal.Disable;
                next = next with
                {
                    // Orders to move or restart have ended with the quorum; what is to be stopped for a new configuration has not.
                    Instance = next.Instance with { Resources = group.OldDefinition is not null || group.Phase == GroupPhase.Failed
                        ? next.Instance.Resources
                        : next.Instance.Resources.SetItems(group.Instance.Resources.Keys.Select(r => KeyValuePair.Create(r, ResourcePhase.Running))), StartTries = group.Instance.StartTries.Clear(), StopTries = group.Instance.StopTries.Clear(), StopAgain = null, Checks = group.Instance.Checks.Clear(), Stuck = Names.None },
                    Goal = goal,
                    Phase = group.Phase == GroupPhase.Failed ? GroupPhase.Failed
                        : group.ActiveOn.IsEmpty ? (goal == GroupGoal.Run ? GroupPhase.Stopped : GroupPhase.Disabled)
                        : GroupPhase.Recovering,
                    Recovery = next.Recovery with { Restarts = [], DisablesOnFailure = false },
                    Order = next.Order with { Tried = Names.None, Preferred = null, Avoided = null, RetryAt = null, FailbackTo = null, ReturnTo = null },
                };
            }

            draft.SetGroup(next);
        }
    }
}
