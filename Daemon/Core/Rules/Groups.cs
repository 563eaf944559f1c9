using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>What is to be done next with a group: every look at it begins here.</summary>
internal static class Groups
{
    public static void Settle(Draft draft, string name)
    {
        for (int round = 0; round < Fold.MaxRounds; round++)
        {
            if (!draft.State.Groups.TryGetValue(name, out GroupState? group))
            {
                return;
            }

            if (group.Pending is not null)
            {
                Migrating.MayEnd(draft, group);
                return;
            }

            if ((Look(draft, group) == Step.Done && !Disarming.HoldsFromNow(draft.State, group)))
            {
                return;
            }
        }

        Fold.Unsettled(draft, name);
    }

    private static Step Look(Draft draft, GroupState group)
    {
        if (draft.State.StopOnly is { } self)
        {
            return draft.State.Disarmed is null ? WithoutQuorum.Look(draft, group, self) : Step.Done;
        }

        if (draft.State.Quorum != Quorum.Quorate)
        {
            return Step.Done;
        }

        if (group.Frozen)
        {
            return Freezing.Settle(draft, group);
        }

        if (group.Phase == GroupPhase.Failed)
        {
            // It waits for an operator, and its reason says so.
            return Waiting.End(draft, group);
        }

        if (Disarming.Holds(draft.State, group))
        {
            return Disarming.Hold(draft, group);
        }

        return NotKnown(draft, group) ?? NotItsTurn(draft, group) ?? StopsFirst(draft, group) ?? group.Goal switch
        {
            GroupGoal.Run => group.Owner is null ? Placing.Apply(draft, group) : Starting.Next(draft, group, group.Owner),
            GroupGoal.Stop or GroupGoal.Disable or GroupGoal.Remove =>
                group.Owner is null ? Stopping.Rest(draft, group) : Stopping.Begin(draft, group, GroupPhase.Stopping),
            _ => throw new InvalidOperationException($"Unknown goal {group.Goal}."),
        };
    }

    /// <summary>What must become known before the group is touched. Null: all is known.</summary>
    private static Step? NotKnown(Draft draft, GroupState group)
    {
        if (Guests.AskFirst(draft, group) is { } asks)
        {
            return asks;
        }

        if (Gate(draft, group) is { } obstacle && !StopsNow(draft, group))
        {
            return Waiting.For(draft, group, obstacle.Why, obstacle.Recovering);
        }

        if (Guests.RunsTwice(draft, group) is { } twice)
        {
            return twice;
        }

        if (Stopping.Awaits(draft, group) is { } stop)
        {
            return Waiting.For(draft, group, stop, recovering: false);
        }

        if (UnknownAnswers.Doubt(draft, group) is { } doubt)
        {
            return Waiting.ForWord(draft, group, doubt);
        }

        if (UnknownAnswers.Unsure(draft, group) is { } unsure)
        {
            return Waiting.Runs(draft, group, unsure);
        }

        if (UnknownAnswers.IsOnSand(draft, group))
        {
            draft.SetGroup(Stopping.DoomAll(group));
            return Step.Again;
        }

        return null;
    }

    /// <summary>What comes before anything that its goal asks for. Null: it is the group's turn.</summary>
    private static Step? NotItsTurn(Draft draft, GroupState group)
    {
        if (group.Instance.Final is { } final)
        {
            return FinalActions.CarryOut(draft, group, final);
        }

        if (group is { Order.AwaitsVerdict: true, Goal: GroupGoal.Run, Owner: null })
        {
            return Waiting.For(draft, group, CauseKind.ScriptIsAsked.With(), recovering: false);
        }

        if (DependantsFirst(draft, group) is { } dependants)
        {
            return Waiting.For(draft, group, dependants, recovering: false);
        }

        if (Handover.StartsAfterOthers(draft, group))
        {
            return Waiting.For(draft, group, Handover.TakesOver(group), recovering: false);
        }

        if (group.Waits is not null)
        {
            // What was not sure is now, and is told as any start is.
            bool starts = group.IsUnconfirmed && group.Goal == GroupGoal.Run;
            draft.SetGroup(group with { Waits = null, Phase = starts ? GroupPhase.Starting : group.Phase });
            return Step.Again;
        }

        return null;
    }

    /// <summary>What must be stopped before anything else is done. Null: nothing.</summary>
    private static Step? StopsFirst(Draft draft, GroupState group)
    {
        if (Stopping.Next(group) is { } doomed)
        {
            return Record(draft, group, doomed, ActionOperation.Stop);
        }

        if (!group.Instance.Stuck.IsEmpty)
        {
            Recovery.Fail(draft, group, group.Instance.Stuck[0], "what else could be stopped is.");
            return Step.Again;
        }

        if (group.Owner is null && !group.ActiveOn.IsEmpty)
        {
            string node = group.ActiveOn.First(n => IsInReach(draft, group, n));
            draft.SetGroup(Guests.Adopted(draft, group, node) ?? Stopping.TakeOver(draft, group, node));
            return Step.Again;
        }

        if (Guests.IsOutside(draft, group) is { } outside)
        {
            return outside;
        }

        if (group.OldDefinition is not null)
        {
            draft.SetGroup(group with { OldDefinition = null });
            return Step.Again;
        }

        return null;
    }

    /// <summary>The fencing gate and the probe gate: what must be known before the group may be touched. Null: all is known.</summary>
    private static (Cause Why, bool Recovering)? Gate(Draft draft, GroupState group)
    {
        foreach (string name in group.ActiveOn)
        {
            NodeState node = draft.State.Nodes[name];
            if (node.MaintenanceUntil is not null)
            {
                return (CauseKind.AwayForMaintenance.With(name), false);
            }

            if (!node.Member || node.Phase == NodePhase.Fencing)
            {
                CauseKind kind = node.Phase == NodePhase.LeftCluster ? CauseKind.CannotBeProvenDown : CauseKind.NotProvenDown;
                return (kind.With(name, $"{node.Phase}"), true);
            }
        }

        return Probes.Unprobed(draft, group) is { } unprobed ? (CauseKind.NotProbed.With(unprobed), false) : null;
    }

    /// <summary>
    /// A stop is always safe: what is to be off, what runs twice, and what loses what it requires is stopped where it can be reached,
    /// whatever is not known of other nodes.
    /// </summary>
    private static bool StopsNow(Draft draft, GroupState group) => group.Goal == GroupGoal.Run
        ? !group.ActiveOn.IsEmpty && group.ActiveOn.All(n => IsInReach(draft, group, n))
            && (group.ActiveOn.Count > 1 || GroupDependencies.LosesRequired(draft.State, group))
        : group.Owner is { } owner ? IsInReach(draft, group, owner)
        : group.ActiveOn.IsEmpty ? group.Goal is GroupGoal.Stop or GroupGoal.Disable
        : group.ActiveOn.Any(n => IsInReach(draft, group, n));

    /// <summary>The node is here, has said what it has of the group, and can be told to stop it.</summary>
    public static bool IsInReach(Draft draft, GroupState group, string name) =>
        draft.State.Nodes[name] is { Member: true, MaintenanceUntil: null } node
        && node.Phase != NodePhase.Fencing && node.ProbedVersion >= group.ProbeVersion;

    /// <summary>What requires the group stops before it. Null: nothing is in the way of a stop, or none is due.</summary>
    private static Cause? DependantsFirst(Draft draft, GroupState group)
    {
        if (!GroupDependencies.IsStopping(group))
        {
            return null;
        }

        // One that waits itself, for a fencing or a probe, would keep this one from being recovered.
        string[] active =
        [
            .. GroupDependencies.StopBefore(draft.State, group).Where(g => Gate(draft, g) is null || StopsNow(draft, g))
                .Select(g => g.Name),
        ];
        return active.Length == 0
            ? null
            : (active.Length == 1 ? CauseKind.DependantStopsFirst : CauseKind.DependantsStopFirst).With(Names.Shorten(active));
    }

    /// <summary>
    /// A look at all groups may pass it over: it stays where it is, or is off. What else can change that marks it by name.
    /// </summary>
    public static bool Rests(Draft draft, GroupState group) => group.Pending is not null
        || (!draft.State.Restless.Contains(group.Name) && (group.Owner is not { } owner || MayStay(draft, group, owner)));

    /// <summary>All of it counts as running on one node, where it is to run.</summary>
    public static bool IsWhole(GroupState group)
    {
        if (group is not { Goal: GroupGoal.Run, Owner: not null, OldDefinition: null } || group.ActiveOn.Count != 1
            || group.Instance.Resources.ContainsValue(ResourcePhase.Doomed))
        {
            return false;
        }

        ResourceTree tree = ResourceTree.Of(group.Definition);
        return tree.StartOrder.All(
            r => group.Instance.Resources.ContainsKey(r.Id)
                || tree.WithAncestors(r.Id).Any(above => group.Instance.Abandoned.Contains(above.Id)));
    }

    /// <summary>Nothing says that a group that runs is to leave its node.</summary>
    public static bool MayStay(Draft draft, GroupState group, string owner) =>
        draft.State.Nodes[owner].Drain.Goal == DrainGoal.None && Placement.Rank(draft.Configuration, group.Definition, owner) is not null
            && GroupDependencies.Broken(draft.State, group) is null;

    public static Step Record(Draft draft, GroupState group, ResourceConfiguration resource, ActionOperation operation)
    {
        NodeState owner = draft.State.Nodes[group.Owner!];
        var id = new ActionId(draft.IdEpoch, draft.Index, owner.Incarnation, group.Name, resource.Id, operation, 0);
        UnknownAnswers.Overtake(draft, group.Name, owner);
        draft.SetGroup(group with { Pending = new PendingAction(id, owner.Name, resource.Id), OwnerIncarnation = owner.Incarnation });
        return Step.Done;
    }
}
