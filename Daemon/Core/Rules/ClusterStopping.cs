using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>The whole cluster is stopped on request.</summary>
internal static class ClusterStopping
{
    public static void Apply(Draft draft, ClusterStopRequest e)
    {
        if (draft.State.Stop is { } under)
        {
            Operations.Refuse(
                draft, e,
                $"The cluster is being stopped already, asked by {under.Who}. Stop-ClusterOperation {under.Operation} ends that.");
            return;
        }

        if (draft.State.Disarmed is { } disarmed)
        {
            Operations.Refuse(
                draft, e,
                $"The cluster is disarmed by {disarmed.Who}, and groups do not stop in order meanwhile. Run Resume-Cluster first.");
            return;
        }

        string[] stuck = [.. draft.State.Groups.Values.Where(IsStuck).Select(g => $"'{g.Name}' is {(g.Frozen ? "frozen" : "Failed")}")];
        if (stuck.Length > 0)
        {
            Operations.Refuse(
                draft, e,
                $"The cluster can't be stopped: group {Names.Shorten(stuck)}. Run Unlock-ClusterGroup for frozen ones and "
                    + "Stop-ClusterGroup for Failed ones first.");
            return;
        }

        draft.State = draft.State with { Stop = new ClusterStop(e.RequestId, e.Who) };
        draft.Journal(
            JournalSeverity.Warning, JournalKind.ClusterStop,
            $"The cluster is being stopped{(e.Reason is { } reason ? $": {reason}" : "")}.", who: e.Who);
    }

    private static bool IsStuck(GroupState group) => !group.ActiveOn.IsEmpty && (group.Frozen || group.Phase == GroupPhase.Failed);

    /// <summary>Whether anything was decided.</summary>
    public static bool Settle(Draft draft)
    {
        if (draft.State.Stop is not { } stop || draft.State.Quorum != Quorum.Quorate)
        {
            return false;
        }

        if (draft.State.Groups.Values.FirstOrDefault(IsStuck) is { } stuck)
        {
            End(draft, stop, false, $"Group '{stuck.Name}' can't be stopped: it is {(stuck.Frozen ? "frozen" : "Failed")}. "
                + "What was stopped stays stopped; Start-ClusterGroup starts it.");
            return true;
        }

        GroupState[] wanted = [.. draft.State.Groups.Values.Where(g => !g.Frozen && g.Goal is GroupGoal.Run or GroupGoal.Stop)];
        foreach (GroupState group in wanted)
        {
            Operations.End(draft, group.Operation, false, "The cluster is being stopped.");
            // Until the cluster forms anew, which judges autostart again.
            draft.SetGroup(group with
            {
                Operation = null,
                Goal = GroupGoal.Disable,
                Phase = GroupPhase.Stopping,
                Order = group.Order with { ReturnTo = null, AwaitsVerdict = false, Verdict = null },
                By = stop.Who,
                Reason = CauseKind.ClusterIsStopped.With(stop.Who),
            });
        }

        if (wanted.Length > 0)
        {
            return true;
        }

        if (draft.State.Groups.Values.Any(g => !g.ActiveOn.IsEmpty))
        {
            return false;
        }

        string[] doubtful =
        [
            .. draft.Doubtful().SelectMany(
                n => draft.State.Nodes[n].Answers.Where(a => a.Value.Answer == FoundAnswer.Unknown).Select(a => $"'{a.Key}' on {n}")),
        ];
        string unknown = doubtful.Length == 0 ? "" : $" It is not known whether anything runs of {Names.Shorten(doubtful)}.";
        End(draft, stop, true, $"Every group is stopped, and all daemons end.{unknown}");
        foreach (NodeState node in draft.State.Nodes.Values.Where(n => n.Member))
        {
            // All at once: one after the other would leave the last ones without the quorum that leaving takes.
            Operations.End(draft, node.Operation, false, "The cluster was stopped.");
            draft.SetNode(node with
            {
                Phase = NodePhase.Down,
                Probe = null,
                Ask = null,
                // Only who was emptied before is taken out: of two nodes that were both stopped each could otherwise start alone.
                TakenOut = HandsOff.IsEmptied(draft, node),
                Drain = node.Drain.Outlived(),
                MaintenanceUntil = null,
                Operation = null,
                Why = CauseKind.ClusterWasStopped.With(stop.Who),
            });
            draft.Journal(JournalSeverity.Information, JournalKind.NodeLeft, $"Node {node.Name} has left the cluster.", node.Name);
        }

        return true;
    }

    public static void End(Draft draft, ClusterStop stop, bool success, string message)
    {
        draft.State = draft.State with { Stop = null };
        Operations.End(draft, stop.Operation, success, message);
    }
}
