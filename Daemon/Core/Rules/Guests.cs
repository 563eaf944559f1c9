using System.Collections.Immutable;

namespace ClusterTools.Core;

/// <summary>Guests: they may be moved and started by others than this cluster, so that every host is asked before one is started.</summary>
internal static class Guests
{
    /// <summary>Every host is asked for it anew: what was known may be out of date.</summary>
    public static void AskAll(Draft draft, string name)
    {
        draft.DemandProbes(draft.State.ProbeCounter + 1);
        draft.SetGroup(draft.State.Groups[name] with { ProbeVersion = draft.State.ProbeCounter, IsUnasked = false });
    }

    /// <summary>
    /// One that is to start was stopped, or is gone: others may have moved it from there just before. Null: every host was asked since.
    /// </summary>
    public static Step? AskFirst(Draft draft, GroupState group)
    {
        if (group is not { IsUnasked: true, Goal: GroupGoal.Run, Owner: null, ActiveOn.IsEmpty: true })
        {
            return null;
        }

        AskAll(draft, group.Name);
        return Step.Again;
    }

    /// <summary>A host has seen what nobody here had asked for.</summary>
    public static void Apply(Draft draft, GuestNoticed e)
    {
        if (draft.State.Quorum != Quorum.Quorate
            || !draft.State.Groups.TryGetValue(e.Group, out GroupState? group)
            || !group.Definition.IsGuest || group is not { Frozen: false, Pending: null, Migration: null }
            || draft.State.Nodes.GetValueOrDefault(e.Node) is not { Member: true } node
            || (node.MaintenanceUntil is not null && !e.MovedAway)
            || node.Incarnation != e.Incarnation
            // What was asked since tells of it as well, but not that it was moved.
            || (e.MovedAway
                ? group.MovedFrom == e.Node && group.ProbeVersion != e.Asked
                : group.ProbeVersion != e.Asked || node.ProbedVersion < group.ProbeVersion)
            || (e.MovedAway && group.Owner is null ? !group.ActiveOn.IsEmpty : group.ActiveOn.Contains(e.Node) == e.Runs))
        {
            draft.Ignore();
            return;
        }

        string resource = group.Definition.Resources[0].Id;
        bool ran = !e.Runs && group is { Phase: GroupPhase.Started } && group.Owner == e.Node
            && group.Instance.Resources.GetValueOrDefault(resource) == ResourcePhase.Running;
        if (ran && !e.MovedAway)
        {
            Recovery.Apply(draft, group, resource, e.Node, "it has ended.");
            return;
        }

        if (e.MovedAway && (group.Owner is null || group.Owner == e.Node))
        {
            draft.SetGroup(group with { MovedFrom = e.Node });
        }

        draft.Journal(
            JournalSeverity.Warning, JournalKind.GuestNoticed,
            e.Runs ? $"Guest '{e.Group}' runs on {e.Node}, and it was not the cluster that put it there; every node is asked."
            : e.MovedAway ? $"Guest '{e.Group}' was moved off {e.Node}, and not by the cluster; every node is asked."
            : $"Guest '{e.Group}' runs on {e.Node} no more; every node is asked.",
            e.Node, e.Group);
        AskAll(draft, e.Group);
    }

    public static void Apply(Draft draft, GuestTold e)
    {
        if (!draft.State.Groups.TryGetValue(e.Group, out GroupState? group) || !group.Definition.IsGuest || group.Owner != e.Node
            || group.OwnerIncarnation != e.Incarnation || group.Facts == e.Facts)
        {
            draft.Ignore();
            return;
        }

        draft.SetGroup(group with { Facts = e.Facts });
    }

    /// <summary>
    /// Two copies write to the same disks, or the disks have kept them from that: which one is good nobody here can tell, so that nothing
    /// is done, and somebody is called (FEATURES D5). Null: it does not run twice.
    /// </summary>
    public static Step? RunsTwice(Draft draft, GroupState group)
    {
        if (!group.Definition.IsGuest || group is not { Goal: GroupGoal.Run, ActiveOn.Count: > 1 })
        {
            return null;
        }

        if (group.Migration is { } migration)
        {
            return Waiting.For(draft, group, CauseKind.MigrationUnknown.With(migration.From, migration.To), recovering: false);
        }

        // What is being stopped runs no more, wherever else it is found.
        if (Stopping.Next(group) is not null || group.ActiveOn.Any(n => !Groups.IsInReach(draft, group, n)))
        {
            return null;
        }

        Cause why = CauseKind.RunsTwice.With(Names.Shorten(group.ActiveOn));
        if (group.Waits != why)
        {
            draft.Journal(
                JournalSeverity.Error, JournalKind.GroupTwice,
                $"Guest '{group.Name}' runs on {Names.Shorten(group.ActiveOn)} at once. The cluster starts and stops nothing of it. "
                    + "Find out which copy is good, and end the others by hand; its disks may be damaged.",
                group: group.Name);
            Operations.EndOf(draft, group, false, $"Guest '{group.Name}' runs on {Names.Shorten(group.ActiveOn)} at once.");
            draft.SetGroup(draft.State.Groups[group.Name] with { Phase = GroupPhase.Started, Waits = why });
        }

        return Step.Done;
    }

    /// <summary>It runs where it was not put: it is adopted there. Null: it is not known to run there, or is not to run.</summary>
    public static GroupState? Adopted(Draft draft, GroupState group, string node) =>
        group.Definition.IsGuest && group.Goal == GroupGoal.Run && !draft.State.Nodes[node].Answers.ContainsKey(group.Name)
            ? group with
            {
                Owner = node,
                OwnerIncarnation = draft.State.Nodes[node].Incarnation,
                Unmoved = Names.None,
                MovedFrom = null,
                LastMove = Came(draft, group, node),
                Reason = CauseKind.FoundRunning.With(node),
                Instance = InstanceState.None with
                {
                    Resources = group.Definition.Resources.ToImmutableSortedDictionary(
                        r => r.Id, _ => ResourcePhase.Running, StringComparer.Ordinal),
                },
            }
            : null;

    /// <summary>That others have brought it where it is.</summary>
    public static GroupMove Came(Draft draft, GroupState group, string node) =>
        new(group.LastMove?.To, node, CauseKind.FoundRunning.With(node), null, draft.WallTime);

    /// <summary>Somebody has moved it out of this cluster: it is never started here by that. Null: nobody has.</summary>
    public static Step? IsOutside(Draft draft, GroupState group)
    {
        if (group.MovedFrom is not { } from || group.Owner is not null || !group.ActiveOn.IsEmpty || group.Goal != GroupGoal.Run)
        {
            return null;
        }

        Cause why = CauseKind.MovedOutside.With(from);
        draft.Journal(
            JournalSeverity.Error, JournalKind.GuestNoticed,
            $"Guest '{group.Name}' is on no node of this cluster: {why}. Start-ClusterGroup {group.Name} starts it, once it surely runs "
                + "nowhere else.",
            group: group.Name);
        Operations.EndOf(draft, group, false, $"Guest '{group.Name}' is not started: {why}.");
        draft.SetGroup(draft.State.Groups[group.Name] with { Goal = GroupGoal.Disable, Reason = why });
        return Step.Again;
    }
}
