using System.Collections.Immutable;

namespace ClusterTools.Core;

/// <summary>
/// When a change of configuration has ended: what it touched is at rest again, or waits for what may never come.
/// </summary>
internal static class Rollouts
{
    private const int MostFailed = 5;

    /// <param name="draft">With the configuration in force, and nothing settled.</param>
    /// <param name="e">The change.</param>
    /// <param name="before">The groups as the change found them.</param>
    public static void Begin(Draft draft, ConfigurationRequest e, ImmutableSortedDictionary<string, GroupState> before)
    {
        IReadOnlySet<string> touched = draft.TouchedGroups;
        foreach (RolloutState earlier in draft.State.Rollouts.Values)
        {
            Set(draft, touched.Aggregate(earlier, (rollout, name) => rollout.Without(name)));
        }

        Set(draft, new RolloutState
        {
            Operation = e.RequestId,
            Version = e.Configuration.Version,
            Changed = touched.Where(before.ContainsKey)
                .ToImmutableSortedDictionary(name => name, name => before[name].Phase, StringComparer.Ordinal),
            Added = Names.None.Union(touched.Where(name => !before.ContainsKey(name))),
        });
    }

    /// <summary>Ends what has come to rest; all else is settled.</summary>
    public static void Settle(Draft draft)
    {
        if (draft.State.Rollouts.IsEmpty || draft.State.Quorum != Quorum.Quorate)
        {
            return;
        }

        if (draft.ConfigurationTouched)
        {
            AwaitMoved(draft);
        }

        bool quiet = IsQuiet(draft.State);
        foreach (RolloutState rollout in draft.State.Rollouts.Values)
        {
            RolloutState left = draft.TouchedGroups.Where(rollout.Awaits)
                .Aggregate(rollout, (rest, name) => Look(draft, rest, name, quiet: false));
            // What waits for something goes on with it by itself, and has come to rest where nothing is under way any more.
            if (quiet && left.Awaited.Aggregate(left, (rest, name) => Look(draft, rest, name, quiet: true)) is { IsOver: true } over)
            {
                left = over;
            }

            Set(draft, left);
            if (left.IsOver)
            {
                End(draft, left);
            }
        }
    }

    /// <summary>Groups whose own definition is as it was, and which the change drives from their node all the same.</summary>
    private static void AwaitMoved(Draft draft)
    {
        RolloutState newest = draft.State.Rollouts.Values.MaxBy(r => r.Version)!;
        foreach (string name in draft.TouchedGroups)
        {
            if (!newest.Awaits(name) && draft.State.Groups.TryGetValue(name, out GroupState? group) && group.Owner is not null
                && !IsAtRest(group, quiet: false))
            {
                newest = newest with { Changed = newest.Changed.Add(name, GroupPhase.Started) };
            }
        }

        Set(draft, newest);
    }

    private static RolloutState Look(Draft draft, RolloutState rollout, string name, bool quiet)
    {
        if (!draft.State.Groups.TryGetValue(name, out GroupState? group))
        {
            return rollout.Without(name);
        }

        if (!IsAtRest(group, quiet))
        {
            return rollout;
        }

        GroupPhase? before = rollout.Changed.TryGetValue(name, out GroupPhase phase) ? phase : null;
        return IsWorse(group, before)
            ? rollout.Without(name) with { Failed = rollout.Failed.Add(Worse(draft, group)) }
            : rollout.Without(name);
    }

    /// <param name="group">A group that is settled.</param>
    /// <param name="quiet">Nothing is under way in the cluster: what it waits for does not come by itself.</param>
    private static bool IsAtRest(GroupState group, bool quiet)
    {
        if (group.Frozen || group.Phase == GroupPhase.Failed)
        {
            return true;
        }

        if (group.Order.AwaitsVerdict || group.Goal == GroupGoal.Remove)
        {
            return false;
        }

        return group.Phase switch
        {
            GroupPhase.Started => Groups.IsWhole(group),
            GroupPhase.Disabled => true,
            GroupPhase.Stopped => group.Goal != GroupGoal.Run || group.Order.RetryAt is not null || quiet,
            _ => false,
        };
    }

    /// <summary>Nothing is under way that a group could wait for: no action, no probe, no fencing that has not failed yet.</summary>
    private static bool IsQuiet(ClusterState state) =>
        state.Working.IsEmpty
        && state.Fences.Values.All(f => f.Rounds > 0 && f.Pending is null)
        && state.Nodes.Values.All(
            n => n.Member
                ? n is { Probe: null, Ask: null, Phase: not NodePhase.Joining }
                : n.Phase != NodePhase.Lost);

    private static bool IsWorse(GroupState group, GroupPhase? before)
    {
        if (group.Frozen || group.Phase == GroupPhase.Started)
        {
            return false;
        }

        // Somebody wants it off.
        if (group.Goal != GroupGoal.Run && group.Failure is null)
        {
            return false;
        }

        // Had it failed before, was tried anew, and has failed again, then the change has not mended it.
        return group.Phase != before || group is { Phase: GroupPhase.Stopped, Failure: not null };
    }

    private static string Worse(Draft draft, GroupState group)
    {
        string remedy = group.Phase == GroupPhase.Failed
            ? $" When that is mended, run Stop-ClusterGroup {group.Name} and Start-ClusterGroup {group.Name}."
            : "";
        return $"group '{group.Name}' is {group.Phase}: {Description.Why(draft.State, group).TrimEnd('.')}.{remedy}";
    }

    private static void End(Draft draft, RolloutState rollout)
    {
        string force = $"Configuration version {rollout.Version} is in force";
        draft.State = draft.State with { Rollouts = draft.State.Rollouts.Remove(rollout.Operation) };
        Operations.End(
            draft, rollout.Operation, rollout.Failed.IsEmpty,
            rollout.Failed.IsEmpty
                ? $"{force}."
                : $"{force}, but {string.Join(" And ", rollout.Failed.Take(MostFailed))}"
                    + (rollout.Failed.Length > MostFailed ? $" And {rollout.Failed.Length - MostFailed} more." : ""));
    }

    private static void Set(Draft draft, RolloutState rollout) =>
        draft.State = draft.State with { Rollouts = draft.State.Rollouts.SetItem(rollout.Operation, rollout) };
}
