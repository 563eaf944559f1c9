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
            return Stopping.Begin(draft, group, GroupPhase.Recovering);
        }

        if (Leaves(draft, group, owner) is { } left)
        {
            return left;
        }

        ResourceTree tree = ResourceTree.Of(group.Definition);
        foreach ((string id, _) in group.Instance.Resources)
        {
            // A child that was found running without its parent goes first.
            if (tree.WithAncestors(id).Any(r => !group.Instance.Resources.ContainsKey(r.Id)))
            {
                draft.SetGroup(Stopping.Doom(group, id));
                return Step.Again;
            }
        }

        foreach (ResourceConfiguration resource in tree.StartOrder)
        {
            if (!group.Instance.Resources.ContainsKey(resource.Id)
                && !tree.WithAncestors(resource.Id).Any(r => group.Instance.Abandoned.Contains(r.Id)))
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

    /// <summary>The group is not to stay on its node. Null: it is.</summary>
    private static Step? Leaves(Draft draft, GroupState group, string owner)
    {
        NodeState node = draft.State.Nodes[owner];
        bool allowed = Placement.Rank(draft.Configuration, group.Definition, owner) is not null;
        Cause? why = !allowed ? CauseKind.OutsideDomain.With(owner)
            : node.Drain.Goal != DrainGoal.None ? CauseKind.NodeIsEmptied.With(owner)
            : GroupDependencies.Broken(draft.State, group);
        if (why is null)
        {
            return null;
        }

        string? who = node.Operation is { } asked ? draft.State.Operations.GetValueOrDefault(asked)?.Who : null;
        // What is kept for its node's return stops with it.
        if (allowed && Keeping.Of(draft, node) is null && Migrating.Elsewhere(draft, group, node.Drain.To, why, who) is { } moves)
        {
            return moves;
        }

        draft.Journal(
            JournalSeverity.Information, JournalKind.GroupStop, $"Group '{group.Name}' leaves {owner}: {why}.", owner, group.Name);
        if (node.Drain.Goal == DrainGoal.Standby && allowed)
        {
            draft.SetNode(node with { Drain = node.Drain with { Moved = node.Drain.Moved.Add(group.Name) } }, settle: false);
        }

        draft.SetGroup(group with
        {
            Reason = why,
            By = who,
            Order = group.Order.To(node.Drain.To) with { Kept = allowed ? Keeping.Of(draft, node) : null },
        });
        return Stopping.Begin(draft, draft.State.Groups[group.Name], GroupPhase.Stopping);
    }

    private static Step Started(Draft draft, GroupState group, string owner)
    {
        if (group.Phase != GroupPhase.Started)
        {
            string missing = group.Instance.Abandoned.IsEmpty ? "" : $" without {Names.Shorten(group.Instance.Abandoned)}";
            string others = group.Order.Tried.Remove(owner) is { IsEmpty: false } tried
                ? $"; it could not be started on {Names.Shorten(tried)}"
                : "";
            string done = $"Group '{group.Name}' is started on {owner}{missing}{others}.";
            draft.SetGroup(group with
            {
                Phase = GroupPhase.Started,
                Instance = group.Instance with { StartTries = group.Instance.StartTries.Clear(), Checks = group.Instance.Checks.Clear() },
                Recovery = group.Recovery with { TookNodeOut = false, DisablesOnFailure = false },
                Order = group.Order.Anew(),
            });
            Gathering.MayGather(draft, group.Name, after: group.Name);
            draft.Journal(JournalSeverity.Information, JournalKind.GroupStarted, done, owner, group.Name);
            Operations.EndOf(draft, group, true, Migrating.Outcome(group) ?? done);
            return Step.Again;
        }

        if (group.Order.Preferred is not null || group.Order.Avoided is not null)
        {
            // It has gone where it was to go, or was found to be well where it is.
            draft.SetGroup(group with { Order = group.Order.To(null) });
            return Step.Again;
        }

        if (group.Operation is not null)
        {
            Operations.EndOf(draft, group, true, Migrating.Outcome(group) ?? $"Group '{group.Name}' is started on {owner}.");
            return Step.Again;
        }

        return group.Order.Gathers ? Gathering.Apply(draft, group, owner) : Failback.Look(draft, group, owner);
    }

    private static void Completed(Draft draft, GroupState group, ActionCompleted e)
    {
        string resource = e.Id.Resource;
        if (e.Success)
        {
            // Doomed already: its definition changed, or the group is to stop, while it was starting.
            bool doomed = draft.State.StopOnly is not null || Stopping.IsDoomed(group, resource);
            draft.SetGroup(group with
            {
                Instance = group.Instance with
                {
                    Resources = group.Instance.Resources.SetItem(resource, doomed ? ResourcePhase.Doomed : ResourcePhase.Running),
                    StartTries = group.Instance.StartTries.Remove(resource),
                    Refused = group.Instance.Refused.Remove(resource),
                },
            });
        }
        else if (e.Answer == ActionAnswer.NotBegun)
        {
            NotBegun(draft, group, e);
        }
        else
        {
            StartFailed(draft, group, e);
        }
    }

    private static void StartFailed(Draft draft, GroupState group, ActionCompleted e)
    {
        string resource = e.Id.Resource;
        string owner = group.Owner!;
        draft.Journal(
            JournalSeverity.Error, JournalKind.ResourceStartFailure,
            $"Start of {resource} of group '{group.Name}' failed on {owner}: {e.Message}", owner, group.Name, resource);
        GroupState next = group with
        {
            Instance = group.Instance with
            {
                Resources = group.Instance.Resources.SetItem(resource, ResourcePhase.Doomed),
                Refused = e.Answer == ActionAnswer.CannotRun ? group.Instance.Refused.Add(resource) : group.Instance.Refused,
            },
            Failure = Recovery.Now(draft, CauseKind.StartFailure, resource, owner, e.Message),
        };
        // Doomed already: its definition changed while it was starting, and the failure says nothing of the new one.
        draft.SetGroup(Stopping.IsDoomed(group, resource)
            ? next
            : Again(draft, next, resource) ?? Recovery.GiveUpAlone(draft, next, resource) ?? Elsewhere(draft, next, resource, owner));
    }

    /// <summary>No try is left on this node: the group goes to another one, or its final action is carried out.</summary>
    private static GroupState Elsewhere(Draft draft, GroupState group, string resource, string owner)
    {
        ActivationLimits limits = Recovery.LimitsOf(group, resource);
        Cause reason = CauseKind.StartFailed.With(resource, owner);
        GroupState failed = group with { Order = group.Order.Without(owner) with { Limit = limits.Failovers } };
        if (group.Goal != GroupGoal.Run)
        {
            return Stopping.DoomAll(failed);
        }

        if (limits.StartFinal != FinalAction.Default && !Placing.MayGoElsewhere(draft, failed))
        {
            var final = new FinalDecision(resource, limits.StartFinal, AfterStop: false, Scripted: limits.FinalScript is null);
            return failed with { Instance = failed.Instance with { Final = final }, Reason = reason };
        }

        return Stopping.DoomAll(failed) with
        {
            Phase = group.Phase == GroupPhase.Recovering ? GroupPhase.Recovering : GroupPhase.Starting,
            Goal = group.Recovery.DisablesOnFailure ? GroupGoal.Disable : GroupGoal.Run,
            Recovery = group.Recovery with { DisablesOnFailure = false },
            Reason = reason,
        };
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
            Instance = group.Instance with { Resources = group.Instance.Resources.Remove(resource) },
            Failure = Recovery.Now(draft, CauseKind.StartNotBegunFailure, resource, owner, e.Message),
        };
        if (doomed || group.Goal != GroupGoal.Run)
        {
            draft.SetGroup(next);
            return;
        }

        next = Stopping.DoomAll(next with
        {
            Order = next.Order.Without(owner),
            Reason = CauseKind.StartNotBegun.With(resource, owner),
        });
        draft.SetGroup(next.Instance.Resources.IsEmpty ? Stopping.FreeFrom(next, owner) : next);
    }

    /// <summary>The group with one more try of a start on the same node; null: there is none left, or nobody wants it to run.</summary>
    private static GroupState? Again(Draft draft, GroupState group, string resource)
    {
        int tries = group.Instance.StartTries.GetValueOrDefault(resource);
        int retries = Recovery.LimitsOf(group, resource).StartRetries;
        // What was doomed while it started is stopped for that reason; a node that is being emptied is no place for another try.
        if (tries >= retries || group.Goal != GroupGoal.Run || draft.State.StopOnly is not null
            || draft.State.Nodes[group.Owner!].Drain.Goal != DrainGoal.None
            || group.Instance.Resources.Any(r => r.Key != resource && r.Value == ResourcePhase.Doomed))
        {
            return null;
        }

        draft.Journal(
            JournalSeverity.Warning, JournalKind.ResourceStartRetry,
            $"Start of {resource} of group '{group.Name}' is tried again on {group.Owner}, {tries + 1} of {retries}.", group.Owner,
            group.Name, resource);
        return group with
        {
            Instance = group.Instance with { StartTries = group.Instance.StartTries.SetItem(resource, tries + 1) },
            Reason = CauseKind.StartTriedAgain.With(resource, group.Owner!, $"{tries + 1}", $"{retries}"),
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
            case ActionOperation.Migrate:
                Migrating.Completed(draft, group with { Pending = null }, e);
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
