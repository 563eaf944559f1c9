using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>What nodes say they have: asked before anything of a group is touched, and learned from.</summary>
internal static class Probes
{
    public static void Settle(Draft draft, NodeState node)
    {
        if (node is { Member: true, Probe: null }
            && node.Phase is not (NodePhase.Fencing or NodePhase.Down)
            && node.ProbedVersion < draft.State.ProbeCounter)
        {
            var id = new ActionId(draft.IdEpoch, draft.Index, node.Incarnation, node.Name, "", ActionOperation.Probe, 0);
            draft.SetNode(node with { Probe = new ProbeAction(id, draft.State.ProbeCounter) }, settle: false);
        }
    }

    public static string? Unprobed(Draft draft, GroupState group)
    {
        // Every member answers for every group, and so must whoever else could run it, unless proven down.
        foreach (NodeState node in draft.Lagging())
        {
            if (node.ProbedVersion < group.ProbeVersion
                && (node.Member
                    || Placement.Rank(draft.Configuration, group.Definition, node.Name) is not null
                    // Others may have moved a guest to any of them.
                    || group.Definition.IsGuest
                    // What it might run it was allowed to by an earlier configuration.
                    || (node.ProbedVersion == 0 && draft.Configuration.Version != draft.State.FormedVersion)))
            {
                return node.Name;
            }
        }

        return null;
    }

    public static void Apply(Draft draft, Probed e)
    {
        if (e.Id.Operation == ActionOperation.Ask)
        {
            UnknownAnswers.Answered(draft, e);
            return;
        }

        if (!draft.State.Nodes.TryGetValue(e.Id.Target, out NodeState? node) || node.Probe?.Id != e.Id)
        {
            draft.Ignore();
            return;
        }

        long before = node.ProbedVersion;
        draft.SetNode(node with { ProbedVersion = node.Probe.Covers, Probe = null, Level = e.Level });
        ILookup<string, FoundResource> found = e.Found.ToLookup(f => f.Group, StringComparer.Ordinal);
        foreach (GroupState group in draft.State.Groups.Values)
        {
            // What another group is stopping still is not found running here: it is asked again when that has ended.
            if (group.ProbeVersion > before && group.ProbeVersion <= node.Probe.Covers && group.Follows.IsEmpty)
            {
                Learn(draft, group, node, found[group.Name]);
            }
        }

        if (node.Phase == NodePhase.Joining)
        {
            NodePhase phase = node.Drain.Goal == DrainGoal.Standby ? NodePhase.Draining : NodePhase.Online;
            Cause why = phase != NodePhase.Online ? CauseKind.StillEmptied.With()
                : node.Paused ? CauseKind.StillPaused.With()
                : node.KeptOut ? Flapping.Why(draft, node)
                : CauseKind.HasAnsweredProbe.With();
            draft.SetNode(draft.State.Nodes[node.Name] with { Phase = phase, Why = why });
            draft.Journal(
                JournalSeverity.Information, JournalKind.NodeOnline, $"Node {node.Name} is {draft.State.Nodes[node.Name].Standing}.",
                node.Name);
            Membership.NodeUp(draft, node.Name, failback: phase == NodePhase.Online);
        }
    }

    /// <summary>What a node says of a group replaces what was assumed of it there; what it can't tell replaces nothing.</summary>
    public static void Learn(Draft draft, GroupState group, NodeState node, IEnumerable<FoundResource> answers)
    {
        FoundResource[] found =
        [
            .. answers
                // What no definition knows could never be stopped.
                .Where(f => ResourceTree.Of(group.Definition).Find(f.Resource) is not null
                    || (group.OldDefinition is { } old && ResourceTree.Of(old).Find(f.Resource) is not null))
                .Select(f => UnknownAnswers.ByTheRecord(group, node.Name, f)),
        ];
        UnknownAnswers.Note(draft, group, node.Name, found);
        if (group.Migration is not null && !found.Any(f => f.Answer == FoundAnswer.Unknown))
        {
            Migrating.IsOver(draft, group.Name, node.Name);
            group = draft.State.Groups[group.Name];
        }

        // A probe speaks of the new definition; what runs by the old one stays doomed until it is stopped.
        bool changing = group.OldDefinition is not null && group.Owner == node.Name;
        ImmutableSortedDictionary<string, ResourcePhase> resources = Running(group, node.Name, found, changing);
        if (resources.IsEmpty && (!changing || group.Definition.IsGuest))
        {
            NotFound(draft, group, node.Name, found.Any(f => f.Answer == FoundAnswer.Unknown));
        }
        else if (group.Owner is not null && group.Owner != node.Name)
        {
            draft.SetGroup(group with { ActiveOn = group.ActiveOn.Add(node.Name) });
            draft.Journal(
                group.Definition.IsGuest ? JournalSeverity.Warning : JournalSeverity.Error, JournalKind.GroupFound,
                $"Group '{group.Name}' was found on {node.Name} too.", node.Name,
                group.Name);
        }
        else
        {
            // What has failed here may be left over; only what runs here tells that the group is not on a node that can't tell.
            Found(draft, group, node, resources, changing, runs: found.Any(f => f.Answer == FoundAnswer.Runs));
        }
    }

    private static ImmutableSortedDictionary<string, ResourcePhase> Running(
        GroupState group, string node, FoundResource[] found, bool changing)
    {
        ImmutableSortedDictionary<string, ResourcePhase> resources = WithUnknown(group, node, found, found
            .Where(f => f.Answer is FoundAnswer.Runs or FoundAnswer.Broken)
            .GroupBy(f => f.Resource, StringComparer.Ordinal)
            .ToImmutableSortedDictionary(
                f => f.Key,
                f => f.All(r => r.Answer == FoundAnswer.Runs) ? ResourcePhase.Running : ResourcePhase.Doomed,
                StringComparer.Ordinal));
        // What was to be stopped there is so still, if it runs: an order to move or restart is not forgotten because its node was away.
        return resources.SetItems(group.Instance.Resources
            .Where(r => r.Value == ResourcePhase.Doomed && (changing || resources.ContainsKey(r.Key))));
    }

    /// <summary>It runs on the node, in whole or in part, and nowhere else by the record.</summary>
    private static void Found(
        Draft draft, GroupState group, NodeState node, ImmutableSortedDictionary<string, ResourcePhase> resources, bool changing, bool runs)
    {
        GroupState next = group with
        {
            Owner = node.Name,
            OwnerIncarnation = node.Incarnation,
            ActiveOn = group.ActiveOn.Add(node.Name),
            Unmoved = group.Owner == node.Name ? group.Unmoved : Names.None,
            MovedFrom = runs ? null : group.MovedFrom,
            LastMove = group.Definition.IsGuest && group.Owner is null ? Guests.Came(draft, group, node.Name) : group.LastMove,
            // What could not be stopped and runs still is tried again; what no longer runs has stopped.
            Instance = group.Instance with { Resources = resources, Stuck = Names.None },
        };
        bool all = group.OldDefinition is null
            && ResourceTree.Of(group.Definition).StartOrder.All(
                r => resources.TryGetValue(r.Id, out ResourcePhase p) && p == ResourcePhase.Running);
        if (!group.Frozen && group.Phase != GroupPhase.Failed)
        {
            if (!(changing || IsWhole(group, resources)) || (group.Owner is null && !all))
            {
                // Half of a tree, or an older one, is not mended piece by piece: it is stopped and started in order.
                next = Stopping.DoomAll(next) with
                {
                    Phase = GroupPhase.Recovering,
                    Order = next.Order with { Preferred = node.Name },
                    Reason = CauseKind.FoundInPart.With(node.Name),
                };
            }
            else if (group.Owner is null)
            {
                bool guest = group.Definition.IsGuest && group.Phase == GroupPhase.Disabled;
                // Who finds a guest running has no order to stop it.
                next = next with { Goal = guest ? GroupGoal.Run : next.Goal, Reason = CauseKind.FoundRunning.With(node.Name) };
            }
        }

        draft.SetGroup(next);
        if (group.Owner is null)
        {
            Adopted(draft, next, node.Name, all ? "running" : "partly running", runs);
        }
    }

    /// <summary>Nothing that ran by the record has gone, and what is doomed was so before.</summary>
    private static bool IsWhole(GroupState group, ImmutableSortedDictionary<string, ResourcePhase> resources) =>
        !group.Instance.Resources.Any(r => r.Value == ResourcePhase.Running && !resources.ContainsKey(r.Key))
        && (!resources.ContainsValue(ResourcePhase.Doomed) || group.Instance.Resources.ContainsValue(ResourcePhase.Doomed));

    private static void Adopted(Draft draft, GroupState group, string node, string how, bool runs)
    {
        if (runs)
        {
            UnknownAnswers.IsNotElsewhere(draft, group.Name);
        }

        if (!group.Frozen)
        {
            draft.SetGroup(Failback.WithFailback(draft, group));
        }

        draft.Journal(
            JournalSeverity.Information, JournalKind.GroupFound, $"Group '{group.Name}' was found {how} on {node}.", node, group.Name);
    }

    /// <summary>What runs, with what nobody could tell: by the record, or with the rest of it that does run.</summary>
    private static ImmutableSortedDictionary<string, ResourcePhase> WithUnknown(
        GroupState group, string node, FoundResource[] found, ImmutableSortedDictionary<string, ResourcePhase> resources)
    {
        string[] unknown = [.. found.Where(f => f.Answer == FoundAnswer.Unknown).Select(f => f.Resource)];
        return group.Owner == node
            ? resources.SetItems(group.Instance.Resources.Where(r => unknown.Contains(r.Key, StringComparer.Ordinal)))
            : resources.IsEmpty
            ? resources
            : resources.SetItems(unknown.Select(r => KeyValuePair.Create(r, ResourcePhase.Running)));
    }

    /// <summary>Nothing of the group was found on the node, as far as the node can tell.</summary>
    private static void NotFound(Draft draft, GroupState group, string node, bool unknown)
    {
        // A guest that is on its way here may have come since.
        if (unknown || !group.ActiveOn.Contains(node) || group.Pending?.Node == node || group.Migration?.To == node)
        {
            return;
        }

        // A frozen group keeps its owner: it is what unfreezing waits for.
        if (group.Frozen)
        {
            draft.SetGroup(group with { Instance = group.Instance with { Resources = group.Instance.Resources.Clear() } });
            return;
        }

        if (group.Definition.IsGuest && group.Owner is { } owner && owner != node)
        {
            // It may have been there for a moment, on its way.
            draft.SetGroup(Stopping.FreeFrom(group, node));
            return;
        }

        bool ran = group.Phase == GroupPhase.Started;
        draft.SetGroup(Stopping.FreeFrom(group, node) with { Phase = ran ? GroupPhase.Recovering : group.Phase });
        UnknownAnswers.MayBeElsewhere(draft, group.Name);
        draft.Journal(
            ran ? JournalSeverity.Warning : JournalSeverity.Information,
            JournalKind.GroupGone, $"Group '{group.Name}' is not running on {node}.", node, group.Name);
    }
}
