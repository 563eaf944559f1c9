using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

internal sealed partial class Fold
{
    private void Apply(ClusterStopRequest e)
    {
        if (state.Stop is { } under)
        {
            Refuse(e, $"The cluster is being stopped already, asked by {under.Who}. Stop-ClusterOperation {under.Operation} ends that.");
            return;
        }

        string[] stuck = [.. state.Groups.Values.Where(IsStuck).Select(g => $"'{g.Name}' is {(g.Frozen ? "frozen" : "Failed")}")];
        if (stuck.Length > 0)
        {
            Refuse(
                e,
                $"The cluster can't be stopped: group {Shorten(stuck)}. Run Unlock-ClusterGroup for frozen ones and Stop-ClusterGroup for Failed ones first.");
            return;
        }

        state = state with { Stop = new ClusterStop(e.RequestId, e.Who) };
        Journal(JournalSeverity.Warning, "cluster.stop", $"The cluster is being stopped{(e.Reason is { } reason ? $": {reason}" : "")}.", who: e.Who);
    }

    private static bool IsStuck(GroupState group) => !group.ActiveOn.IsEmpty && (group.Frozen || group.Phase == GroupPhase.Failed);

    /// <summary>Whether anything was decided.</summary>
    private bool SettleStop()
    {
        if (state.Stop is not { } stop || state.Quorum != Quorum.Quorate)
        {
            return false;
        }

        if (state.Groups.Values.FirstOrDefault(IsStuck) is { } stuck)
        {
            EndStop(stop, false, $"Group '{stuck.Name}' can't be stopped: it is {(stuck.Frozen ? "frozen" : "Failed")}. What was stopped stays stopped; Start-ClusterGroup starts it.");
            return true;
        }

        GroupState[] wanted = [.. state.Groups.Values.Where(g => !g.Frozen && g.Goal is GroupGoal.Run or GroupGoal.Stop)];
        foreach (GroupState group in wanted)
        {
            EndOperation(group.Operation, false, "The cluster is being stopped.", _ => { });
            // Until the cluster forms anew, which judges autostart again.
            SetGroup(group with
            {
                Operation = null,
                Goal = GroupGoal.Disable,
                Phase = group.Owner is null ? group.Phase : GroupPhase.Stopping,
                ReturnTo = null,
                AwaitsVerdict = false,
                Verdict = null,
                Reason = $"the cluster is being stopped by {stop.Who}",
            });
        }

        if (wanted.Length > 0)
        {
            return true;
        }

        if (state.Groups.Values.Any(g => !g.ActiveOn.IsEmpty || g.Pending is not null))
        {
            return false;
        }

        string[] doubtful = [.. Doubtful().SelectMany(n => state.Nodes[n].Answers.Where(a => a.Value.Answer == FoundAnswer.Unknown).Select(a => $"'{a.Key}' on {n}"))];
        string unknown = doubtful.Length == 0 ? "" : $" It is not known whether anything runs of {Shorten(doubtful)}.";
        EndStop(stop, true, $"Every group is stopped, and all daemons end.{unknown}");
        foreach (NodeState node in state.Nodes.Values.Where(n => n.Member))
        {
            // All at once: one after the other would leave the last ones without the quorum that leaving takes.
            EndOperation(node.Operation, false, "The cluster was stopped.", _ => { });
            SetNode(node with
            {
                Phase = NodePhase.Down,
                Probe = null,
                Ask = null,
                // Only who was emptied before is taken out: of two nodes that were both stopped each could otherwise start alone.
                TakenOut = IsEmptied(node),
                Drain = node.Drain == DrainGoal.Leave ? DrainGoal.None : node.Drain,
                DrainTo = null,
                AtLeave = FinalAction.Default,
                MaintenanceUntil = null,
                Operation = null,
                Why = $"the cluster was stopped by {stop.Who}",
            });
            Journal(JournalSeverity.Information, "node.left", $"Node {node.Name} has left the cluster.", node.Name);
        }

        return true;
    }

    private void EndStop(ClusterStop stop, bool success, string message)
    {
        state = state with { Stop = null };
        EndOperation(stop.Operation, success, message, _ => { });
    }
}
