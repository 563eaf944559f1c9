using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>A group on its node: what is started next, and what comes of a start.</summary>
internal static class Starting
{
    public static Step Next(Draft draft, GroupState group, string owner)
    {
        if (group.ActiveOn.Count > 1)
        {
            draft.Journal(
                JournalSeverity.Error,
                JournalKind.GroupTwice,
                $"Group '{group.Name}' was found active on {Names.Shorten(group.ActiveOn)}; it is stopped everywhere and started once.",
                group: group.Name);
            draft.SetGroup(Stopping.DoomAll(group with { Phase = GroupPhase.Recovering }));
            return group.Resources.IsEmpty ? Stopping.Begin(draft, draft.State.Groups[group.Name], GroupPhase.Recovering) : Step.Again;
        }

        NodeState node = draft.State.Nodes[owner];
        bool allowed = Placement.Rank(draft.Configuration, group.Definition, owner) is not null;
        if (node.Drain != DrainGoal.None || !allowed)
        {
            string why = allowed ? $"node {owner} is being emptied" : $"node {owner} is not in its restricted domain";
            draft.Journal(JournalSeverity.Information, JournalKind.GroupStop, $"Group '{group.Name}' leaves {owner}: {why}.", owner, group.Name);
            bool drained = node.Drain == DrainGoal.Standby && allowed;
            if (drained)
            {
                draft.SetNode(node with { Moved = node.Moved.Add(group.Name) }, settle: false);
            }

            string? who = node.Drain != DrainGoal.None && node.Operation is { } asked ? draft.State.Operations.GetValueOrDefault(asked)?.Who : null;
            draft.SetGroup(group with { Reason = why, By = who, Asked = node.Drain == DrainGoal.None ? null : node.DrainTo, Last = null });
            return Stopping.Begin(draft, draft.State.Groups[group.Name], GroupPhase.Stopping);
        }

        if (GroupDependencies.Broken(draft.State, group) is { } broken)
        {
            draft.Journal(JournalSeverity.Information, JournalKind.GroupStop, $"Group '{group.Name}' leaves {owner}: {broken}.", owner, group.Name);
            draft.SetGroup(group with { Reason = broken, By = null, Asked = null, Last = null });
            return Stopping.Begin(draft, draft.State.Groups[group.Name], GroupPhase.Stopping);
        }

        ResourceTree tree = ResourceTree.Of(group.Definition);
        foreach ((string id, _) in group.Resources)
        {
            // A child that was found running without its parent goes first.
            if (tree.Line(id).Any(r => !group.Resources.ContainsKey(r.Id)))
            {
                draft.SetGroup(Stopping.Doom(group, id));
                return Step.Again;
            }
        }

        foreach (ResourceConfiguration resource in tree.StartOrder)
        {
            if (!group.Resources.ContainsKey(resource.Id) && !tree.Line(resource.Id).Any(r => group.Abandoned.Contains(r.Id)))
            {
                if (group.Phase is not (GroupPhase.Recovering or GroupPhase.Starting))
                {
                    group = group with { Phase = GroupPhase.Starting };
                }

                return Groups.Record(draft, group, resource, ActionOperation.Start);
            }
        }

        return Started(draft, group, owner);
    }

    private static Step Started(Draft draft, GroupState group, string owner)
    {
        if (group.Phase != GroupPhase.Started)
        {
            string missing = group.Abandoned.IsEmpty ? "" : $" without {Names.Shorten(group.Abandoned)}";
            string others = group.Tried.Remove(owner) is { IsEmpty: false } tried ? $"; it could not be started on {Names.Shorten(tried)}" : "";
            draft.SetGroup(group with
            {
                Phase = GroupPhase.Started,
                StartTries = group.StartTries.Clear(),
                Checks = group.Checks.Clear(),
                HasCostNode = false,
                Tried = Names.None,
                Asked = null,
                Last = null,
                RetryAt = null,
                DisableOnFailure = false,
            });
            Gathering.MayGather(draft, group.Name, after: group.Name);
            draft.Journal(JournalSeverity.Information, JournalKind.GroupStarted, $"Group '{group.Name}' is started on {owner}{missing}{others}.", owner, group.Name);
            Operations.EndOf(
                draft, group, true, $"Group '{group.Name}' is started on {owner}{missing}{others}.");
            return Step.Again;
        }

        if (group.Asked is not null || group.Last is not null)
        {
            // Where it was to go before it was found to be well where it is.
            draft.SetGroup(group with { Asked = null, Last = null });
            return Step.Again;
        }

        if (group.Operation is not null)
        {
            Operations.EndOf(
                draft, group, true, $"Group '{group.Name}' is started on {owner}.");
            return Step.Again;
        }

        if (group.Gathers)
        {
            return Gathering.Apply(draft, group, owner);
        }

        if (group.ReturnTo is { } home)
        {
            // At once or not at all: what stands in the way today is no reason to move tomorrow.
            if (home == owner || Placement.Obstacle(draft.State, group, home) is not null || GroupDependencies.Misfit(draft.State, group, home) is not null)
            {
                draft.SetGroup(group with { ReturnTo = null });
                return Step.Again;
            }

            string back = $"brought back to {home}, which has been resumed";
            draft.Journal(JournalSeverity.Information, JournalKind.GroupFailback, $"Group '{group.Name}' moves from {owner} to {home}: {back}.", home, group.Name);
            draft.SetGroup(group with { ReturnTo = null, FailbackTo = null, Asked = home, Last = null, By = null, Reason = back });
            return Stopping.Begin(draft, draft.State.Groups[group.Name], GroupPhase.Stopping);
        }

        if (group.FailbackTo is not { } better)
        {
            return Step.Done;
        }

        if (!Failback.Better(draft, group, better, owner))
        {
            draft.SetGroup(group with { FailbackTo = null });
            return Step.Done;
        }

        if (Placement.Obstacle(draft.State, group, better) is not null || GroupDependencies.Misfit(draft.State, group, better) is not null)
        {
            // It may become free later; until then the group stays.
            return Step.Done;
        }

        string reason = $"node {better} is up and stands before {owner} in domain '{group.Definition.Domain}'";
        draft.Journal(JournalSeverity.Information, JournalKind.GroupFailback, $"Group '{group.Name}' moves from {owner} to {better}: {reason}.", better, group.Name);
        draft.SetGroup(group with { FailbackTo = null, Asked = better, Last = null, By = null, Reason = reason });
        return Stopping.Begin(draft, draft.State.Groups[group.Name], GroupPhase.Stopping);
    }

    private static void Completed(Draft draft, GroupState group, ActionCompleted e)
    {
        string resource = e.Id.Resource;
        if (e.Success)
        {
            // Doomed already: its definition changed, or the group is to stop, while it was starting.
            bool doomed = draft.State.StopOnly is not null || (group.Resources.TryGetValue(resource, out ResourcePhase phase) && phase == ResourcePhase.Doomed);
            draft.SetGroup(group with
            {
                Resources = group.Resources.SetItem(resource, doomed ? ResourcePhase.Doomed : ResourcePhase.Running),
                StartTries = group.StartTries.Remove(resource),
                Refused = group.Refused.Remove(resource),
            });
            return;
        }

        if (e.Answer == ActionAnswer.NotBegun)
        {
            NotBegun(draft, group, e);
            return;
        }

        string owner = group.Owner!;
        draft.Journal(
            JournalSeverity.Error, JournalKind.ResourceStartFailure,
            $"Start of {resource} of group '{group.Name}' failed on {owner}: {e.Message}", owner, group.Name, resource);
        GroupState next = group with
        {
            Resources = group.Resources.SetItem(resource, ResourcePhase.Doomed),
            Refused = e.Answer == ActionAnswer.CannotRun ? group.Refused.Add(resource) : group.Refused,
            Failure = Recovery.Now(draft, $"start of {resource} failed", resource, owner, e.Message),
        };
        if (Stopping.IsDoomed(group, resource))
        {
            // Doomed already: its definition changed while it was starting, and the failure says nothing of the new one.
            draft.SetGroup(next);
            return;
        }

        if (Again(draft, next, resource) is { } again)
        {
            draft.SetGroup(again);
            return;
        }

        if (Recovery.GiveUpAlone(draft, next, resource) is { } alone)
        {
            draft.SetGroup(alone);
            return;
        }

        ActivationLimits limits = Recovery.LimitsOf(group, resource);
        GroupState failed = next with { Tried = group.Tried.Add(owner), TryLimit = limits.Failovers, Asked = group.Asked == owner ? null : group.Asked };
        if (limits.StartFinal != FinalAction.Default && group.Goal == GroupGoal.Run && !Placing.MayGoElsewhere(draft, failed))
        {
            draft.SetGroup(failed with
            {
                Final = new FinalDecision(resource, limits.StartFinal, AfterStop: false, Scripted: limits.FinalScript is null),
                Reason = $"start of {resource} failed on {owner}",
            });
            return;
        }

        next = Stopping.DoomAll(failed);
        if (group.Goal == GroupGoal.Run)
        {
            next = next with
            {
                Phase = group.Phase == GroupPhase.Recovering ? GroupPhase.Recovering : GroupPhase.Starting,
                Goal = group.DisableOnFailure ? GroupGoal.Disable : GroupGoal.Run,
                DisableOnFailure = false,
                Reason = $"start of {resource} failed on {owner}",
            };
        }

        draft.SetGroup(next);
    }

    /// <summary>The node could not even begin: nothing has started and nothing has failed, and another node may do better.</summary>
    private static void NotBegun(Draft draft, GroupState group, ActionCompleted e)
    {
        string resource = e.Id.Resource;
        string owner = group.Owner!;
        draft.Journal(
            JournalSeverity.Warning, JournalKind.ResourceStartNotBegun,
            $"Start of {resource} of group '{group.Name}' was not begun on {owner}: {e.Message}", owner, group.Name, resource);
        bool doomed = Stopping.IsDoomed(group, resource);
        GroupState next = group with
        {
            Resources = group.Resources.Remove(resource),
            Failure = Recovery.Now(draft, $"start of {resource} could not be begun", resource, owner, e.Message),
        };
        if (doomed || group.Goal != GroupGoal.Run)
        {
            draft.SetGroup(next);
            return;
        }

        next = Stopping.DoomAll(next with { Tried = group.Tried.Add(owner), Asked = group.Asked == owner ? null : group.Asked, Reason = $"start of {resource} could not be begun on {owner}" });
        draft.SetGroup(next.Resources.IsEmpty ? Stopping.FreeFrom(next, owner) : next);
    }

    /// <summary>The group with one more try of a start on the same node; null: there is none left, or nobody wants it to run.</summary>
    private static GroupState? Again(Draft draft, GroupState group, string resource)
    {
        int tries = group.StartTries.GetValueOrDefault(resource);
        int retries = Recovery.LimitsOf(group, resource).StartRetries;
        // What was doomed while it started is stopped for that reason; a node that is being emptied is no place for another try.
        if (tries >= retries || group.Goal != GroupGoal.Run || draft.State.StopOnly is not null || draft.State.Nodes[group.Owner!].Drain != DrainGoal.None
            || group.Resources.Any(r => r.Key != resource && r.Value == ResourcePhase.Doomed))
        {
            return null;
        }

        draft.Journal(
            JournalSeverity.Warning, JournalKind.ResourceStartRetry,
            $"Start of {resource} of group '{group.Name}' is tried again on {group.Owner}, {tries + 1} of {retries}.", group.Owner, group.Name, resource);
        return group with
        {
            StartTries = group.StartTries.SetItem(resource, tries + 1),
            Reason = $"start of {resource} failed on {group.Owner}; tried again, {tries + 1} of {retries}",
        };
    }

    public static void Apply(Draft draft, ActionCompleted e)
    {
        if (!draft.State.Groups.TryGetValue(e.Id.Target, out GroupState? group) || group.Pending?.Id != e.Id)
        {
            draft.Ignore();
            return;
        }

        switch (e.Id.Operation)
        {
            case ActionOperation.Start:
                Completed(draft, group with { Pending = null }, e);
                break;
            case ActionOperation.Stop:
                Stopping.Completed(draft, group with { Pending = null }, e);
                break;
            case ActionOperation.FinalScript:
                FinalActions.ScriptCompleted(draft, group with { Pending = null }, e);
                break;
            default:
                draft.Ignore();
                break;
        }
    }
}
