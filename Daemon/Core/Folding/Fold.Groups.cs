using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

internal sealed partial class Fold
{
    private enum Step
    {
        /// <summary>Something changed; look again.</summary>
        Again,

        /// <summary>Nothing more can be decided now.</summary>
        Done,
    }

    private void SettleGroup(string name)
    {
        for (int round = 0; round < MaxRounds; round++)
        {
            if (!state.Groups.TryGetValue(name, out GroupState? group) || group.Pending is not null || SettleOnce(group) == Step.Done)
            {
                return;
            }
        }

        Unsettled(name);
    }

    private Step SettleOnce(GroupState group)
    {
        if (state.StopOnly is { } self)
        {
            if (group is { Phase: GroupPhase.Stopping, ActiveOn.IsEmpty: true, Frozen: false })
            {
                SetGroup(group with { Phase = GroupPhase.Stopped });
                return Step.Done;
            }

            return group.Frozen || !group.ActiveOn.Contains(self) || group.Phase == GroupPhase.Failed ? Step.Done : StopHere(group, self);
        }

        if (state.Quorum != Quorum.Quorate || Configuration.Version == 0)
        {
            return Step.Done;
        }

        if (group.Frozen)
        {
            return SettleFrozen(group);
        }

        if (group.Phase == GroupPhase.Failed)
        {
            // It waits for an operator, and its reason says so.
            return EndWait(group);
        }

        if (Gate(group) is { } obstacle && !StopsNow(group))
        {
            return Wait(group, obstacle.Why, obstacle.Recovering);
        }

        if (StopWaits(group) is { } stop)
        {
            return Wait(group, stop, recovering: false);
        }

        if (Doubt(group) is { } doubt)
        {
            return WaitForWord(group, doubt);
        }

        if (Unsure(group) is { } unsure)
        {
            return Runs(group, unsure);
        }

        if (IsOnSand(group))
        {
            SetGroup(DoomAll(group));
            return Step.Again;
        }

        if (group.Final is { } final)
        {
            return CarryOut(group, final);
        }

        if (group is { AwaitsVerdict: true, Goal: GroupGoal.Run, Owner: null })
        {
            return Wait(group, "an event script is asked where it goes", recovering: false);
        }

        if (DependantsFirst(group) is { } dependants)
        {
            return Wait(group, dependants, recovering: false);
        }

        if (StartsAfterOthers(group))
        {
            return Wait(group, TakesOver(group), recovering: false);
        }

        if (group.Waits is not null)
        {
            // What was not sure is now, and is told as any start is.
            SetGroup(group with { Waits = null, Phase = group.IsUnconfirmed && group is { Goal: GroupGoal.Run, Owner: not null } ? GroupPhase.Starting : group.Phase });
            return Step.Again;
        }

        if (NextDoomed(group) is { } doomed)
        {
            return Record(group, doomed, ActionOperation.Stop);
        }

        if (!group.Stuck.IsEmpty)
        {
            Fail(group, group.Stuck[0], "what else could be stopped is.");
            return Step.Again;
        }

        if (group.OldDefinition is not null)
        {
            SetGroup(group with { OldDefinition = null });
            return Step.Again;
        }

        if (group.Owner is null && !group.ActiveOn.IsEmpty)
        {
            SetGroup(DoomAll(TakeOver(group, group.ActiveOn.FirstOrDefault(n => IsInReach(group, n)) ?? group.ActiveOn[0])));
            return Step.Again;
        }

        return group.Goal switch
        {
            GroupGoal.Run => group.Owner is null ? Place(group) : RunHere(group, group.Owner),
            GroupGoal.Stop or GroupGoal.Disable or GroupGoal.Remove => group.Owner is null ? Rest(group) : Stop(group, GroupPhase.Stopping),
            _ => throw new InvalidOperationException($"Unknown goal {group.Goal}."),
        };
    }

    /// <summary>The fencing gate and the probe gate: what must be known before the group may be touched. Null: all is known.</summary>
    private (string Why, bool Recovering)? Gate(GroupState group)
    {
        foreach (string name in group.ActiveOn)
        {
            NodeState node = state.Nodes[name];
            if (node.MaintenanceUntil is not null)
            {
                return ($"node {name} is away for planned maintenance", false);
            }

            if (!node.Member || node.Phase == NodePhase.Fencing)
            {
                string remedy = node.Phase == NodePhase.LeftCluster ? $"; if it is surely dead, run Confirm-ClusterNodeDown {name}" : "";
                return ($"node {name} is {node.Phase} and not proven down{remedy}", true);
            }
        }

        return Unprobed(group) is { } unprobed ? ($"node {unprobed} has not answered its probe", false) : null;
    }

    /// <summary>
    /// A stop is always safe: what is to be off, what runs twice, and what loses what it requires is stopped where it can be reached, whatever
    /// is not known of other nodes.
    /// </summary>
    private bool StopsNow(GroupState group) => group.Goal == GroupGoal.Run
        ? group.Owner is not null && group.ActiveOn.All(n => IsInReach(group, n)) && (group.ActiveOn.Count > 1 || GroupDependencies.LosesRequired(state, group))
        : group.Owner is { } owner ? IsInReach(group, owner)
        : group.ActiveOn.IsEmpty ? group.Goal is GroupGoal.Stop or GroupGoal.Disable
        : group.ActiveOn.Any(n => IsInReach(group, n));

    /// <summary>The node is here, has said what it has of the group, and can be told to stop it.</summary>
    private bool IsInReach(GroupState group, string name) =>
        state.Nodes[name] is { Member: true, MaintenanceUntil: null } node
        && node.Phase is not (NodePhase.Joining or NodePhase.Fencing or NodePhase.Down)
        && node.ProbedVersion >= group.ProbeVersion;

    /// <summary>What requires the group stops before it. Null: nothing is in the way of a stop, or none is due.</summary>
    private string? DependantsFirst(GroupState group)
    {
        if (!GroupDependencies.IsStopping(group))
        {
            return null;
        }

        // One that waits itself, for a fencing or a probe, would keep this one from being recovered.
        string[] active = [.. GroupDependencies.StopBefore(state, group).Where(g => Gate(g) is null || StopsNow(g)).Select(g => g.Name)];
        return active.Length == 0 ? null : $"{(active.Length == 1 ? "group" : "groups")} {Shorten(active)} {(active.Length == 1 ? "requires" : "require")} it and must stop first";
    }

    private string? Unprobed(GroupState group)
    {
        // Every member answers for every group, and so must whoever else could run it, unless proven down.
        foreach (NodeState node in Lagging())
        {
            if (node.ProbedVersion < group.ProbeVersion
                && (node.Member || group.ActiveOn.Contains(node.Name) || Placement.Rank(Configuration, group.Definition, node.Name) is not null
                    // What it might run it was allowed to by an earlier configuration.
                    || (node.ProbedVersion == 0 && Configuration.Version != state.FormedVersion)))
            {
                return node.Name;
            }
        }

        return null;
    }

    /// <summary>Nodes that owe an answer to some probe; mostly none.</summary>
    private List<NodeState> Lagging()
    {
        if (lagging is null)
        {
            lagging = [];
            foreach (NodeState node in state.Nodes.Values)
            {
                if (node.ProbedVersion < state.ProbeCounter && !node.ProvenDown)
                {
                    lagging.Add(node);
                }
            }
        }

        return lagging;
    }

    /// <summary>Nothing could be decided about it: it is whole on an owner in good order, or meant to be off and off.</summary>
    private bool Rests(GroupState group)
    {
        if (group.Pending is not null)
        {
            return true;
        }

        if (group.Operation is not null || group.Frozen || group.Waits is not null || state.StopOnly is not null)
        {
            return false;
        }

        if (group.Owner is not { } owner)
        {
            return group.ActiveOn.IsEmpty && group is { Phase: GroupPhase.Disabled, Goal: GroupGoal.Disable };
        }

        return group is { Phase: GroupPhase.Started, Goal: GroupGoal.Run, OldDefinition: null, FailbackTo: null, ReturnTo: null, Gathers: false }
            && group.Abandoned.IsEmpty
            && group.Definition.Dependencies.IsDefaultOrEmpty
            && group.ActiveOn.Count == 1
            && group.Resources.Count == ResourceTree.Of(group.Definition).StartOrder.Length
            && state.Nodes.TryGetValue(owner, out NodeState? node)
            && node is { Phase: NodePhase.Online, Member: true, Drain: DrainGoal.None, MaintenanceUntil: null }
            && node.Incarnation == group.OwnerIncarnation
            && !node.Answers.ContainsKey(group.Name)
            && Placement.Rank(Configuration, group.Definition, owner) is not null
            && !group.Resources.ContainsValue(ResourcePhase.Doomed);
    }

    private Step EndWait(GroupState group)
    {
        if (group.Waits is not null)
        {
            SetGroup(group with { Waits = null });
        }

        return Step.Done;
    }

    /// <summary>It runs; why that is not sure, or why nothing may be done with it now, is told beside.</summary>
    private Step Runs(GroupState group, string why)
    {
        if (group.Phase != GroupPhase.Started || group.Waits != why)
        {
            SetGroup(group with { Phase = GroupPhase.Started, Waits = why });
        }

        return Step.Done;
    }

    /// <summary>Nothing is known to run, and a node that may have it can't tell.</summary>
    private Step WaitForWord(GroupState group, string why)
    {
        if (group.Waits != why)
        {
            // Told once, however the agent's words change from answer to answer.
            if (group.Waits?.StartsWith(Description.NotKnown, StringComparison.Ordinal) != true)
            {
                Journal(JournalSeverity.Warning, "group.waits", $"Group '{group.Name}' waits: {why}.", group: group.Name);
            }

            SetGroup(group with { Waits = why });
        }

        EndOperation(
            group.Operation, false, $"Group '{group.Name}' runs nowhere: {why}.",
            o => SetGroup(state.Groups[group.Name] with { Operation = o }));
        return Step.Done;
    }

    private Step Wait(GroupState group, string why, bool recovering)
    {
        if (!recovering && (group.Phase != GroupPhase.Started || group.Waits is not null) && IsWhole(group) && IsInReach(group, group.Owner!))
        {
            return Runs(group, why);
        }

        // At rest it waits for nothing, and a joining node costs no copy of every group.
        bool rests = group.Owner is null
            ? group.ActiveOn.IsEmpty && group.Phase is GroupPhase.Disabled or GroupPhase.Stopped && group.Goal is GroupGoal.Disable or GroupGoal.Stop
            : !recovering && group is { Phase: GroupPhase.Started, Operation: null } && IsWhole(group) && !state.Nodes[group.Owner].Answers.ContainsKey(group.Name) && MayStay(group, group.Owner);
        if (rests)
        {
            return EndWait(group);
        }

        GroupPhase phase = recovering && group.Phase is GroupPhase.Started or GroupPhase.Starting ? GroupPhase.Recovering : group.Phase;
        if (group.Waits != why || phase != group.Phase)
        {
            SetGroup(group with { Waits = why, Phase = phase });
            if (recovering)
            {
                Journal(JournalSeverity.Warning, "group.blocked", $"Group '{group.Name}' waits: {why}.", group.Owner, group.Name);
            }
        }

        return Step.Done;
    }

    /// <summary>Nothing says that a group that runs is to leave its node.</summary>
    private bool MayStay(GroupState group, string owner) =>
        state.Nodes[owner].Drain == DrainGoal.None && Placement.Rank(Configuration, group.Definition, owner) is not null && GroupDependencies.Broken(state, group) is null;

    private static ResourceConfiguration? NextDoomed(GroupState group)
    {
        if (!group.Resources.ContainsValue(ResourcePhase.Doomed))
        {
            return null;
        }

        ResourceTree now = ResourceTree.Of(group.Definition);
        ResourceTree before = group.OldDefinition is { } old ? ResourceTree.Of(old) : now;
        // What runs below a doomed resource goes with it, and first.
        return StopOrder(group).FirstOrDefault(resource =>
            group.Resources.ContainsKey(resource.Id)
            && (before.Find(resource.Id) is null ? now : before).Line(resource.Id).Any(r => IsDoomed(group, r.Id))
            && !group.Stuck.Any(s => before.IsWithin(s, resource.Id) || now.IsWithin(s, resource.Id)));
    }

    /// <summary>All that may run of the group, by whichever definition it came to run: what was added stands below what was there, or beside it.</summary>
    private static IEnumerable<ResourceConfiguration> StopOrder(GroupState group)
    {
        ResourceTree now = ResourceTree.Of(group.Definition);
        if (group.OldDefinition is not { } old)
        {
            return now.StopOrder;
        }

        ResourceTree before = ResourceTree.Of(old);
        return now.StopOrder.Where(r => before.Find(r.Id) is null).Concat(before.StopOrder);
    }

    private static bool IsDoomed(GroupState group, string resource) =>
        group.Resources.TryGetValue(resource, out ResourcePhase phase) && phase == ResourcePhase.Doomed;

    private Step Record(GroupState group, ResourceConfiguration resource, ActionOperation operation)
    {
        NodeState owner = state.Nodes[group.Owner!];
        var id = new ActionId(IdEpoch, index, owner.Incarnation, group.Name, resource.Id, operation, 0);
        Overtake(group.Name, owner);
        SetGroup(group with { Pending = new PendingAction(id, owner.Name, resource.Id), OwnerIncarnation = owner.Incarnation });
        return Step.Done;
    }

    /// <summary>The group as seen from another node on which it may be active; everything there is in doubt.</summary>
    private GroupState TakeOver(GroupState group, string node) => group with
    {
        Owner = node,
        OwnerIncarnation = state.Nodes[node].Incarnation,
        ActiveOn = group.ActiveOn.Add(node),
        Resources = StopOrder(group).ToImmutableSortedDictionary(r => r.Id, _ => ResourcePhase.Doomed, StringComparer.Ordinal),
    };

    private static GroupState DoomAll(GroupState group) => group with
    {
        Abandoned = Names.None,
        StartTries = group.StartTries.Clear(),
        Resources = group.Resources.ToImmutableSortedDictionary(r => r.Key, _ => ResourcePhase.Doomed, StringComparer.Ordinal),
    };

    private static GroupState Doom(GroupState group, string root)
    {
        ResourceTree tree = ResourceTree.Of(group.OldDefinition ?? group.Definition);
        return group with
        {
            Resources = group.Resources
                .ToImmutableSortedDictionary(r => r.Key, r => tree.IsWithin(r.Key, root) ? ResourcePhase.Doomed : r.Value, StringComparer.Ordinal),
        };
    }

    /// <summary>The group without a node on which nothing of it is active any more.</summary>
    private static GroupState FreeFrom(GroupState group, string node)
    {
        GroupState next = group with { ActiveOn = group.ActiveOn.Remove(node) };
        return group.Owner != node ? next : next with
        {
            Owner = null,
            Resources = group.Resources.Clear(),
            Abandoned = Names.None,
            StartTries = group.StartTries.Clear(),
            StopTries = group.StopTries.Clear(),
            StopAgain = null,
            Checks = group.Checks.Clear(),
            Refused = Names.None,
            Stuck = Names.None,
            Final = null,
        };
    }

    private Step Stop(GroupState group, GroupPhase phase)
    {
        if (group.Resources.IsEmpty)
        {
            Forget(group.Name, group.Owner!);
        }

        SetGroup(group.Resources.IsEmpty ? FreeFrom(group, group.Owner!) with { Phase = phase } : DoomAll(group) with { Phase = phase });
        return Step.Again;
    }

    private Step StopHere(GroupState group, string self)
    {
        if (group.Owner != self)
        {
            SetGroup(TakeOver(group, self));
            return Step.Again;
        }

        if (StopWaits(group) is not null)
        {
            return Step.Done;
        }

        if (NextDoomed(group) is { } doomed)
        {
            return Record(group, doomed, ActionOperation.Stop);
        }

        return Stop(group, GroupPhase.Stopping);
    }

    private Step Rest(GroupState group)
    {
        switch (group.Goal)
        {
            case GroupGoal.Remove:
                EndOperation(group.Operation, true, $"Group '{group.Name}' is removed.", _ => { });
                string[] silent = [.. Doubtful().Where(n => state.Nodes[n].Answers.GetValueOrDefault(group.Name)?.Answer == FoundAnswer.Unknown)];
                RemoveGroup(group);
                Journal(
                    silent.Length == 0 ? JournalSeverity.Information : JournalSeverity.Warning, "group.removed",
                    $"Group '{group.Name}' is removed.{(silent.Length == 0 ? "" : $" {Shorten(silent)} could not tell whether it runs there; look there.")}", group: group.Name);
                return Step.Done;
            case GroupGoal.Run:
            case GroupGoal.Stop:
            case GroupGoal.Disable:
                GroupPhase phase = group.Goal == GroupGoal.Disable ? GroupPhase.Disabled : GroupPhase.Stopped;
                if (group.Phase != phase)
                {
                    SetGroup(group with { Phase = phase, Asked = null, Last = null, Tried = Names.None, FailbackTo = null, ReturnTo = null, RetryAt = null, Unplaced = false });
                    Journal(JournalSeverity.Information, $"group.{phase.ToString().ToLowerInvariant()}", $"Group '{group.Name}' is {phase}.", group: group.Name);
                }

                EndOperation(group.Operation, true, $"Group '{group.Name}' is {phase}.", o => SetGroup(state.Groups[group.Name] with { Operation = o }));
                return Step.Done;
            default:
                throw new InvalidOperationException($"Unknown goal {group.Goal}.");
        }
    }

    private Step Place(GroupState group)
    {
        if (GroupDependencies.Unmet(state, group) is { } unmet)
        {
            return Unmet(group, unmet);
        }

        if (group.RetryAt is { } retry)
        {
            if (state.Time < retry)
            {
                At(retry, DeadlineKind.Group, group.Name);
                if (group.Phase != GroupPhase.Stopped)
                {
                    SetGroup(group with { Phase = GroupPhase.Stopped });
                }

                return Step.Done;
            }

            SetGroup(group with { RetryAt = null, Tried = Names.None });
            return Step.Again;
        }

        if (IsUsedUp(group) || Placement.Choose(state, group) is not { } node)
        {
            return Unplaced(group);
        }

        if (AsksScript(group, node))
        {
            return Step.Again;
        }

        string heard = HeardVerdict(group, node);
        string why = heard == node ? Description.Choice(state, group, node) : $"decided by event script '{group.Verdict!.Script}'";
        node = heard;
        SetGroup(group with
        {
            Verdict = null,
            Unplaced = false,
            Owner = node,
            OwnerIncarnation = state.Nodes[node].Incarnation,
            ActiveOn = group.ActiveOn.Add(node),
            Resources = group.Resources.Clear(),
            Abandoned = Names.None,
            Phase = group.Phase == GroupPhase.Recovering ? GroupPhase.Recovering : GroupPhase.Starting,
            LastMove = new GroupMove(group.Phase == GroupPhase.Stopped ? null : group.LastMove?.To, node, CameBy(group, why), group.By, wallTime),
            By = null,
            Reason = why,
        });
        Journal(JournalSeverity.Information, "group.start", $"Group '{group.Name}' starts on {node}: {why}.", node, group.Name);
        return Step.Again;
    }

    /// <summary>Why a group left where it was, and why it goes where it goes.</summary>
    private static string CameBy(GroupState group, string choice) =>
        group.Phase == GroupPhase.Stopped || group.Reason.Length == 0 || choice.StartsWith(group.Reason, StringComparison.Ordinal) ? choice : $"{group.Reason}; {choice}";

    private Step Unmet(GroupState group, string why)
    {
        if (group.Phase != GroupPhase.Stopped || group.Reason != why)
        {
            Journal(JournalSeverity.Information, "group.waits", $"Group '{group.Name}' waits: {why}.", group: group.Name);
        }

        if (group.Phase != GroupPhase.Stopped || group.Reason != why || !group.Tried.IsEmpty || group.RetryAt is not null || group.Verdict is not null || group.Unplaced)
        {
            // Where it failed without what it requires says nothing of where it can run with it.
            SetGroup(group with { Phase = GroupPhase.Stopped, Reason = why, Tried = Names.None, RetryAt = null, Verdict = null, Unplaced = false });
        }

        if (GroupDependencies.IsHopeless(state, group))
        {
            EndOperation(
                group.Operation, false, $"Group '{group.Name}' runs nowhere: {why}. It starts when that is started.",
                o => SetGroup(state.Groups[group.Name] with { Operation = o }));
        }

        return Step.Done;
    }

    private Step Unplaced(GroupState group)
    {
        if (group.Verdict is not null)
        {
            // It was said of a choice that there is no more.
            SetGroup(group with { Verdict = null });
            return Step.Again;
        }

        bool failed = !group.Tried.IsEmpty;
        string why = Description.Unplaced(state, group) + (IsUsedUp(group) ? $"; its failover count of {group.TryLimit} is used up" : "");
        string told = failed && group.Failure is { } failure ? failure.Explain(why) : why;
        if (failed)
        {
            long retry = state.Time + Configuration.Timing.RetryDelay;
            SetGroup(group with { Phase = GroupPhase.Stopped, RetryAt = retry, Asked = null, Last = null, Reason = why });
            At(retry, DeadlineKind.Group, group.Name);
            Journal(
                JournalSeverity.Error,
                "group.unplaced",
                $"Group '{group.Name}' could not be started anywhere: {told}. It is tried again in {SpanText.Of(Configuration.Timing.RetryDelay)} or when the membership changes.",
                group: group.Name);
        }
        else if (group.Phase != GroupPhase.Stopped || group.Reason != why || !group.Unplaced)
        {
            SetGroup(group with { Phase = GroupPhase.Stopped, Reason = why, Unplaced = true });
            if (group.Phase != GroupPhase.Stopped || !group.Unplaced)
            {
                // The nodes journal what becomes of them; that it still waits needs no line for each.
                Journal(JournalSeverity.Warning, "group.unplaced", $"Group '{group.Name}' waits for a node: {why}.", group: group.Name);
            }
        }

        EndOperation(
            group.Operation, false, $"Group '{group.Name}' runs nowhere: {told}.",
            o => SetGroup(state.Groups[group.Name] with { Operation = o }));
        return Step.Done;
    }

    private Step RunHere(GroupState group, string owner)
    {
        if (group.ActiveOn.Count > 1)
        {
            Journal(
                JournalSeverity.Error,
                "group.twice",
                $"Group '{group.Name}' was found active on {Shorten(group.ActiveOn)}; it is stopped everywhere and started once.",
                group: group.Name);
            SetGroup(DoomAll(group with { Phase = GroupPhase.Recovering }));
            return group.Resources.IsEmpty ? Stop(state.Groups[group.Name], GroupPhase.Recovering) : Step.Again;
        }

        NodeState node = state.Nodes[owner];
        bool allowed = Placement.Rank(Configuration, group.Definition, owner) is not null;
        if (node.Drain != DrainGoal.None || !allowed)
        {
            string why = allowed ? $"node {owner} is being emptied" : $"node {owner} is not in its restricted domain";
            Journal(JournalSeverity.Information, "group.stop", $"Group '{group.Name}' leaves {owner}: {why}.", owner, group.Name);
            bool drained = node.Drain == DrainGoal.Standby && allowed;
            if (drained)
            {
                SetNode(node with { Moved = node.Moved.Add(group.Name) }, settle: false);
            }

            string? who = node.Drain != DrainGoal.None && node.Operation is { } asked ? state.Operations.GetValueOrDefault(asked)?.Who : null;
            SetGroup(group with { Reason = why, By = who, Asked = node.Drain == DrainGoal.None ? null : node.DrainTo, Last = null });
            return Stop(state.Groups[group.Name], GroupPhase.Stopping);
        }

        if (GroupDependencies.Broken(state, group) is { } broken)
        {
            Journal(JournalSeverity.Information, "group.stop", $"Group '{group.Name}' leaves {owner}: {broken}.", owner, group.Name);
            SetGroup(group with { Reason = broken, By = null, Asked = null, Last = null });
            return Stop(state.Groups[group.Name], GroupPhase.Stopping);
        }

        ResourceTree tree = ResourceTree.Of(group.Definition);
        foreach ((string id, _) in group.Resources)
        {
            // A child that was found running without its parent goes first.
            if (tree.Line(id).Any(r => !group.Resources.ContainsKey(r.Id)))
            {
                SetGroup(Doom(group, id));
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

                return Record(group, resource, ActionOperation.Start);
            }
        }

        return Started(group, owner);
    }

    private Step Started(GroupState group, string owner)
    {
        if (group.Phase != GroupPhase.Started)
        {
            string missing = group.Abandoned.IsEmpty ? "" : $" without {Shorten(group.Abandoned)}";
            string others = group.Tried.Remove(owner) is { IsEmpty: false } tried ? $"; it could not be started on {Shorten(tried)}" : "";
            SetGroup(group with
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
            MayGather(group.Name, after: group.Name);
            Journal(JournalSeverity.Information, "group.started", $"Group '{group.Name}' is started on {owner}{missing}{others}.", owner, group.Name);
            EndOperation(
                group.Operation, true, $"Group '{group.Name}' is started on {owner}{missing}{others}.",
                o => SetGroup(state.Groups[group.Name] with { Operation = o }));
            return Step.Again;
        }

        if (group.Asked is not null || group.Last is not null)
        {
            // Where it was to go before it was found to be well where it is.
            SetGroup(group with { Asked = null, Last = null });
            return Step.Again;
        }

        if (group.Operation is not null)
        {
            EndOperation(
                group.Operation, true, $"Group '{group.Name}' is started on {owner}.",
                o => SetGroup(state.Groups[group.Name] with { Operation = o }));
            return Step.Again;
        }

        if (group.Gathers)
        {
            return Gather(group, owner);
        }

        if (group.ReturnTo is { } home)
        {
            // At once or not at all: what stands in the way today is no reason to move tomorrow.
            if (home == owner || Placement.Obstacle(state, group, home) is not null || GroupDependencies.Misfit(state, group, home) is not null)
            {
                SetGroup(group with { ReturnTo = null });
                return Step.Again;
            }

            string back = $"brought back to {home}, which has been resumed";
            Journal(JournalSeverity.Information, "group.failback", $"Group '{group.Name}' moves from {owner} to {home}: {back}.", home, group.Name);
            SetGroup(group with { ReturnTo = null, FailbackTo = null, Asked = home, Last = null, By = null, Reason = back });
            return Stop(state.Groups[group.Name], GroupPhase.Stopping);
        }

        if (group.FailbackTo is not { } better)
        {
            return Step.Done;
        }

        if (!Better(group, better, owner))
        {
            SetGroup(group with { FailbackTo = null });
            return Step.Done;
        }

        if (Placement.Obstacle(state, group, better) is not null || GroupDependencies.Misfit(state, group, better) is not null)
        {
            // It may become free later; until then the group stays.
            return Step.Done;
        }

        string reason = $"node {better} is up and stands before {owner} in domain '{group.Definition.Domain}'";
        Journal(JournalSeverity.Information, "group.failback", $"Group '{group.Name}' moves from {owner} to {better}: {reason}.", better, group.Name);
        SetGroup(group with { FailbackTo = null, Asked = better, Last = null, By = null, Reason = reason });
        return Stop(state.Groups[group.Name], GroupPhase.Stopping);
    }

    /// <summary>The leader of a set takes it where all of it may run; where there is no such node now, it stays and looks again.</summary>
    private Step Gather(GroupState group, string owner)
    {
        if (GroupDependencies.Misfit(state, group, owner) is not { } misfit)
        {
            SetGroup(group with { Gathers = false });
            return Step.Again;
        }

        if (Placement.ForAll(state, group with { Tried = group.Tried.Add(owner), Asked = null }) is not { } node)
        {
            return Step.Done;
        }

        string why = $"{owner} {misfit}";
        Journal(JournalSeverity.Information, "group.gather", $"Group '{group.Name}' moves from {owner} to {node}: {why}.", node, group.Name);
        SetGroup(group with { Gathers = false, FailbackTo = null, ReturnTo = null, Asked = node, Last = owner, By = null, Reason = why });
        return Stop(state.Groups[group.Name], GroupPhase.Stopping);
    }

    /// <summary>What shares the group's node has come to want another one, or another one has come up.</summary>
    /// <param name="name">One of the set.</param>
    /// <param name="after">Only leaders behind this one in order; null: all.</param>
    private void MayGather(string name, string? after = null)
    {
        foreach (string leader in GroupDependencies.Together(Configuration, name).Where(other => GroupDependencies.Leads(Configuration, other)))
        {
            if ((after is null || string.CompareOrdinal(leader, after) > 0) && state.Groups.TryGetValue(leader, out GroupState? group) && group is { Owner: { } owner, Frozen: false, Gathers: false }
                && GroupDependencies.Misfit(state, group, owner) is not null)
            {
                SetGroup(group with { Gathers = true });
            }
        }
    }

    private void AllMayGather()
    {
        foreach (IReadOnlyCollection<string> set in GroupDependencies.Sets(Configuration))
        {
            MayGather(set.First());
        }
    }

    private Step SettleFrozen(GroupState group)
    {
        if (!group.Unfreezing || (group.Owner is { } owner && !OwnerIsBack(group, owner)))
        {
            return EndWait(group);
        }

        // What happened while nobody looked is found out before anything is done.
        DemandProbes(state.ProbeCounter + 1);
        // A final action of what failed while it was frozen would come out of the blue: what is to start or stop is tried again first.
        SetGroup(WithFailback(group) with { Frozen = false, Unfreezing = false, Final = null, Tried = Names.None, ProbeVersion = state.ProbeCounter, Reason = "unfrozen" });
        Journal(JournalSeverity.Information, "group.unfrozen", $"Group '{group.Name}' is unfrozen.", group: group.Name);
        EndOperation(
            group.Operation, true, $"Group '{group.Name}' is unfrozen.",
            o => SetGroup(state.Groups[group.Name] with { Operation = o }));
        return Step.Again;
    }

    private bool OwnerIsBack(GroupState group, string owner) =>
        state.Nodes[owner] is { Member: true } node
        && node.Phase is not (NodePhase.Joining or NodePhase.Fencing or NodePhase.Down)
        && node.ProbedVersion >= group.ProbeVersion;

    /// <param name="id">The operation; null: there is none.</param>
    /// <param name="success">Whether it has done what was asked.</param>
    /// <param name="message">What came of it.</param>
    /// <param name="clear">Takes it off what it worked on.</param>
    /// <param name="asked">Somebody took it back or it was refused: nothing is wrong with the cluster.</param>
    private void EndOperation(string? id, bool success, string message, Action<string?> clear, bool asked = false)
    {
        if (id is null)
        {
            return;
        }

        if (state.Operations.TryGetValue(id, out OperationState? operation) && operation.Phase == OperationPhase.Running)
        {
            state = state with
            {
                Operations = state.Operations.SetItem(id, operation with
                {
                    Phase = success ? OperationPhase.Succeeded : OperationPhase.Failed,
                    Message = PlainText.CutWords(PlainText.Escape(message), TextLimits.Outcome),
                    Ended = index,
                    EndedAt = wallTime,
                }),
            };
            Journal(
                success || asked ? JournalSeverity.Information : JournalSeverity.Error,
                success ? "operation.succeeded" : "operation.failed",
                $"{OperationWords.Sentence(operation.Kind, operation.Target)}: {message}",
                who: operation.Who);
        }

        clear(null);
    }
}
