using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

internal sealed partial class Fold
{
    private void Apply(Probed e)
    {
        if (e.Id.Operation == ActionOperation.Ask)
        {
            Answered(e);
            return;
        }

        if (!state.Nodes.TryGetValue(e.Id.Target, out NodeState? node) || node.Probe?.Id != e.Id)
        {
            Ignore();
            return;
        }

        long before = node.ProbedVersion;
        SetNode(node with { ProbedVersion = node.Probe.Covers, Probe = null, Level = e.Level });
        ILookup<string, FoundResource> found = e.Found.ToLookup(f => f.Group, StringComparer.Ordinal);
        foreach (GroupState group in state.Groups.Values)
        {
            // What another group is stopping still is not found running here: it is asked again when that has ended.
            if (group.ProbeVersion > before && group.ProbeVersion <= node.Probe.Covers && group.Follows.IsEmpty)
            {
                Learn(group, node, found[group.Name]);
            }
        }

        state = state with
        {
            FunctionalLevel = state.Nodes.Values.Where(n => n.Member && n.Level > 0).Select(n => n.Level).Append(Cluster.FunctionalLevel).Min(),
        };
        if (node.Phase == NodePhase.Joining)
        {
            NodePhase phase = node.Drain == DrainGoal.Standby ? NodePhase.Draining : NodePhase.Online;
            SetNode(state.Nodes[node.Name] with { Phase = phase, Why = phase != NodePhase.Online ? "is being emptied" : node.Paused ? "is paused still" : "has answered its probe" });
            Journal(JournalSeverity.Information, "node.online", $"Node {node.Name} is {state.Nodes[node.Name].Standing}.", node.Name);
            NodeUp(node.Name, failback: phase == NodePhase.Online);
        }

        DirtyAll();
    }

    /// <summary>What a node says of a group replaces what was assumed of it there; what it can't tell replaces nothing.</summary>
    private void Learn(GroupState group, NodeState node, IEnumerable<FoundResource> answers)
    {
        FoundResource[] found =
        [
            .. answers
                // What no definition knows could never be stopped.
                .Where(f => ResourceTree.Of(group.Definition).Find(f.Resource) is not null
                    || (group.OldDefinition is { } old && ResourceTree.Of(old).Find(f.Resource) is not null))
                .Select(f => ByTheRecord(group, node.Name, f)),
        ];
        Note(group, node.Name, found);
        ImmutableSortedDictionary<string, ResourcePhase> resources = WithUnknown(group, node.Name, found, found
            .Where(f => f.Answer is FoundAnswer.Runs or FoundAnswer.Broken)
            .GroupBy(f => f.Resource, StringComparer.Ordinal)
            .ToImmutableSortedDictionary(f => f.Key, f => f.All(r => r.Answer == FoundAnswer.Runs) ? ResourcePhase.Running : ResourcePhase.Doomed, StringComparer.Ordinal));
        // A probe speaks of the new definition; what runs by the old one stays doomed until it is stopped.
        bool changing = group.OldDefinition is not null && group.Owner == node.Name;
        // What was to be stopped there is so still, if it runs: an order to move or restart is not forgotten because its node was away.
        bool stopping = group.Owner == node.Name && group.Resources.ContainsValue(ResourcePhase.Doomed);
        if (stopping)
        {
            resources = resources.SetItems(group.Resources.Where(r => r.Value == ResourcePhase.Doomed && (changing || resources.ContainsKey(r.Key))));
        }

        if (resources.IsEmpty && !changing)
        {
            NotFound(group, node.Name, found.Any(f => f.Answer == FoundAnswer.Unknown));
            return;
        }

        if (group.Owner is not null && group.Owner != node.Name)
        {
            SetGroup(group with { ActiveOn = group.ActiveOn.Add(node.Name) });
            Journal(JournalSeverity.Error, "group.found", $"Group '{group.Name}' was found on {node.Name} too.", node.Name, group.Name);
            return;
        }

        ResourceTree tree = ResourceTree.Of(group.OldDefinition ?? group.Definition);
        GroupState next = group with
        {
            Owner = node.Name,
            OwnerIncarnation = node.Incarnation,
            ActiveOn = group.ActiveOn.Add(node.Name),
            Resources = resources,
            // What could not be stopped and runs still is tried again; what no longer runs has stopped.
            Stuck = Names.None,
        };
        bool lost = !changing && group.Resources.Any(r => r.Value == ResourcePhase.Running && !resources.ContainsKey(r.Key));
        bool adopt = group.Owner is null && tree.StartOrder.All(r => resources.TryGetValue(r.Id, out ResourcePhase p) && p == ResourcePhase.Running);
        if (!group.Frozen && group.Phase != GroupPhase.Failed)
        {
            bool whole = changing || (!lost && (stopping || !resources.ContainsValue(ResourcePhase.Doomed)));
            if (!whole || (group.Owner is null && !adopt))
            {
                // Half of a tree is not mended piece by piece: it is stopped and started in order.
                next = DoomAll(next) with { Phase = GroupPhase.Recovering, Asked = node.Name, Reason = $"found partly running on {node.Name}; restarted there" };
            }
            else if (group.Owner is null)
            {
                bool guest = group.Definition.IsGuest && group is { Goal: GroupGoal.Disable, Phase: GroupPhase.Disabled };
                // Who finds a guest running has no order to stop it.
                next = next with { Goal = guest ? GroupGoal.Run : next.Goal, Reason = $"found running on {node.Name}" };
            }
        }

        SetGroup(next);
        if (group.Owner is null)
        {
            // What has failed here may be left over; only what runs here tells that the group is not on a node that can't tell.
            if (found.Any(f => f.Answer == FoundAnswer.Runs))
            {
                IsNotElsewhere(group.Name);
            }

            if (!group.Frozen)
            {
                SetGroup(WithFailback(next));
            }

            Journal(
                JournalSeverity.Information, "group.found",
                $"Group '{group.Name}' was found {(adopt ? "running" : "partly running")} on {node.Name}.", node.Name, group.Name);
        }
    }

    /// <summary>What runs, with what nobody could tell: by the record, or with the rest of it that does run.</summary>
    private static ImmutableSortedDictionary<string, ResourcePhase> WithUnknown(
        GroupState group, string node, FoundResource[] found, ImmutableSortedDictionary<string, ResourcePhase> resources)
    {
        string[] unknown = [.. found.Where(f => f.Answer == FoundAnswer.Unknown).Select(f => f.Resource).Distinct(StringComparer.Ordinal)];
        if (unknown.Length == 0)
        {
            return resources;
        }

        if (group.Owner == node)
        {
            return resources.SetItems(group.Resources.Where(r => unknown.Contains(r.Key, StringComparer.Ordinal)));
        }

        if (resources.IsEmpty)
        {
            return resources;
        }

        // Some of it is surely there. If some is surely not, all that may be there is stopped before it is started in order.
        bool whole = ResourceTree.Of(group.OldDefinition ?? group.Definition).StartOrder.All(r => resources.ContainsKey(r.Id) || unknown.Contains(r.Id, StringComparer.Ordinal));
        return resources.SetItems(unknown.Select(r => KeyValuePair.Create(r, whole ? ResourcePhase.Running : ResourcePhase.Doomed)));
    }

    /// <summary>Nothing of the group was found on the node, as far as the node can tell.</summary>
    private void NotFound(GroupState group, string node, bool unknown)
    {
        if (unknown || !group.ActiveOn.Contains(node) || group.Pending?.Node == node)
        {
            return;
        }

        // A frozen group keeps its owner: it is what unfreezing waits for.
        if (group.Frozen)
        {
            SetGroup(group with { Resources = group.Resources.Clear() });
            return;
        }

        bool ran = group.Phase == GroupPhase.Started;
        SetGroup(FreeFrom(group, node) with { Phase = ran ? GroupPhase.Recovering : group.Phase });
        MayBeElsewhere(group.Name);
        Journal(
            ran ? JournalSeverity.Warning : JournalSeverity.Information,
            "group.gone", $"Group '{group.Name}' is not running on {node}.", node, group.Name);
    }

    private void Apply(ActionCompleted e)
    {
        if (!state.Groups.TryGetValue(e.Id.Target, out GroupState? group) || group.Pending?.Id != e.Id)
        {
            Ignore();
            return;
        }

        switch (e.Id.Operation)
        {
            case ActionOperation.Start:
                StartCompleted(group with { Pending = null }, e);
                break;
            case ActionOperation.Stop:
                StopCompleted(group with { Pending = null }, e);
                break;
            case ActionOperation.FinalScript:
                FinalScriptCompleted(group with { Pending = null }, e);
                break;
            default:
                Ignore();
                break;
        }
    }

    private void StartCompleted(GroupState group, ActionCompleted e)
    {
        string resource = e.Id.Resource;
        if (e.Success)
        {
            // Doomed already: its definition changed, or the group is to stop, while it was starting.
            bool doomed = state.StopOnly is not null || (group.Resources.TryGetValue(resource, out ResourcePhase phase) && phase == ResourcePhase.Doomed);
            SetGroup(group with
            {
                Resources = group.Resources.SetItem(resource, doomed ? ResourcePhase.Doomed : ResourcePhase.Running),
                StartTries = group.StartTries.Remove(resource),
                Refused = group.Refused.Remove(resource),
            });
            return;
        }

        if (e.Answer == ActionAnswer.NotBegun)
        {
            StartNotBegun(group, e);
            return;
        }

        string owner = group.Owner!;
        Journal(
            JournalSeverity.Error, "resource.start.failure",
            $"Start of {resource} of group '{group.Name}' failed on {owner}: {e.Message}", owner, group.Name, resource);
        GroupState next = group with
        {
            Resources = group.Resources.SetItem(resource, ResourcePhase.Doomed),
            Refused = e.Answer == ActionAnswer.CannotRun ? group.Refused.Add(resource) : group.Refused,
            Failure = Now($"start of {resource} failed", resource, owner, e.Message),
        };
        if (IsDoomed(group, resource))
        {
            // Doomed already: its definition changed while it was starting, and the failure says nothing of the new one.
            SetGroup(next);
            return;
        }

        if (StartAgain(next, resource) is { } again)
        {
            SetGroup(again);
            return;
        }

        if (GiveUpAlone(next, resource) is { } alone)
        {
            SetGroup(alone);
            return;
        }

        ActivationLimits limits = LimitsOf(group, resource);
        GroupState failed = next with { Tried = group.Tried.Add(owner), TryLimit = limits.Failovers, Asked = group.Asked == owner ? null : group.Asked };
        if (limits.StartFinal != FinalAction.Default && group.Goal == GroupGoal.Run && !MayGoElsewhere(failed))
        {
            SetGroup(failed with
            {
                Final = new FinalDecision(resource, limits.StartFinal, AfterStop: false, Scripted: limits.FinalScript is null),
                Reason = $"start of {resource} failed on {owner}",
            });
            return;
        }

        next = DoomAll(failed);
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

        SetGroup(next);
    }

    private GroupFailure Now(string what, string resource, string node, string message) => new(what, resource, node, message, state.Time, wallTime);

    /// <summary>The node could not even begin: nothing has started and nothing has failed, and another node may do better.</summary>
    private void StartNotBegun(GroupState group, ActionCompleted e)
    {
        string resource = e.Id.Resource;
        string owner = group.Owner!;
        Journal(
            JournalSeverity.Warning, "resource.start.notBegun",
            $"Start of {resource} of group '{group.Name}' was not begun on {owner}: {e.Message}", owner, group.Name, resource);
        bool doomed = IsDoomed(group, resource);
        GroupState next = group with
        {
            Resources = group.Resources.Remove(resource),
            Failure = Now($"start of {resource} could not be begun", resource, owner, e.Message),
        };
        if (doomed || group.Goal != GroupGoal.Run)
        {
            SetGroup(next);
            return;
        }

        next = DoomAll(next with { Tried = group.Tried.Add(owner), Asked = group.Asked == owner ? null : group.Asked, Reason = $"start of {resource} could not be begun on {owner}" });
        SetGroup(next.Resources.IsEmpty ? FreeFrom(next, owner) : next);
    }

    private void StopCompleted(GroupState group, ActionCompleted e)
    {
        string resource = e.Id.Resource;
        string owner = group.Owner!;
        if (e.Success || (e.Answer == ActionAnswer.CannotRun && group.Refused.Contains(resource)))
        {
            GroupState next = group with
            {
                Resources = group.Resources.Remove(resource),
                StopTries = group.StopTries.Remove(resource),
                Checks = group.Checks.RemoveRange(group.Checks.Where(c => c.Value.Resource == resource).Select(c => c.Key)),
                StopAgain = null,
                Refused = group.Refused.Remove(resource),
            };
            // A group that goes on without a given-up resource, or tries a start again, keeps its owner, even when nothing else runs yet.
            bool free = next.Resources.IsEmpty && next.Abandoned.IsEmpty && next.StartTries.IsEmpty;
            SetGroup(free ? FreeFrom(next, owner) : next);
            if (free)
            {
                Forget(group.Name, owner);
            }

            return;
        }

        if (StopLater(group, e) is { } later)
        {
            SetGroup(later);
            return;
        }

        group = group with { StopAgain = null };
        ActivationLimits limits = LimitsOf(group, resource);
        int tries = group.StopTries.GetValueOrDefault(resource);
        if (tries < limits.StopRetries)
        {
            SetGroup(group with { StopTries = group.StopTries.SetItem(resource, tries + 1) });
            Journal(
                JournalSeverity.Warning, "resource.stop.retry",
                $"Stop of {resource} of group '{group.Name}' failed on {owner}: {e.Message} It is tried again, {tries + 1} of {limits.StopRetries}.", owner, group.Name, resource);
            return;
        }

        if (limits.StopFinal != FinalAction.Default && state.StopOnly is null)
        {
            Journal(
                JournalSeverity.Error, "resource.stop.failure",
                $"Stop of {resource} of group '{group.Name}' failed on {owner}: {e.Message}", owner, group.Name, resource);
            SetGroup(group with
            {
                StopTries = group.StopTries.Remove(resource),
                Final = new FinalDecision(resource, limits.StopFinal, AfterStop: true, Scripted: limits.FinalScript is null),
            });
            return;
        }

        Fail(group, resource, e.Message);
    }

    /// <summary>A stop has failed for good: nobody knows that the resource is released.</summary>
    private void Fail(GroupState group, string resource, string why)
    {
        string owner = group.Owner!;
        string message =
            $"Group '{group.Name}' is Failed on {owner}: stop of {resource} failed: {why} "
            + (state.StopOnly is null
                ? $"Make sure that its resources are released, then run Stop-ClusterGroup {group.Name}."
                : $"Make sure that its resources are released. Nothing can be asked for without quorum; if it is Failed yet when that is back, run Stop-ClusterGroup {group.Name}.");
        SetGroup(group with
        {
            Phase = GroupPhase.Failed,
            Reason = $"stop of {resource} failed on {owner}",
            Failure = Now($"stop of {resource} failed", resource, owner, why),
            StopTries = group.StopTries.Clear(),
            StopAgain = null,
            Stuck = Names.None,
            Final = null,
        });
        Journal(JournalSeverity.Error, "group.failed", message, owner, group.Name, resource);
        EndOperation(group.Operation, false, message, o => SetGroup(state.Groups[group.Name] with { Operation = o }));
        NodeState node = state.Nodes[owner];
        if (node.Drain != DrainGoal.None)
        {
            EndOperation(node.Operation, false, message, o => SetNode(state.Nodes[owner] with { Operation = o }));
        }
    }

    private void Apply(MonitorFailed e)
    {
        if (Checked(e.Group, e.Resource, e.Node, e.Incarnation) is { } group)
        {
            Failed(group, e.Resource, e.Node, e.Message);
        }
        else
        {
            Ignore();
        }
    }

    /// <summary>The group that a status check speaks of; null: it is not one that is checked there now.</summary>
    private GroupState? Checked(string name, string resource, string node, long incarnation) =>
        state.Quorum == Quorum.Quorate
        && state.Groups.TryGetValue(name, out GroupState? group)
        && group is { Frozen: false, Phase: GroupPhase.Started }
        && group.Owner == node
        && group.OwnerIncarnation == incarnation
        && group.Resources.TryGetValue(resource, out ResourcePhase phase)
        && phase == ResourcePhase.Running
            ? group
            : null;

    /// <summary>A resource has failed where its group runs.</summary>
    private void Failed(GroupState group, string resource, string node, string message)
    {
        Journal(
            JournalSeverity.Error, "resource.failure",
            $"{resource} of group '{group.Name}' has failed on {node}: {message}", node, group.Name, resource);
        group = group with { Checks = group.Checks.Clear(), By = null, Failure = Now($"{resource} failed", resource, node, message) };
        SetGroup(group);
        if (GiveUpAlone(group, resource) is { } alone)
        {
            SetGroup(alone);
            return;
        }

        group = WithFailure(group);
        if (GivenUp(group, resource, node) is { } given)
        {
            SetGroup(given);
            return;
        }

        ResourceTree tree = ResourceTree.Of(group.Definition);
        string? root = tree.Line(resource).FirstOrDefault(r => r.IndependentSubtree)?.Id;
        GroupState? again = Restarted(group);
        // A subtree is restarted by itself as long as it may be; then the group's own policy counts.
        RecoveryPolicy policy = root is not null && again is not null ? RecoveryPolicy.Restart : group.Definition.Recovery;
        SetGroup(policy switch
        {
            RecoveryPolicy.Restart or RecoveryPolicy.RestartDisable when again is { } restarted =>
                (root is null ? DoomAll(restarted) : Doom(restarted, root)) with
                {
                    Phase = GroupPhase.Recovering,
                    Asked = node,
                    DisableOnFailure = group.Definition.Recovery is RecoveryPolicy.RestartDisable or RecoveryPolicy.Disable,
                    Reason = root is null ? $"{resource} failed; restarted in place" : $"{resource} failed; {root} and what needs it are restarted",
                },
            RecoveryPolicy.RestartDisable or RecoveryPolicy.Disable =>
                DoomAll(group) with { Phase = GroupPhase.Stopping, Goal = GroupGoal.Disable, Reason = policy == RecoveryPolicy.Disable
                    ? $"{resource} failed; disabled by its recovery policy"
                    : $"{resource} failed {group.Definition.MaxRestarts + 1} times within {group.Definition.RestartExpireTime} s; disabled by its recovery policy" },
            RecoveryPolicy.Restart or RecoveryPolicy.Relocate =>
                DoomAll(group) with
                {
                    Phase = GroupPhase.Recovering,
                    Asked = null,
                    Last = node,
                    Restarts = [],
                    Reason = policy == RecoveryPolicy.Relocate
                        ? $"{resource} failed; relocated by its recovery policy"
                        : $"{resource} failed {group.Definition.MaxRestarts + 1} times within {group.Definition.RestartExpireTime} s; relocated",
                },
            _ => throw new InvalidOperationException($"Unknown recovery policy {policy}."),
        });
        GroupState decided = state.Groups[group.Name];
        Journal(JournalSeverity.Information, "group.recover", $"Group '{group.Name}': {decided.Reason}.", node, group.Name);
    }

    /// <summary>A non-critical resource is given up with what needs it; the group goes on. Null: it is not one.</summary>
    private GroupState? GiveUpAlone(GroupState group, string resource)
    {
        ResourceTree tree = ResourceTree.Of(group.Definition);
        if (tree.Line(resource).FirstOrDefault(r => r.NonCritical) is not { } root)
        {
            return null;
        }

        Journal(
            JournalSeverity.Warning, "resource.abandoned",
            $"Group '{group.Name}' goes on without {root.Id}, which is not critical. Run Repair-ClusterGroup {group.Name} to try it again.",
            group.Owner, group.Name, root.Id);
        return Doom(group, root.Id) with { Abandoned = group.Abandoned.Add(root.Id) };
    }

    /// <summary>One more restart in place, if the sliding window has room for it (FEATURES B4).</summary>
    private GroupState? Restarted(GroupState group)
    {
        if (group.Definition.MaxRestarts == 0)
        {
            return group;
        }

        long since = state.Time - group.Definition.RestartExpireTime * 1000L;
        ImmutableArray<long> recent = [.. group.Restarts.Where(t => t > since)];
        return recent.Length < group.Definition.MaxRestarts ? group with { Restarts = recent.Add(state.Time) } : null;
    }
}
