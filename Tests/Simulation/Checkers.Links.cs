using System.Collections.Immutable;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Simulation;

/// <summary>Dependencies between groups (FEATURES B9), by what really runs.</summary>
internal sealed partial class Checkers
{
    /// <summary>Names of groups that were guests, and are no longer configured: they run on, and nobody is to touch them.</summary>
    private readonly HashSet<string> released = new(StringComparer.Ordinal);

    /// <summary>A guest is neither started nor stopped by being added or taken out (FEATURES B10).</summary>
    private void Guests(ClusterState before, ClusterState after)
    {
        foreach ((string name, GroupConfiguration old) in before.Configuration.Groups)
        {
            if (old.IsGuest && !after.Configuration.Groups.ContainsKey(name))
            {
                Tally.Count(Premise.GuestLeftRunning);
                released.Add(name);
                if (after.Groups.TryGetValue(name, out GroupState? kept) && kept.Pending is not null)
                {
                    throw Broken("B10", $"guest {name} was taken out, and {kept.Pending.Id} is asked for");
                }
            }
        }

        foreach ((string name, GroupConfiguration now) in after.Configuration.Groups)
        {
            if (now.IsGuest && before.Configuration.Version > 0 && !before.Configuration.Groups.ContainsKey(name))
            {
                Tally.Count(Premise.GuestAdded);
                if (after.Groups[name] is { Goal: GroupGoal.Run })
                {
                    throw Broken("B10", $"guest {name} was added, and is to be started by that");
                }
            }
        }
    }

    /// <summary>When the entry that decided it was ordered.</summary>
    private long DecidedAt(ActionId id) => world.Engine.Committed[(int)id.Index - 1].OrderedAt;

    private static Colocation Between(ClusterConfiguration configuration, string group, string other) =>
        configuration.Groups.TryGetValue(group, out GroupConfiguration? definition)
            ? definition.Dependencies.FirstOrDefault(d => d.Group == other)?.Colocation ?? Colocation.Any
            : Colocation.Any;

    private static bool AreApart(ClusterConfiguration configuration, string group, string other) =>
        Between(configuration, group, other) == Colocation.Never || Between(configuration, other, group) == Colocation.Never;

    /// <summary>Where it may run is not for its domain alone to say.</summary>
    private static bool IsBound(ClusterConfiguration configuration, GroupConfiguration group) =>
        configuration.EventScripts.Values.Any(s => s.Placement)
        || group.Dependencies.Any(d => d.Colocation != Colocation.Any)
        || configuration.Groups.Values.Any(g => Between(configuration, g.Name, group.Name) == Colocation.Same)
        || configuration.Groups.Values.Any(g => Between(configuration, g.Name, group.Name) == Colocation.Never);

    private void Depends(
        Machine machine, Lane lane, GroupFacts facts, ResourceAction action, ClusterConfiguration configuration,
        GroupConfiguration definition)
    {
        ClusterState before = world.Engine.Committed[(int)action.Id.Index - 1].From!;
        // What was begun, or found, before is gone on with as long as nothing forbids it.
        if (facts.Holds.ContainsKey(machine.Index)
            || (before.Groups.TryGetValue(lane.Group, out GroupState? known) && !known.ActiveOn.IsEmpty))
        {
            return;
        }

        foreach (GroupDependency dependency in definition.Dependencies)
        {
            GroupFacts other = Of(dependency.Group);
            if (dependency.Require != DependencyMode.None)
            {
                Tally.Count(Premise.RequiredGroupChecked);
                // Given up is as good as running; and what a node in maintenance does with its groups is not known before it is back.
                bool given = before.Groups.TryGetValue(dependency.Group, out GroupState? required)
                    && (!required.Instance.Abandoned.IsEmpty
                        || required.ActiveOn.Any(n => before.Nodes.TryGetValue(n, out NodeState? node)
                            && node is { Member: false, MaintenanceUntil: not null }));
                if (!given && other.StoppedAt >= 0 && other.StoppedAt < DecidedAt(action.Id))
                {
                    throw Broken(
                        "B9",
                        $"{lane.Group} is started on {machine.Name}, but {dependency.Group}, which it requires, was stopped at "
                            + $"{other.StoppedAt}, before that was decided");
                }
            }

            if (dependency.Colocation == Colocation.Same)
            {
                Tally.Count(Premise.SameNodeChecked);
                ClusterState after = world.Engine.Committed[(int)action.Id.Index - 1].Result!;
                if (after.Groups.TryGetValue(dependency.Group, out GroupState? shared) && !shared.ActiveOn.IsEmpty
                    && !shared.ActiveOn.Contains(machine.Name))
                {
                    throw Broken(
                        "B9",
                        $"{lane.Group} is started on {machine.Name}, but {dependency.Group}, whose node it shares, is on "
                            + $"{string.Join(',', shared.ActiveOn)}");
                }
            }
        }
    }

    private void Apart(Machine machine, Lane lane, Lane other, ClusterConfiguration configuration, GroupConfiguration definition)
    {
        // A demand that has come or gone since the decision is met by moving.
        if (AreApart(configuration, definition.Name, other.Group)
            && AreApart(world.Engine.Canonical.Configuration, definition.Name, other.Group))
        {
            throw Broken("B9", $"{lane.Group} is started on {machine.Name} beside {other.Group}; the two never share a node");
        }

        Tally.Count(Premise.NeverSameNodeChecked);
    }

    /// <summary>What requires a group stops before it, as far as it can be stopped. Without quorum nobody waits for the other.</summary>
    private void DependantsFirst(Daemon daemon, Lane lane, ResourceAction action)
    {
        if (!world.Linked || action.Id.Epoch <= 0 || ConfigurationAt(action.Id.Index) is not { } configuration)
        {
            return;
        }

        ClusterState decided = world.Engine.Committed[(int)action.Id.Index - 1].Result!;
        if (configuration.Groups.TryGetValue(lane.Group, out GroupConfiguration? stopped)
            && IsGivenUp(stopped.Resources, action.Resource.Id, below: false))
        {
            // It may have been given up by itself: then its group goes on, and so does what requires that.
            return;
        }

        foreach (GroupConfiguration group in configuration.Groups.Values)
        {
            if (group.Dependencies.All(d => d.Group != lane.Group || d.Require != DependencyMode.Hard)
                || !decided.Groups.TryGetValue(group.Name, out GroupState? known)
                || known.Frozen || known.Phase == GroupPhase.Failed || known.ActiveOn.IsEmpty
                || decided.Nodes.Values.Any(n => n.ProbedVersion < known.ProbeVersion && n.Phase != NodePhase.Down)
                || !known.ActiveOn.All(n => decided.Nodes[n] is { Member: true, MaintenanceUntil: null, Phase: not NodePhase.Fencing }))
            {
                continue;
            }

            throw Broken(
                "B9",
                $"{daemon} stops {lane.Group}/{action.Resource.Id}, but {group.Name}, which requires it, is still on "
                    + $"{string.Join(',', known.ActiveOn)} and could be stopped first");
        }

        if (configuration.Groups.Values.Any(g => g.Dependencies.Any(d => d.Group == lane.Group && d.Require == DependencyMode.Hard)))
        {
            Tally.Count(Premise.DependantStoppedFirst);
        }
    }

    /// <summary>Whether the resource, or one above it, may be given up while its group goes on.</summary>
    private static bool IsGivenUp(ImmutableArray<ResourceConfiguration> resources, string id, bool below)
    {
        foreach (ResourceConfiguration resource in resources)
        {
            bool given = below || MayBeMissing(resource);
            if ((resource.Id == id && given) || IsGivenUp(resource.Children, id, given))
            {
                return true;
            }
        }

        return false;
    }

    private void CountLinks(JournalEntry told)
    {
        switch (told.Kind)
        {
            case "resource.start.retry":
                Tally.Count(Premise.StartRetried);
                break;
            case "resource.stop.retry":
                Tally.Count(Premise.StopRetried);
                break;
            case "resource.final":
                Tally.Count(Premise.FinalActionTaken);
                break;
            case "fence.begin" when told.Message.Contains("final action", StringComparison.Ordinal):
                Tally.Count(Premise.FencedByFinalAction);
                break;
            case "node.left" when world.Engine.Canonical.Nodes.TryGetValue(told.Node!, out NodeState? left)
                && left.Drain.AtLeave != FinalAction.Default:
                Tally.Count(Premise.LeftByFinalAction);
                break;
            case "group.found" when told.Message.Contains("found running", StringComparison.Ordinal)
                && world.Engine.Canonical.Configuration.Groups.TryGetValue(told.Group!, out GroupConfiguration? found) && found.IsGuest:
                Tally.Count(Premise.GuestAdopted);
                break;
            case "group.start" when told.Message.Contains("decided by event script", StringComparison.Ordinal):
                Tally.Count(Premise.ScriptPlaced);
                break;
            default:
                break;
        }
    }

    /// <summary>At the end: why others rightly keep the group down; null: they do not.</summary>
    private static string? KeptDown(ClusterState state, GroupConfiguration group)
    {
        foreach (GroupDependency dependency in group.Dependencies)
        {
            if (dependency.Require != DependencyMode.None && state.Groups[dependency.Group] is { Phase: not GroupPhase.Started } down)
            {
                return $"{down.Name} is {down.Phase}";
            }
        }

        return null;
    }

    /// <summary>Other groups leave the node free for this one.</summary>
    private static bool LeaveRoom(ClusterState state, GroupConfiguration group, string node) =>
        group.Dependencies.All(d => d.Colocation != Colocation.Same || state.Groups[d.Group].Owner is null
            || state.Groups[d.Group].Owner == node)
        && state.Groups.Values.All(g => g.Owner != node || !AreApart(state.Configuration, group.Name, g.Name));

    /// <summary>What runs at the end has what it requires, where it requires it.</summary>
    private void Linked(ClusterState state, GroupConfiguration group, string node)
    {
        foreach (GroupDependency dependency in group.Dependencies)
        {
            Machine? other = world.Machines.Find(m => m.Existing(dependency.Group) is { Busy: true });
            if (dependency.Require == DependencyMode.Hard && state.Groups[dependency.Group].Phase != GroupPhase.Started)
            {
                throw Broken(
                    "B9",
                    $"{group.Name} runs on {node}, and {dependency.Group}, which it requires, is {state.Groups[dependency.Group].Phase}");
            }

            if (dependency.Colocation == Colocation.Same && other is not null && other.Name != node)
            {
                throw Broken("B9", $"{group.Name} runs on {node}, and {dependency.Group}, whose node it shares, on {other.Name}");
            }

            if (dependency.Colocation == Colocation.Never && other is not null && other.Name == node)
            {
                throw Broken("B9", $"{group.Name} and {dependency.Group} never share a node and are both on {node}");
            }

            Tally.Count(Premise.LiveDependencyHeld);
        }
    }
}
