using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>What people ask of a group.</summary>
internal static class GroupRequests
{
    public static void Apply(Draft draft, GroupRequest e)
    {
        if (!draft.State.Groups.TryGetValue(e.Group, out GroupState? group)
            || (group.Goal == GroupGoal.Remove && (group.Phase != GroupPhase.Failed || e.Operation != GroupOperation.Disable)))
        {
            Operations.Refuse(draft, e, $"There is no group '{e.Group}'. Get-ClusterGroup lists the groups.");
            return;
        }

        if (Refusal(draft, e, group) is { } refusal)
        {
            Operations.Refuse(draft, e, refusal);
            return;
        }

        switch (e.Operation)
        {
            case GroupOperation.Enable:
                Enable(draft, e, group);
                break;
            case GroupOperation.Disable:
                Disable(draft, e, group);
                break;
            case GroupOperation.Stop:
                Stop(draft, e, group);
                break;
            case GroupOperation.Relocate:
                Relocate(draft, e, group);
                break;
            case GroupOperation.Migrate when Migrating.Refusal(draft, e, group) is { } unmovable:
                Operations.Refuse(draft, e, unmovable);
                break;
            case GroupOperation.Migrate:
                Relocate(draft, e, group);
                break;
            case GroupOperation.StopMigration:
                Migrating.End(draft, e, group);
                break;
            case GroupOperation.Restart:
                Restart(draft, e, group);
                break;
            case GroupOperation.Home:
                SendHome(draft, e, group);
                break;
            case GroupOperation.Clear:
                Clear(draft, e, group);
                break;
            case GroupOperation.Freeze:
                Freezing.Freeze(draft, e, group);
                break;
            case GroupOperation.Unfreeze:
                Freezing.Unfreeze(draft, e, group);
                break;
            case GroupOperation.Convalesce:
                Repair(draft, e, group);
                break;
            default:
                throw new InvalidOperationException($"Unknown operation {e.Operation}.");
        }
    }

    /// <summary>Why nothing of the kind can be asked of the group now; null: it can.</summary>
    private static string? Refusal(Draft draft, GroupRequest e, GroupState group)
    {
        GroupOperation asked = e.Operation;
        if (group.Frozen && asked is not (GroupOperation.Unfreeze or GroupOperation.Freeze))
        {
            return $"Group '{e.Group}' is frozen. Run Unlock-ClusterGroup {e.Group} first.";
        }

        if (draft.State.Stop is { } stop && asked is not (GroupOperation.Stop or GroupOperation.Disable))
        {
            return $"The cluster is being stopped, asked by {stop.Who}. Stop-ClusterOperation {stop.Operation} ends that.";
        }

        if (group.Migration is { } migration
            && asked is not (GroupOperation.Stop or GroupOperation.Disable or GroupOperation.StopMigration))
        {
            return $"Guest '{e.Group}' is migrating from {migration.From} to {migration.To}. Wait for its end, or run "
                + $"Stop-GuestMigration {e.Group}.";
        }

        if (Disarming.WhyNot(draft, group, asked) is { } disarmed)
        {
            return disarmed;
        }

        if (group.Phase == GroupPhase.Failed && asked is not (GroupOperation.Disable or GroupOperation.Freeze or GroupOperation.Unfreeze))
        {
            return $"Group '{e.Group}' is Failed: {Description.Why(draft.State, group)}. "
                + $"Make sure that its resources are released, then disable it (Stop-ClusterGroup {e.Group}).";
        }

        if (e.Node is { } node && WhyNot(draft, group, node) is { } obstacle)
        {
            bool known = draft.State.Nodes.TryGetValue(node, out NodeState? at);
            return $"Group '{e.Group}' can't run on {node}: it {obstacle}. "
                + $"{(known && !at!.Eligible ? Advice.Place(at) : "Name another node.")}";
        }

        return null;
    }

    private static string? WhyNot(Draft draft, GroupState group, string node) =>
        !draft.State.Nodes.TryGetValue(node, out NodeState? at) ? "is not a node of this cluster"
        : Placement.Rank(
            draft.Configuration, group.Definition, node) is null ? $"is not in its restricted domain '{group.Definition.Domain}'"
        : !at.Eligible ? $"is {at.Standing}"
        : null;

    /// <summary>The operation now belongs to the group; one that was under way is superseded.</summary>
    public static GroupState Take(Draft draft, GroupState group, Request e)
    {
        Operations.End(draft, group.Operation, false, $"Superseded by a request of {e.Who}.", asked: true);
        // What an event script was asked before counts no longer: a node that is asked for now goes before its answer.
        return group with
        {
            Operation = e.RequestId,
            By = e.Who,
            Failure = null,
            MovedFrom = null,
            Order = group.Order with { ReturnTo = null, AwaitsVerdict = false, Verdict = null, Kept = null },
        };
    }

    private static void Enable(Draft draft, GroupRequest e, GroupState group)
    {
        if (e.ConfirmReleased)
        {
            draft.Journal(
                JournalSeverity.Warning, JournalKind.GroupReleased,
                $"{e.Who} confirms that group '{e.Group}' does not run where that is not known.", group: e.Group, who: e.Who);
            UnknownAnswers.IsNotElsewhere(draft, e.Group);
        }

        if (group.Goal == GroupGoal.Run && group.Owner is not null)
        {
            if (e.Node is not null && e.Node != group.Owner)
            {
                Relocate(draft, e, group);
            }
            else if (group.Phase == GroupPhase.Started)
            {
                Operations.Succeed(draft, e, $"Group '{e.Group}' is started on {group.Owner} already.");
            }
            else
            {
                draft.SetGroup(Take(draft, group, e));
            }

            return;
        }

        if (e.Node is not null)
        {
            Draining.ForgetMoved(draft, e.Group);
        }

        GroupState next = Take(draft, group, e);
        draft.SetGroup(next with
        {
            Goal = GroupGoal.Run,
            Recovery = group.Recovery with { Failures = null, TookNodeOut = false, Restarts = [] },
            Order = next.Order.Anew().To(e.Node),
            Phase = group.Owner is null ? GroupPhase.Stopped : group.Phase,
            Reason = CauseKind.EnabledBy.With(e.Who),
        });
        Gathering.MayGather(draft, e.Group);
    }

    private static void Disable(Draft draft, GroupRequest e, GroupState group)
    {
        if (group.Phase != GroupPhase.Failed)
        {
            draft.SetGroup(Take(draft, group, e) with
            {
                Goal = GroupGoal.Disable,
                Phase = group.Owner is null ? group.Phase : GroupPhase.Stopping,
                Reason = CauseKind.DisabledBy.With(e.Who),
            });
            return;
        }

        if (!e.ConfirmReleased)
        {
            Operations.Refuse(
                draft, e,
                $"Group '{e.Group}' is Failed: {Description.Why(draft.State, group)}. "
                    + "Disabling it tells the cluster that its resources are released; if that is not so, "
                + "they may come to be used twice. Make sure, then ask again and confirm.");
            return;
        }

        GroupState next = group;
        foreach (string node in group.ActiveOn)
        {
            next = Stopping.FreeFrom(next, node);
        }

        UnknownAnswers.IsNotElsewhere(draft, e.Group);
        draft.Journal(
            JournalSeverity.Warning, JournalKind.GroupReleased, $"{e.Who} confirms that the resources of group '{e.Group}' are released.",
            group.Owner, e.Group, who: e.Who);
        draft.SetGroup(Take(draft, next, e) with
        {
            Goal = group.Goal == GroupGoal.Remove ? GroupGoal.Remove : GroupGoal.Disable,
            Phase = GroupPhase.Stopping,
            Reason = CauseKind.DisabledBy.With(e.Who),
        });
    }

    private static void Stop(Draft draft, GroupRequest e, GroupState group) => draft.SetGroup(Take(draft, group, e) with
    {
        // A disabled group stays disabled: stopping it must not make it start at the next change of membership.
        Goal = group.Goal == GroupGoal.Disable ? GroupGoal.Disable : GroupGoal.Stop,
        Phase = group.Owner is null ? group.Phase : GroupPhase.Stopping,
        Reason = CauseKind.StoppedBy.With(e.Who),
    });

    private static void Repair(Draft draft, GroupRequest e, GroupState group)
    {
        if (group.Instance.Abandoned.IsEmpty || group.Phase != GroupPhase.Started)
        {
            Operations.Succeed(draft, e, $"Group '{e.Group}' has nothing to repair.");
        }
        else if (group.IsUnconfirmed)
        {
            Operations.Refuse(draft, e, $"Group '{e.Group}' can't be repaired now: {group.Waits}.");
        }
        else
        {
            draft.SetGroup(Take(draft, group, e) with
            {
                Instance = group.Instance with { Abandoned = Names.None },
                Phase = GroupPhase.Recovering,
                Reason = CauseKind.RepairedBy.With(e.Who),
            });
        }
    }

    private static void Relocate(Draft draft, GroupRequest e, GroupState group)
    {
        if (group.Phase != GroupPhase.Started || group.Owner is not { } owner)
        {
            Operations.Refuse(
                draft, e, $"Group '{e.Group}' is {group.Phase}, not Started, and can't be relocated now. {Advice.Start(group, e.Node)}");
            return;
        }

        if (group.IsUnconfirmed)
        {
            Operations.Refuse(draft, e, $"Group '{e.Group}' can't be relocated now: {group.Waits}. It stays on {owner}.");
            return;
        }

        if (e.Node == owner)
        {
            Operations.Succeed(draft, e, $"Group '{e.Group}' is started on {owner} already.");
            return;
        }

        if (GroupDependencies.Leader(draft.Configuration, e.Group) is { } leader && draft.State.Groups[leader].ActiveOn.Contains(owner))
        {
            Operations.Refuse(
                draft, e,
                $"Group '{e.Group}' shares the node of group '{leader}' and goes where that goes. "
                + (WhyStays(draft, draft.State.Groups[leader], e.Node) is { } stays
                    ? $"That one stays on {owner} now: {stays}."
                    : $"Move that one, and it follows: Move-ClusterGroup {leader}{(e.Node is null ? "" : $" -Node {e.Node}")}."));
            return;
        }

        if (e.Node is { } unfit && GroupDependencies.Misfit(draft.State, group, unfit) is { } misfit)
        {
            Operations.Refuse(
                draft, e,
                $"Group '{e.Group}' can't go to {unfit}: it {misfit}. It stays on {owner}. Stop that group first, or widen its domain.");
            return;
        }

        if (e.Node is { } asked && Placement.Obstacle(draft.State, group, asked) is { } obstacle)
        {
            Operations.Refuse(draft, e, $"Group '{e.Group}' can't run on {asked}: it {obstacle}. It stays on {owner}.");
            return;
        }

        if (e.Node is null && !HasElsewhere(draft, group, owner))
        {
            Operations.Refuse(
                draft, e, $"No other node can run group '{e.Group}': {Description.Unplaced(draft.State, group)}. It stays on {owner}.");
            return;
        }

        bool here = Groups.IsInReach(draft, group, owner);
        if (!here && e.Operation == GroupOperation.Migrate)
        {
            Operations.Refuse(
                draft, e, $"Guest '{e.Group}' can't be migrated now: {owner} is {draft.State.Nodes[owner].Standing}. Ask again when it is "
                    + "Online.");
            return;
        }

        Draining.ForgetMoved(draft, e.Group);
        GroupState next = Take(draft, group with { Unmoved = Names.None }, e);
        if (here && Migrating.KindOf(e, group) is { } kind && Migrating.Place(draft, next, e.Node) is { } to)
        {
            Migrating.Begin(
                draft, next with { Order = next.Order with { FailbackTo = null } }, to, kind, CauseKind.MigratedBy.With(e.Who), e.Who);
            return;
        }

        draft.SetGroup(next with
        {
            Order = next.Order.To(e.Node, owner) with { FailbackTo = null },
            Recovery = group.Recovery with { Restarts = [] },
            Reason = CauseKind.RelocatedBy.With(e.Who),
        });
        Stopping.Begin(draft, draft.State.Groups[e.Group], GroupPhase.Stopping);
    }

    /// <summary>Another node than its own would take the group.</summary>
    private static bool HasElsewhere(Draft draft, GroupState group, string owner) =>
        Placement.Choose(
            draft.State,
            group with { Order = group.Order with { Tried = group.Order.Tried.Add(owner), Preferred = null } }) is { } elsewhere
            && GroupDependencies.Misfit(draft.State, group, elsewhere) is null;

    /// <summary>Why a group can't be moved now; null: it can.</summary>
    private static string? WhyStays(Draft draft, GroupState group, string? node) =>
        group.Frozen ? "it is frozen"
        : group.Phase != GroupPhase.Started ? $"it is {group.Phase}"
        : group.IsUnconfirmed ? $"{group.Waits}"
        : node is not null ? (WhyNot(draft, group, node) ?? GroupDependencies.Misfit(draft.State, group, node)
            ?? Placement.Obstacle(draft.State, group, node)) is { } obstacle
            ? $"{node} {obstacle}"
            : null
        : HasElsewhere(draft, group, group.Owner!) ? null
        : Description.Unplaced(draft.State, group);

    private static void SendHome(Draft draft, GroupRequest e, GroupState group)
    {
        if (group.Definition.Domain is not { } domain || !draft.Configuration.FailoverDomains[domain].Ordered)
        {
            Operations.Refuse(
                draft, e,
                $"Group '{e.Group}' has no home: "
                    + $"{(group.Definition.Domain is { } name ? $"its domain '{name}' is not ordered" : "it has no failover domain")}. "
                        + "Name a node instead.");
            return;
        }

        string? home = null;
        string[] away = [];
        foreach (string node in draft.Configuration.FailoverDomains[domain].Members.Keys
            .OrderBy(n => Placement.Rank(draft.Configuration, group.Definition, n)).ThenBy(n => Fencing.Id(draft, n)))
        {
            if (node == group.Owner
                || Placement.Obstacle(
                    draft.State, group with { Order = group.Order with { Tried = Names.None } }, node) is not { } obstacle)
            {
                home = node;
                break;
            }

            away = [.. away, $"{node} {obstacle}"];
        }

        string better = away.Length == 0 ? "" : $"; {string.Join(", ", away)}";
        if (home is null)
        {
            Operations.Refuse(draft, e, $"Group '{e.Group}' can't be sent home{better}.");
        }
        else if (home == group.Owner && group.Phase == GroupPhase.Started)
        {
            Operations.Succeed(draft, e, $"Group '{e.Group}' is on {home} already, the best node of its domain that can run it{better}.");
        }
        else
        {
            // On its way at home it is to be waited for there, and home may be no place to start it anew.
            Relocate(draft, e with { Node = home == group.Owner ? null : home }, group);
        }
    }

    private static void Clear(Draft draft, GroupRequest e, GroupState group)
    {
        bool counted = !group.Recovery.Restarts.IsEmpty || !group.Order.Tried.IsEmpty || group.Order.RetryAt is not null
            || !group.Instance.StartTries.IsEmpty || group.Recovery.TookNodeOut || group.Recovery.Failures is not null
                || group.Failure is not null;
        draft.SetGroup(group with
        {
            Recovery = group.Recovery with { Restarts = [], TookNodeOut = false, Failures = null },
            Order = group.Order with { Tried = Names.None, Limit = null, RetryAt = null },
            Instance = group.Instance with { StartTries = group.Instance.StartTries.Clear() },
            Failure = null,
        });
        Operations.Succeed(
            draft, e, counted ? $"The failures of group '{e.Group}' are forgotten." : $"Group '{e.Group}' has no failures to forget.");
    }

    private static void Restart(Draft draft, GroupRequest e, GroupState group)
    {
        if (group.Phase != GroupPhase.Started || group.Owner is not { } owner)
        {
            Operations.Refuse(draft, e, $"Group '{e.Group}' is {group.Phase}, not Started. {Advice.Start(group, null)}");
            return;
        }

        if (group.IsUnconfirmed)
        {
            Operations.Refuse(draft, e, $"Group '{e.Group}' can't be restarted now: {group.Waits}. It goes on running on {owner}.");
            return;
        }

        GroupState next = Take(draft, group, e);
        draft.SetGroup(next with
        {
            Order = next.Order.To(owner),
            Recovery = group.Recovery with { Restarts = [] },
            Reason = CauseKind.RestartedBy.With(e.Who),
        });
        Stopping.Begin(draft, draft.State.Groups[e.Group], GroupPhase.Stopping);
    }
}
