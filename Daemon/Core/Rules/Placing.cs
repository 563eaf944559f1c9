using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Which node a group is given to, and what becomes of one that finds none.</summary>
internal static class Placing
{
    public static Step Apply(Draft draft, GroupState group)
    {
        if (Keeping.Look(draft, group) is { } kept)
        {
            return kept;
        }

        if (GroupDependencies.Unmet(draft.State, group) is { } unmet)
        {
            return Unmet(draft, group, unmet);
        }

        if (group.Order.RetryAt is { } retry)
        {
            if (draft.State.Time < retry)
            {
                draft.At(retry, DeadlineKind.Group, group.Name);
                if (group.Phase != GroupPhase.Stopped)
                {
                    draft.SetGroup(group with { Phase = GroupPhase.Stopped });
                }

                return Step.Done;
            }

            draft.SetGroup(group with { Order = group.Order.Anew() });
            return Step.Again;
        }

        if (IsUsedUp(group) || Placement.Choose(draft.State, group) is not { } node)
        {
            return Unplaced(draft, group);
        }

        if (EventScripts.Asks(draft, group, node))
        {
            return Step.Again;
        }

        string heard = EventScripts.Heard(draft, group, node);
        Cause why = heard == node
            ? Description.Choice(draft.State, group, node)
            : CauseKind.ChosenByScript.With(group.Order.Verdict!.Script);
        node = heard;
        draft.SetGroup(group with
        {
            Order = group.Order with { Verdict = null, Unplaced = false },
            Unmoved = Names.None,
            Owner = node,
            OwnerIncarnation = draft.State.Nodes[node].Incarnation,
            ActiveOn = group.ActiveOn.Add(node),
            Phase = group.Phase == GroupPhase.Recovering ? GroupPhase.Recovering : GroupPhase.Starting,
            LastMove = new GroupMove(
                group.Phase == GroupPhase.Stopped ? null : group.LastMove?.To, node, CameBy(group, why), group.By, draft.WallTime),
            By = null,
            Reason = why,
        });
        draft.Journal(
            JournalSeverity.Information, JournalKind.GroupStart, $"Group '{group.Name}' starts on {node}: {why}.", node, group.Name);
        return Step.Again;
    }

    /// <summary>Why a group left where it was, and why it goes where it goes.</summary>
    private static Cause CameBy(GroupState group, Cause choice) =>
        group.Phase == GroupPhase.Stopped || choice == group.Reason || choice.First == group.Reason
            ? choice
            : group.Reason.Then(choice);

    private static Step Unmet(Draft draft, GroupState group, Cause why)
    {
        bool told = group.Phase == GroupPhase.Stopped && group.Reason == why;
        if (!told)
        {
            draft.Journal(JournalSeverity.Information, JournalKind.GroupWaits, $"Group '{group.Name}' waits: {why}.", group: group.Name);
        }

        if (!told || group.Order.Verdict is not null)
        {
            // Where it failed without what it requires says nothing of where it can run with it.
            draft.SetGroup(group with
            {
                Phase = GroupPhase.Stopped,
                Reason = why,
                Order = group.Order.Anew() with { Verdict = null, Unplaced = false },
            });
        }

        if (GroupDependencies.IsHopeless(draft.State, group))
        {
            Operations.EndOf(draft, group, false, $"Group '{group.Name}' runs nowhere: {why}. It starts when that is started.");
        }

        return Step.Done;
    }

    private static Step Unplaced(Draft draft, GroupState group)
    {
        if (group.Order.Verdict is not null)
        {
            // It was said of a choice that there is no more.
            draft.SetGroup(group with { Order = group.Order with { Verdict = null } });
            return Step.Again;
        }

        bool failed = !group.Order.Tried.IsEmpty;
        Cause why = CauseKind.Unplaced.With(Description.Unplaced(draft.State, group));
        if (IsUsedUp(group))
        {
            why = why.Then(CauseKind.FailoversUsedUp.With($"{group.Order.Limit}"));
        }

        string told = failed && group.Failure is { } failure ? why.Explain(failure) : $"{why}";
        if (failed)
        {
            long retry = draft.State.Time + draft.Configuration.Timing.RetryDelay;
            draft.SetGroup(group with
            {
                Phase = GroupPhase.Stopped,
                Order = group.Order.To(null) with { RetryAt = retry },
                Reason = why,
            });
            draft.At(retry, DeadlineKind.Group, group.Name);
            draft.Journal(
                JournalSeverity.Error,
                JournalKind.GroupUnplaced,
                $"Group '{group.Name}' could not be started anywhere: {told}. It is tried again "
                    + (draft.State.Disarmed is null
                        ? $"in {SpanText.Of(draft.Configuration.Timing.RetryDelay)} or when the membership changes."
                        : "when the cluster is armed."),
                group: group.Name);
        }
        else if (group.Reason != why || !group.Order.Unplaced)
        {
            draft.SetGroup(group with { Phase = GroupPhase.Stopped, Reason = why, Order = group.Order with { Unplaced = true } });
            if (!group.Order.Unplaced)
            {
                // The nodes journal what becomes of them; that it still waits needs no line for each.
                draft.Journal(
                    JournalSeverity.Warning, JournalKind.GroupUnplaced, $"Group '{group.Name}' waits for a node: {why}.",
                    group: group.Name);
            }
        }

        Operations.EndOf(draft, group, false, $"Group '{group.Name}' runs nowhere: {told}.");
        return Step.Done;
    }

    private static bool IsUsedUp(GroupState group) => group.Order.Limit is { } limit && group.Order.Tried.Count > limit;

    public static bool MayGoElsewhere(Draft draft, GroupState failed) =>
        !IsUsedUp(failed) && Placement.Choose(draft.State, failed) is not null;
}
