using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Final actions after a failed start or stop (FEATURES B12).</summary>
internal static class FinalActions
{
    public static void ScriptCompleted(Draft draft, GroupState group, ActionCompleted e)
    {
        draft.SetGroup(group);
        string outcome = $"{(e.Success ? "has run" : "has failed, which changes nothing")}: {e.Message}".TrimEnd(' ', ':');
        draft.Journal(
            e.Success ? JournalSeverity.Information : JournalSeverity.Warning, JournalKind.ResourceFinalScript,
            $"The script before the final action of {e.Id.Resource} of group '{group.Name}' {outcome}.",
            group.Owner, group.Name, e.Id.Resource);
    }

    public static Step CarryOut(Draft draft, GroupState group, FinalDecision final)
    {
        if (!final.AfterStop
            && (group.Goal != GroupGoal.Run || draft.State.Nodes[group.Owner!].Drain.Goal != DrainGoal.None
                || GroupDependencies.Broken(draft.State, group) is not null))
        {
            // It has to stop here anyway, and not for its own failure; that is all there is to do.
            GroupState stops = Stopping.DoomAll(group);
            draft.SetGroup(stops with { Instance = stops.Instance with { Final = null } });
            return Step.Again;
        }

        ResourceTree tree = ResourceTree.Of(group.OldDefinition ?? group.Definition);
        if (!final.Scripted && tree.Find(final.Resource) is { } scripted)
        {
            return Groups.Record(
                draft, group with { Instance = group.Instance with { Final = final with { Scripted = true } } }, scripted,
                ActionOperation.FinalScript);
        }

        string owner = group.Owner!;
        draft.Journal(
            JournalSeverity.Error, JournalKind.ResourceFinal,
            $"Final action of {final.Resource} of group '{group.Name}' on {owner}, after a failed {(final.AfterStop ? "stop" : "start")}: "
                + $"{Words(final.Action)}.",
            owner, group.Name, final.Resource);
        GroupState next = group with { Instance = group.Instance with { Final = null } };
        if (final.AfterStop)
        {
            AfterStop(draft, next, final);
        }
        else
        {
            AfterStart(draft, next, final, tree);
        }

        return Step.Again;
    }

    private static void AfterStop(Draft draft, GroupState group, FinalDecision final)
    {
        string owner = group.Owner!;
        if (final.Action == FinalAction.Continue)
        {
            draft.SetGroup(group with { Instance = group.Instance with { Stuck = group.Instance.Stuck.Add(final.Resource) } });
            return;
        }

        Recovery.Fail(draft, group, final.Resource, "no retry has helped.");
        if (final.Action == FinalAction.Hold)
        {
            return;
        }

        Cause why = CauseKind.FinalActionAfterStop.With(final.Resource, group.Name, Words(final.Action));
        NodeState node = draft.State.Nodes[owner];
        string[] frozen = [.. node.Groups.Where(g => draft.State.Groups[g].Frozen)];
        string? obstacle = draft.State.Disarmed is not null ? "the cluster is disarmed"
            : Watchdogs.WhyUnfenced(draft.State, draft.Configuration, owner)
            ?? (!draft.State.Members.Keys.Any(
                m => m != owner && draft.Configuration.Nodes.ContainsKey(m)) ? "no other member is there to do it"
            : frozen.Length > 0 ? $"{Names.Shorten(frozen)} on it {(frozen.Length == 1 ? "is" : "are")} frozen"
            : null);
        if (obstacle is not null)
        {
            draft.Journal(
                JournalSeverity.Error, JournalKind.NodeFinal,
                $"Node {owner} is not fenced ({why}): {obstacle}. See to it by hand, then run Stop-ClusterGroup {group.Name}.", owner,
                group.Name);
            return;
        }

        // A fencing that is under way for a node that runs groups only switches it on, and is superseded.
        Fencing.Begin(draft, node, why, null, null, thenOn: final.Action == FinalAction.Reboot, oneRound: true);
    }

    private static void AfterStart(Draft draft, GroupState group, FinalDecision final, ResourceTree tree)
    {
        string owner = group.Owner!;
        switch (final.Action)
        {
            case FinalAction.Continue:
                draft.SetGroup(group with
                {
                    Instance = group.Instance with { Abandoned = group.Instance.Abandoned.Add(final.Resource) },
                    Order = group.Order with { Tried = Names.None },
                    Reason = CauseKind.GoesOnWithout.With(final.Resource),
                });
                break;
            case FinalAction.Hold:
                string[] waiting =
                [
                    .. tree.StartOrder.Select(r => r.Id).Where(id => id == final.Resource || !group.Instance.Resources.ContainsKey(id)),
                ];
                draft.SetGroup(group with
                {
                    Instance = group.Instance with { Abandoned = group.Instance.Abandoned.Union(waiting) },
                    Order = group.Order with { Tried = Names.None },
                    Reason = CauseKind.StartHeld.With(final.Resource),
                });
                break;
            case FinalAction.StopDaemon or FinalAction.ShutDown or FinalAction.Reboot
                or FinalAction.PowerOff when group.Recovery.TookNodeOut:
                draft.SetGroup(Stopping.DoomAll(group) with
                {
                    Phase = GroupPhase.Stopping,
                    Goal = GroupGoal.Disable,
                    Reason = CauseKind.StartFailedAgain.With(final.Resource, owner),
                });
                draft.Journal(
                    JournalSeverity.Error, JournalKind.NodeFinal,
                    $"Node {owner} does not leave to {Words(final.Action)}: that did not help before. Group '{group.Name}' is disabled. "
                        + $"Find out why {final.Resource} does not start, then run Start-ClusterGroup {group.Name}.",
                    owner, group.Name, final.Resource);
                break;
            case FinalAction.StopDaemon or FinalAction.ShutDown or FinalAction.Reboot or FinalAction.PowerOff:
                draft.SetGroup(Stopping.DoomAll(group) with { Reason = CauseKind.StartFailed.With(final.Resource, owner) });
                LeaveFor(draft, owner, group.Name, final);
                break;
            default:
                throw new InvalidOperationException($"Unknown final action {final.Action}.");
        }
    }

    private static void LeaveFor(Draft draft, string owner, string group, FinalDecision final)
    {
        NodeState node = draft.State.Nodes[owner];
        string[] stuck = [.. node.Groups.Where(g => Draining.IsLeftInPlace(draft.State.Groups[g]))];
        if (draft.State.Disarmed is not null || stuck.Length > 0)
        {
            string why = stuck.Length > 0 ? $"{Names.Shorten(stuck)} on it is frozen or Failed" : "the cluster is disarmed";
            draft.Journal(
                JournalSeverity.Error, JournalKind.NodeFinal, $"Node {owner} can't leave to {Words(final.Action)}: {why}.", owner, group,
                final.Resource);
            return;
        }

        // No order to empty the node is under way: where one is, CarryOut only stops the group.
        draft.SetNode(node with
        {
            Drain = new DrainOrder { Goal = DrainGoal.Leave, AtLeave = final.Action },
            Phase = NodePhase.Draining,
            Why = CauseKind.LeavesByFinalAction.With(final.Resource, group),
        });
        draft.SetGroup(draft.State.Groups[group] with { Recovery = draft.State.Groups[group].Recovery with { TookNodeOut = true } });
    }

    private static string Words(FinalAction action) => action switch
    {
        FinalAction.Default => "do nothing more",
        FinalAction.Continue => "go on with the next resource",
        FinalAction.Hold => "do nothing with the next resources",
        FinalAction.StopDaemon => "end the daemon",
        FinalAction.ShutDown => "shut the system down",
        FinalAction.Reboot => "restart the system",
        FinalAction.PowerOff => "power the node off",
        _ => throw new InvalidOperationException($"Unknown final action {action}."),
    };
}
