using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Retries and final actions (FEATURES B12).</summary>
internal sealed partial class Fold
{
    private static ActivationLimits LimitsOf(GroupState group, string resource) =>
        (ResourceTree.Of(group.Definition).Find(resource) ?? ResourceTree.Of(group.OldDefinition ?? group.Definition).Find(resource))?.Limits ?? ActivationLimits.None;

    /// <summary>The group with one more try of a start on the same node; null: there is none left, or nobody wants it to run.</summary>
    private GroupState? StartAgain(GroupState group, string resource)
    {
        int tries = group.StartTries.GetValueOrDefault(resource);
        int retries = LimitsOf(group, resource).StartRetries;
        // What was doomed while it started is stopped for that reason; a node that is being emptied is no place for another try.
        if (tries >= retries || group.Goal != GroupGoal.Run || state.StopOnly is not null || state.Nodes[group.Owner!].Drain != DrainGoal.None
            || group.Resources.Any(r => r.Key != resource && r.Value == ResourcePhase.Doomed))
        {
            return null;
        }

        Journal(
            JournalSeverity.Warning, "resource.start.retry",
            $"Start of {resource} of group '{group.Name}' is tried again on {group.Owner}, {tries + 1} of {retries}.", group.Owner, group.Name, resource);
        return group with
        {
            StartTries = group.StartTries.SetItem(resource, tries + 1),
            Reason = $"start of {resource} failed on {group.Owner}; tried again, {tries + 1} of {retries}",
        };
    }

    private static bool IsUsedUp(GroupState group) => group.TryLimit is { } limit && group.Tried.Count > limit;

    private bool MayGoElsewhere(GroupState failed) => !IsUsedUp(failed) && Placement.Choose(state, failed) is not null;

    private void FinalScriptCompleted(GroupState group, ActionCompleted e)
    {
        SetGroup(group);
        Journal(
            e.Success ? JournalSeverity.Information : JournalSeverity.Warning, "resource.final.script",
            $"The script before the final action of {e.Id.Resource} of group '{group.Name}' {(e.Success ? "has run" : "has failed, which changes nothing")}: {e.Message}".TrimEnd(' ', ':') + ".",
            group.Owner, group.Name, e.Id.Resource);
    }

    private Step CarryOut(GroupState group, FinalDecision final)
    {
        if (!final.AfterStop
            && (group.Goal != GroupGoal.Run || state.Nodes[group.Owner!].Drain != DrainGoal.None || GroupDependencies.Broken(state, group) is not null))
        {
            // It has to stop here anyway, and not for its own failure; that is all there is to do.
            SetGroup(DoomAll(group) with { Final = null });
            return Step.Again;
        }

        ResourceTree tree = ResourceTree.Of(group.OldDefinition ?? group.Definition);
        if (!final.Scripted && tree.Find(final.Resource) is { } scripted)
        {
            return Record(group with { Final = final with { Scripted = true } }, scripted, ActionOperation.FinalScript);
        }

        string owner = group.Owner!;
        Journal(
            JournalSeverity.Error, "resource.final",
            $"Final action of {final.Resource} of group '{group.Name}' on {owner}, after a failed {(final.AfterStop ? "stop" : "start")}: {Words(final.Action)}.",
            owner, group.Name, final.Resource);
        GroupState next = group with { Final = null };
        if (final.AfterStop)
        {
            AfterStop(next, final);
        }
        else
        {
            AfterStart(next, final, tree);
        }

        return Step.Again;
    }

    private void AfterStop(GroupState group, FinalDecision final)
    {
        string owner = group.Owner!;
        if (final.Action == FinalAction.Continue)
        {
            SetGroup(group with { Stuck = group.Stuck.Add(final.Resource) });
            return;
        }

        Fail(group, final.Resource, "no retry has helped.");
        if (final.Action == FinalAction.Hold)
        {
            return;
        }

        string why = $"stop of {final.Resource} of group '{group.Name}' failed, and its final action is to {Words(final.Action)}";
        NodeState node = state.Nodes[owner];
        if (state.Fences.ContainsKey(owner))
        {
            return;
        }

        string[] frozen = [.. node.Groups.Where(g => state.Groups[g].Frozen)];
        string? obstacle = FenceProof.WhyNone(Configuration, owner)
            ?? (!state.Members.Keys.Any(m => m != owner && Configuration.Nodes.ContainsKey(m)) ? "no other member is there to do it"
            : frozen.Length > 0 ? $"{Shorten(frozen)} on it {(frozen.Length == 1 ? "is" : "are")} frozen"
            : null);
        if (obstacle is not null)
        {
            Journal(
                JournalSeverity.Error, "node.final",
                $"Node {owner} is not fenced ({why}): {obstacle}. See to it by hand, then run Stop-ClusterGroup {group.Name}.", owner, group.Name);
            return;
        }

        BeginFence(node, why, null, null, thenOn: final.Action == FinalAction.Reboot, oneRound: true);
        DirtyAll();
    }

    private void AfterStart(GroupState group, FinalDecision final, ResourceTree tree)
    {
        string owner = group.Owner!;
        switch (final.Action)
        {
            case FinalAction.Continue:
                SetGroup(Doom(group, final.Resource) with { Abandoned = group.Abandoned.Add(final.Resource), Tried = Names.None, Reason = $"goes on without {final.Resource}" });
                break;
            case FinalAction.Hold:
                string[] waiting = [.. tree.StartOrder.Select(r => r.Id).Where(id => id == final.Resource || !group.Resources.ContainsKey(id))];
                SetGroup(Doom(group, final.Resource) with
                {
                    Abandoned = group.Abandoned.Union(waiting),
                    Tried = Names.None,
                    Reason = $"start of {final.Resource} failed; it and what comes after it are not started",
                });
                break;
            case FinalAction.StopDaemon or FinalAction.ShutDown or FinalAction.Reboot or FinalAction.PowerOff when group.HasCostNode:
                SetGroup(DoomAll(group) with
                {
                    Phase = GroupPhase.Stopping,
                    Goal = GroupGoal.Disable,
                    Reason = $"start of {final.Resource} failed on {owner} again, after its final action; disabled, so that it costs no other node",
                });
                Journal(
                    JournalSeverity.Error, "node.final",
                    $"Node {owner} does not leave to {Words(final.Action)}: that did not help before. Group '{group.Name}' is disabled. Find out why {final.Resource} does not start, then run Start-ClusterGroup {group.Name}.",
                    owner, group.Name, final.Resource);
                break;
            case FinalAction.StopDaemon or FinalAction.ShutDown or FinalAction.Reboot or FinalAction.PowerOff:
                SetGroup(DoomAll(group) with { Reason = $"start of {final.Resource} failed on {owner}" });
                LeaveFor(owner, group.Name, final);
                break;
            default:
                throw new InvalidOperationException($"Unknown final action {final.Action}.");
        }
    }

    private void LeaveFor(string owner, string group, FinalDecision final)
    {
        NodeState node = state.Nodes[owner];
        string[] stuck = [.. node.Groups.Where(g => IsLeftInPlace(state.Groups[g]))];
        if (stuck.Length > 0)
        {
            Journal(
                JournalSeverity.Error, "node.final",
                $"Node {owner} can't leave to {Words(final.Action)}: {Shorten(stuck)} on it is frozen or Failed.", owner, group, final.Resource);
            return;
        }

        EndOperation(node.Operation, false, $"Node {owner} leaves by the final action of {final.Resource} of group '{group}'.", _ => { });
        SetNode(node with
        {
            Drain = DrainGoal.Leave,
            DrainTo = null,
            Moved = Names.None,
            Phase = NodePhase.Draining,
            MaintenanceUntil = null,
            Operation = null,
            AtLeave = final.Action,
            Why = $"leaves by the final action of {final.Resource} of group '{group}'",
        });
        SetGroup(state.Groups[group] with { HasCostNode = true });
        DirtyAll();
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
