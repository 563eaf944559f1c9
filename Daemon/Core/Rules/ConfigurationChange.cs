using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>A new configuration comes into force, or does not.</summary>
internal static class ConfigurationChange
{
    public static void Apply(Draft draft, ConfigurationRequest e)
    {
        ClusterConfiguration next = e.Configuration;
        if (Obstacle(draft, next) is { } obstacle)
        {
            Operations.Refuse(draft, e, obstacle);
            return;
        }

        bool first = draft.Configuration.Version == 0;
        ClusterConfiguration old = draft.Configuration;
        ImmutableSortedDictionary<string, GroupState> before = draft.State.Groups;
        draft.State = draft.State with { Configuration = next };
        draft.ConfigurationTouched = true;
        // How long a silent node is waited for may have changed.
        draft.MarkNodes();
        if (first)
        {
            draft.DemandProbes(1);
            draft.State = draft.State with { FormedVersion = next.Version };
        }

        ChangeNodes(draft, old, next, first);
        ChangeGroups(draft, old, next);
        Handover.Apply(draft, before);
        Gathering.AllMayGather(draft);
        EventScripts.Change(draft);
        draft.MarkAll();
        draft.Journal(
            JournalSeverity.Information, JournalKind.Configuration,
            $"Configuration version {next.Version} is in force{(e.Reason is { } reason ? $": {reason}" : "")}.", who: e.Who);
        Rollouts.Begin(draft, e, before);
    }

    /// <summary>Why a configuration does not come into force; null: it does.</summary>
    public static string? Obstacle(Draft draft, ClusterConfiguration next)
    {
        IEnumerable<ConfigurationProblem> problems = ConfigurationValidation.Validate(next);
        if (draft.Configuration.Version > 0)
        {
            problems = ConfigurationValidation.ValidateChange(draft.Configuration, next).Concat(problems);
        }

        string[] errors = [.. problems.Where(p => p.Severity == ProblemSeverity.Error).Select(p => p.ToString())];
        if (errors.Length > 0)
        {
            return string.Join(" ", errors.Take(5)) + (errors.Length > 5 ? $" And {errors.Length - 5} more." : "");
        }

        if (draft.Configuration.Version > 0 && Disarming.WhyNot(draft, next) is { } disarmed)
        {
            return disarmed;
        }

        if (LastManStanding.Obstacle(draft.State, next) is { } uncounted)
        {
            return uncounted;
        }

        if (draft.Configuration.Version > 0 && QuorumArithmetic.ObstacleToVotes(draft.State, next) is { } votes)
        {
            return votes;
        }

        foreach (NodeState node in draft.State.Nodes.Values)
        {
            if (!next.Nodes.ContainsKey(node.Name) && (node.Member || node.Phase != NodePhase.Down || !node.Groups.IsEmpty))
            {
                string remedy = node.Member
                    ? $"Run Stop-ClusterNode {node.Name} first."
                    : node.Phase == NodePhase.Down
                    ? $"Frozen there: {Names.Shorten(node.Groups)}. Run Unlock-ClusterGroup, which ends once {node.Name} has been back."
                    : $"Make sure that it is dead and run Confirm-ClusterNodeDown {node.Name} first.";
                return $"Node {node.Name} is {node.Phase} and can't be removed. {remedy}";
            }
        }

        foreach (GroupState group in draft.State.Groups.Values)
        {
            if (group.Frozen
                && (!next.Groups.TryGetValue(group.Name, out GroupConfiguration? definition)
                    || !ConfigurationEquality.Same(group.Definition, definition)))
            {
                return $"Group '{group.Name}' is frozen and can't be changed. Run Unlock-ClusterGroup {group.Name} first.";
            }
        }

        foreach (GroupState group in draft.State.Groups.Values)
        {
            if (group.Migration is { } migration
                && (!next.Groups.TryGetValue(group.Name, out GroupConfiguration? definition)
                    || !ConfigurationEquality.Same(group.Definition, definition)))
            {
                return $"Guest '{group.Name}' is migrating from {migration.From} to {migration.To} and can't be changed. Wait for its end, "
                    + $"or run Stop-GuestMigration {group.Name}.";
            }
        }

        return null;
    }

    private static void ChangeNodes(Draft draft, ClusterConfiguration old, ClusterConfiguration next, bool first)
    {
        foreach (NodeState node in draft.State.Nodes.Values)
        {
            if (!next.Nodes.TryGetValue(node.Name, out NodeConfiguration? kept))
            {
                if (draft.State.Fences.TryGetValue(node.Name, out FenceState? fence))
                {
                    Fencing.End(draft, fence, false, $"Node {node.Name} was removed from the configuration.");
                }

                draft.RemoveNode(node.Name);
            }
            else if (!kept.FenceMethods.IsEmpty && draft.State.Fences.TryGetValue(node.Name, out FenceState? under)
                && !Fencing.IsSame(old, next, node.Name))
            {
                Fencing.BeginAnew(draft, under);
            }
            else if (node.Phase == NodePhase.LeftCluster && !draft.State.Fences.ContainsKey(node.Name)
                && Watchdogs.WhyUnfenced(draft.State, next, kept.Name) is null)
            {
                draft.SetNode(node with { Phase = NodePhase.Lost, LostAt = draft.State.Time, Why = CauseKind.SilentCanBeFenced.With() });
            }
        }

        foreach (string name in next.Nodes.Keys)
        {
            if (old.Nodes.ContainsKey(name))
            {
                continue;
            }

            // A node that was never configured can't have run anything; at the first configuration nothing is known of the absent.
            draft.SetNode(new NodeState
            {
                Name = name,
                Phase = first ? NodePhase.Lost : NodePhase.Down,
                LostAt = first ? draft.State.Time : null,
                NeverSeen = first,
                TakenOut = !first,
                Why = (first ? CauseKind.AbsentAtForming : CauseKind.HasNotJoined).With(),
            });
            if (draft.State.Members.TryGetValue(name, out long incarnation))
            {
                Membership.Join(draft, draft.State.Nodes[name], incarnation);
            }
        }
    }

    private static void ChangeGroups(Draft draft, ClusterConfiguration old, ClusterConfiguration next)
    {
        foreach (GroupState group in draft.State.Groups.Values)
        {
            if (!next.Groups.ContainsKey(group.Name))
            {
                Operations.End(draft, group.Operation, false, "The group was removed from the configuration.");
                Draining.ForgetMoved(draft, group.Name);
                if (group.Definition.IsGuest)
                {
                    draft.RemoveGroup(group);
                    draft.Journal(
                        JournalSeverity.Information, JournalKind.GroupRemoved,
                        $"Guest '{group.Name}' is no longer managed{(group.Owner is { } host ? $"; it goes on running on {host}" : "")}.",
                        group.Owner, group.Name);
                    continue;
                }

                draft.SetGroup(
                    group with { Goal = GroupGoal.Remove, Operation = null, Reason = CauseKind.RemovedFromConfiguration.With() });
            }
        }

        bool probe = false;
        long demand = draft.State.ProbeCounter + 1;
        foreach ((string name, GroupConfiguration definition) in next.Groups)
        {
            if (!draft.State.Groups.TryGetValue(name, out GroupState? group))
            {
                probe = true;
                // A guest may run already, or be meant to be off: being added says neither.
                bool guest = definition.IsGuest && old.Version > 0;
                bool starts = definition.Autostart && !guest;
                draft.SetGroup(new GroupState
                {
                    Name = name,
                    Definition = definition,
                    Goal = starts ? GroupGoal.Run : GroupGoal.Disable,
                    Phase = starts ? GroupPhase.Stopped : GroupPhase.Disabled,
                    ProbeVersion = demand,
                    Reason = (starts ? CauseKind.NewGroup : guest ? CauseKind.GuestAdded : CauseKind.AutostartOff).With(),
                });
                continue;
            }

            if (!ConfigurationEquality.Same(group.Definition, definition) || group.Goal == GroupGoal.Remove)
            {
                probe |= Change(draft, group, definition, demand);
            }

            Failback.Reconsider(draft, draft.State.Groups[name], old, next);
        }

        if (probe)
        {
            draft.DemandProbes(demand);
        }
    }

    /// <summary>
    /// Dooms what changed and what stands below it; the rest goes on running (FEATURES B10). True: new resources must be probed.
    /// </summary>
    private static bool Change(Draft draft, GroupState group, GroupConfiguration definition, long demand)
    {
        GroupConfiguration runs = Running(group);
        ResourceTree old = ResourceTree.Of(runs);
        ResourceTree next = ResourceTree.Of(definition);
        HashSet<string> changed = ResourceTree.Changed(old, next);
        bool added = next.StartOrder.Any(r => old.Find(r.Id) is null || changed.Contains(r.Id));
        ImmutableSortedDictionary<string, ResourcePhase> resources = group.Instance.Resources
            .ToImmutableSortedDictionary(r => r.Key, r => changed.Contains(r.Key) ? ResourcePhase.Doomed : r.Value, StringComparer.Ordinal);
        if (group.Pending is { Id.Operation: ActionOperation.Start } pending && changed.Contains(pending.Resource))
        {
            resources = resources.SetItem(pending.Resource, ResourcePhase.Doomed);
        }

        bool returns = group.Goal == GroupGoal.Remove;
        draft.SetGroup(group with
        {
            Definition = definition,
            OldDefinition = group.ActiveOn.IsEmpty ? null : runs,
            Instance = group.Instance with
            {
                Resources = resources,
                Abandoned = Names.None,
                Checks = group.Instance.Checks.Clear(),
                StartTries = group.Instance.StartTries.RemoveRange(changed),
            },
            Recovery = group.Recovery with { TookNodeOut = false, Failures = null },
            Order = group.Order with
            {
                Tried = Names.None,
                Limit = null,
                RetryAt = null,
                Preferred = resources.ContainsValue(ResourcePhase.Doomed) ? group.Owner : group.Order.Preferred,
            },
            Failure = group.Phase == GroupPhase.Failed ? group.Failure : null,
            By = null,
            Goal = !returns ? group.Goal : definition.Autostart ? GroupGoal.Run : GroupGoal.Disable,
            ProbeVersion = added ? demand : group.ProbeVersion,
            // Whether a Failed group's resources are released does not change with its configuration.
            Reason = group.Phase == GroupPhase.Failed ? group.Reason : CauseKind.ConfigurationChanged.With(),
        });
        if (group.Order.RetryAt is not null && group.Goal == GroupGoal.Run)
        {
            draft.Journal(
                JournalSeverity.Information, JournalKind.GroupChanged,
                $"Group '{group.Name}', which had failed, is tried anew: its configuration changed.", group: group.Name);
        }

        if (resources.ContainsValue(ResourcePhase.Doomed))
        {
            draft.Journal(
                JournalSeverity.Information, JournalKind.GroupChanged,
                $"Group '{group.Name}' on {group.Owner}: "
                    + $"{Names.Shorten(resources.Where(r => r.Value == ResourcePhase.Doomed).Select(r => r.Key))} must be stopped for the "
                        + "new configuration.",
                group.Owner, group.Name);
        }

        return added;
    }

    /// <summary>What runs, as a definition: the one that was not carried out yet may have been found running in part.</summary>
    private static GroupConfiguration Running(GroupState group)
    {
        if (group.OldDefinition is not { } old)
        {
            return group.Definition;
        }

        ResourceTree known = ResourceTree.Of(old);
        ResourceConfiguration[] found =
        [
            .. ResourceTree.Of(group.Definition).StartOrder
                .Where(r => group.Instance.Resources.ContainsKey(r.Id) && known.Find(r.Id) is null)
                .Select(r => r with { Children = [] }),
        ];
        return found.Length == 0 ? old : old with { Resources = [.. old.Resources, .. found] };
    }
}
