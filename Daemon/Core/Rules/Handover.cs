using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>
/// A change of configuration gives resources of one group to another: they are stopped once, by the name they were started under, and
/// started once; nobody finds them running in between.
/// </summary>
internal static class Handover
{
    /// <summary>Marks the groups that now have what others, who may run it, had before.</summary>
    public static void Apply(Draft draft, ImmutableSortedDictionary<string, GroupState> before)
    {
        var leaving = new Dictionary<string, ImmutableSortedSet<string>>(StringComparer.Ordinal);
        foreach (GroupState group in before.Values)
        {
            if (!draft.State.Groups.TryGetValue(group.Name, out GroupState? now) || now.ActiveOn.IsEmpty)
            {
                continue;
            }

            HashSet<string> kept = now.Goal == GroupGoal.Remove ? [] : [.. Marks(now.Definition)];
            foreach (string mark in Marks(now.OldDefinition ?? now.Definition).Where(m => !kept.Contains(m)))
            {
                leaving[mark] = leaving.GetValueOrDefault(mark, Names.None).Add(group.Name);
            }
        }

        if (leaving.Count == 0)
        {
            return;
        }

        foreach (GroupState group in draft.State.Groups.Values)
        {
            HashSet<string> had = before.TryGetValue(group.Name, out GroupState? old) ? [.. Marks(old.Definition)] : [];
            ImmutableSortedSet<string> follows = group.Follows.Union(
                Marks(group.Definition).Where(m => !had.Contains(m)).SelectMany(m => leaving.GetValueOrDefault(m, Names.None)));
            draft.SetGroup(follows.SetEquals(group.Follows) ? group : group with { Follows = follows });
        }
    }

    /// <summary>What a group held is stopped: those that were given it are asked for what runs of them, and go on.</summary>
    public static void LetGo(Draft draft, string name)
    {
        foreach (string follower in draft.State.Followers)
        {
            GroupState group = draft.State.Groups[follower];
            if (group.Follows.Contains(name))
            {
                draft.DemandProbes(draft.State.ProbeCounter + 1);
                draft.SetGroup(group with { Follows = group.Follows.Remove(name), ProbeVersion = draft.State.ProbeCounter });
            }
        }
    }

    public static bool LetsGo(GroupState group) => group.Goal == GroupGoal.Remove || group.OldDefinition is not null;

    /// <summary>It would start something now, and others hold what is its own. What it has to stop is stopped all the same.</summary>
    public static bool StartsAfterOthers(Draft draft, GroupState group) =>
        group is { Goal: GroupGoal.Run, Follows.IsEmpty: false, OldDefinition: null, Instance.Stuck.IsEmpty: true }
        && (group.Owner is { } owner ? draft.State.Nodes[owner].Drain.Goal == DrainGoal.None : group.ActiveOn.IsEmpty)
        && Stopping.Next(group) is null;

    public static Cause TakesOver(GroupState group) =>
        (group.Follows.Count == 1 ? CauseKind.TakesOverFrom : CauseKind.TakesOverFromAll).With(Names.Shorten(group.Follows));

    /// <summary>What the same thing is known by under any name: who looks after it, and with what.</summary>
    private static IEnumerable<string> Marks(GroupConfiguration group) => group.IsGuest ? [] : ResourceTree.Of(group).StartOrder
        .Select(r => string.Join('\n', r.Parameters.Select(p => $"{p.Key}={p.Value}").Prepend(r.Agent)));
}
