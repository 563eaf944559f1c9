using System.Collections.Immutable;

namespace ClusterTools.Core;

/// <summary>Which index of the state a group stands in: they make work proportional to what has changed.</summary>
internal static class GroupIndices
{
    /// <summary>Where the group has come to, and from where it has gone.</summary>
    public static IEnumerable<ListedGroup> OnNodes(GroupState? old, GroupState? next)
    {
        string name = (next ?? old!).Name;
        bool wasExclusive = old?.Definition.Exclusive == true;
        bool isExclusive = next?.Definition.Exclusive == true;
        if (ReferenceEquals(old?.ActiveOn, next?.ActiveOn) && wasExclusive == isExclusive)
        {
            yield break;
        }

        foreach (string node in old?.ActiveOn ?? Names.None)
        {
            if (next?.ActiveOn.Contains(node) != true || wasExclusive != isExclusive)
            {
                yield return new ListedGroup(node, name, wasExclusive, Listed: false);
            }
        }

        foreach (string node in next?.ActiveOn ?? Names.None)
        {
            if (old?.ActiveOn.Contains(node) != true || wasExclusive != isExclusive)
            {
                yield return new ListedGroup(node, name, isExclusive, Listed: true);
            }
        }
    }

    /// <summary>The state with its indices of working, waiting, following and restless groups as they are after a change of one.</summary>
    public static ClusterState Moved(ClusterState state, GroupState? old, GroupState? next)
    {
        string name = (next ?? old!).Name;
        ImmutableSortedSet<string> working = With(state.Working, name, next?.Pending is not null);
        ImmutableSortedSet<string> waiting = With(state.Waiting, name, next is not null && Waits(next));
        ImmutableSortedSet<string> followers = With(state.Followers, name, next?.Follows.IsEmpty == false);
        ImmutableSortedSet<string> restless = With(state.Restless, name, next is not null && IsRestless(next));
        return ReferenceEquals(working, state.Working) && ReferenceEquals(waiting, state.Waiting)
            && ReferenceEquals(followers, state.Followers) && ReferenceEquals(restless, state.Restless)
            ? state
            : state with { Working = working, Waiting = waiting, Followers = followers, Restless = restless };
    }

    private static ImmutableSortedSet<string> With(ImmutableSortedSet<string> names, string name, bool contained) =>
        contained ? names.Add(name) : names.Remove(name);

    /// <summary>It should run and has no owner.</summary>
    private static bool Waits(GroupState group) =>
        group is { Goal: GroupGoal.Run, Owner: null, Frozen: false } && group.Phase != GroupPhase.Failed;

    /// <summary>A change anywhere may let it go on.</summary>
    private static bool IsRestless(GroupState group) =>
        Waits(group) || !group.Follows.IsEmpty
        || (group.Pending is null && (group.Frozen
            ? group.Unfreezing
            : group.Phase is GroupPhase.Starting or GroupPhase.Stopping or GroupPhase.Recovering
                || group.Waits is not null || group.OldDefinition is not null || group.Order.FailbackTo is not null
                    || group.Order.ReturnTo is not null
                || group.Order.Gathers || !group.Instance.Abandoned.IsEmpty
                || (group.Phase == GroupPhase.Started && (group.Order.Preferred is not null || group.Order.Avoided is not null))));
}
