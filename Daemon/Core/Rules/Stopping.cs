using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>What of a group must be stopped, in which order, and what comes of a stop.</summary>
internal static class Stopping
{
    public static ResourceConfiguration? Next(GroupState group)
    {
        if (!group.Instance.Resources.ContainsValue(ResourcePhase.Doomed))
        {
            return null;
        }

        ResourceTree now = ResourceTree.Of(group.Definition);
        ResourceTree before = group.OldDefinition is { } old ? ResourceTree.Of(old) : now;
        // What runs below a doomed resource goes with it, and first.
        return Order(group).FirstOrDefault(resource =>
            group.Instance.Resources.ContainsKey(resource.Id)
            && (before.Find(resource.Id) is null ? now : before).WithAncestors(resource.Id).Any(r => IsDoomed(group, r.Id))
            && !group.Instance.Stuck.Any(s => before.IsWithin(s, resource.Id) || now.IsWithin(s, resource.Id)));
    }

    /// <summary>
    /// All that may run of the group, by whichever definition it came to run: what was added stands below what was there, or beside it.
    /// </summary>
    private static IEnumerable<ResourceConfiguration> Order(GroupState group)
    {
        ResourceTree now = ResourceTree.Of(group.Definition);
        if (group.OldDefinition is not { } old)
        {
            return now.StopOrder;
        }

        ResourceTree before = ResourceTree.Of(old);
        return now.StopOrder.Where(r => before.Find(r.Id) is null).Concat(before.StopOrder);
    }

    public static bool IsDoomed(GroupState group, string resource) =>
        group.Instance.Resources.GetValueOrDefault(resource) == ResourcePhase.Doomed;

    public static GroupState DoomAll(GroupState group) => group with
    {
        Instance = group.Instance with
        {
            Abandoned = Names.None,
            StartTries = group.Instance.StartTries.Clear(),
            Resources = group.Instance.Resources.ToImmutableSortedDictionary(r => r.Key, _ => ResourcePhase.Doomed, StringComparer.Ordinal),
        },
    };

    public static GroupState Doom(GroupState group, string root)
    {
        ResourceTree tree = ResourceTree.Of(group.OldDefinition ?? group.Definition);
        return group with
        {
            Instance = group.Instance with
            {
                Resources = group.Instance.Resources.ToImmutableSortedDictionary(
                    r => r.Key, r => tree.IsWithin(r.Key, root) ? ResourcePhase.Doomed : r.Value, StringComparer.Ordinal),
            },
        };
    }

    /// <summary>The group as seen from another node on which it may be active; everything there is in doubt.</summary>
    public static GroupState TakeOver(Draft draft, GroupState group, string node) => group with
    {
        Owner = node,
        OwnerIncarnation = draft.State.Nodes[node].Incarnation,
        Instance = InstanceState.None with
        {
            Resources = Order(group).ToImmutableSortedDictionary(r => r.Id, _ => ResourcePhase.Doomed, StringComparer.Ordinal),
        },
    };

    /// <summary>The group without a node on which nothing of it is active any more.</summary>
    public static GroupState FreeFrom(GroupState group, string node)
    {
        GroupState next = group with { ActiveOn = group.ActiveOn.Remove(node) };
        if (next.ActiveOn.IsEmpty && group.Definition.IsGuest)
        {
            next = next with { IsUnasked = true, Migration = null };
        }

        return group.Owner != node ? next : next with { Owner = null, Instance = InstanceState.None };
    }

    public static Step Begin(Draft draft, GroupState group, GroupPhase phase)
    {
        if (group.Instance.Resources.IsEmpty)
        {
            UnknownAnswers.Forget(draft, group.Name, group.Owner!);
        }

        draft.SetGroup((group.Instance.Resources.IsEmpty ? FreeFrom(group, group.Owner!) : DoomAll(group)) with { Phase = phase });
        return Step.Again;
    }

    public static Step Rest(Draft draft, GroupState group)
    {
        switch (group.Goal)
        {
            case GroupGoal.Remove:
                Operations.End(draft, group.Operation, true, $"Group '{group.Name}' is removed.");
                string[] silent =
                [
                    .. draft.Doubtful().Where(
                        n => draft.State.Nodes[n].Answers.GetValueOrDefault(group.Name)?.Answer == FoundAnswer.Unknown),
                ];
                string look = silent.Length == 0 ? "" : $" {Names.Shorten(silent)} could not tell whether it runs there; look there.";
                draft.RemoveGroup(group);
                draft.Journal(
                    silent.Length == 0 ? JournalSeverity.Information : JournalSeverity.Warning, JournalKind.GroupRemoved,
                    $"Group '{group.Name}' is removed.{look}", group: group.Name);
                return Step.Done;
            case GroupGoal.Stop:
            case GroupGoal.Disable:
                GroupPhase phase = group.Goal == GroupGoal.Disable ? GroupPhase.Disabled : GroupPhase.Stopped;
                if (group.Phase != phase)
                {
                    draft.SetGroup(group with
                    {
                        Phase = phase,
                        Order = group.Order.Anew().To(null) with { FailbackTo = null, ReturnTo = null, Unplaced = false },
                    });
                    draft.Journal(
                        JournalSeverity.Information, phase == GroupPhase.Disabled ? JournalKind.GroupDisabled : JournalKind.GroupStopped,
                        $"Group '{group.Name}' is {phase}.", group: group.Name);
                }

                Operations.EndOf(draft, group, true, $"Group '{group.Name}' is {phase}.");
                return Step.Done;
            default:
                throw new InvalidOperationException($"Unknown goal {group.Goal}.");
        }
    }

    public static void Completed(Draft draft, GroupState group, ActionCompleted e)
    {
        string resource = e.Id.Resource;
        string owner = group.Owner!;
        if (e.Success || (e.Answer == ActionAnswer.CannotRun && group.Instance.Refused.Contains(resource)))
        {
            GroupState next = group with
            {
                Instance = group.Instance with
                {
                    Resources = group.Instance.Resources.Remove(resource),
                    StopTries = group.Instance.StopTries.Remove(resource),
                    Checks = group.Instance.Checks.RemoveRange(
                        group.Instance.Checks.Where(c => c.Value.Resource == resource).Select(c => c.Key)),
                    StopAgain = null,
                    Refused = group.Instance.Refused.Remove(resource),
                },
            };
            // A group that goes on without a given-up resource, or tries a start again, keeps its owner, even when nothing else runs yet.
            bool free = next.Instance.Resources.IsEmpty && next.Instance.Abandoned.IsEmpty && next.Instance.StartTries.IsEmpty;
            draft.SetGroup(free ? FreeFrom(next, owner) : next);
            if (free)
            {
                UnknownAnswers.Forget(draft, group.Name, owner);
            }

            return;
        }

        if (Later(draft, group, e) is { } later)
        {
            draft.SetGroup(later);
            return;
        }

        group = group with { Instance = group.Instance with { StopAgain = null } };
        ActivationLimits limits = Recovery.LimitsOf(group, resource);
        int tries = group.Instance.StopTries.GetValueOrDefault(resource);
        if (tries < limits.StopRetries)
        {
            draft.SetGroup(group with
            {
                Instance = group.Instance with { StopTries = group.Instance.StopTries.SetItem(resource, tries + 1) },
            });
            draft.Journal(
                JournalSeverity.Warning, JournalKind.ResourceStopRetry,
                $"Stop of {resource} of group '{group.Name}' failed on {owner}: {e.Message} It is tried again, {tries + 1} of "
                    + $"{limits.StopRetries}.", owner, group.Name, resource);
            return;
        }

        if (limits.StopFinal != FinalAction.Default && draft.State.StopOnly is null)
        {
            draft.Journal(
                JournalSeverity.Error, JournalKind.ResourceStopFailure,
                $"Stop of {resource} of group '{group.Name}' failed on {owner}: {e.Message}", owner, group.Name, resource);
            draft.SetGroup(group with
            {
                Instance = group.Instance with
                {
                    StopTries = group.Instance.StopTries.Remove(resource),
                    Final = new FinalDecision(resource, limits.StopFinal, AfterStop: true, Scripted: limits.FinalScript is null),
                },
            });
            return;
        }

        Recovery.Fail(draft, group, resource, e.Message);
    }

    /// <summary>
    /// The group with another try of a stop that was not answered; null: its time is up, or the agent has said what it has to say.
    /// </summary>
    private static GroupState? Later(Draft draft, GroupState group, ActionCompleted e)
    {
        if (e.Answer == ActionAnswer.Given)
        {
            return null;
        }

        string resource = e.Id.Resource;
        string message = Description.Shortened(e.Message, UnknownAnswers.MessageLimit);
        UnansweredStop stop = group.Instance.StopAgain is { } before && before.Resource == resource
            ? before with { Asked = before.Asked + 1, Message = message }
            : new UnansweredStop(resource, draft.State.Time, 1, 0, message);
        long until = stop.Since
            + (ResourceTree.Of(group.OldDefinition ?? group.Definition).Find(resource)
                ?? ResourceTree.Of(group.Definition).Find(resource))?.StopTimeout
            ?? 0;
        if (draft.State.Time >= until)
        {
            return null;
        }

        if (stop.Asked == 1)
        {
            draft.Journal(
                JournalSeverity.Warning, JournalKind.ResourceStopRetry,
                $"Whether {resource} of group '{group.Name}' has stopped on {group.Owner} is not known: {message}. "
                    + $"It is tried again for {SpanText.Of(until - draft.State.Time)}.",
                group.Owner, group.Name, resource);
        }

        return group with
        {
            Instance = group.Instance with
            {
                StopAgain = stop with
                {
                    At = Math.Min(
                        until, draft.State.Time
                            + UnknownAnswers.Pause(UnknownAnswers.FirstQuestion, UnknownAnswers.LastQuestion, stop.Asked)),
                },
            },
        };
    }

    /// <summary>What another try of a stop waits for; null: it is due, or none is to be tried again.</summary>
    public static Cause? Awaits(Draft draft, GroupState group)
    {
        if (group.Instance.StopAgain is not { } again || Next(group)?.Id != again.Resource || draft.State.Time >= again.At)
        {
            return null;
        }

        draft.At(again.At, DeadlineKind.Group, group.Name);
        return CauseKind.StopAskedAgain.With(again.Resource, group.Owner!, again.Message);
    }
}
