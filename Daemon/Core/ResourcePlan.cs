using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>
/// What a group's trees ask for, told offline in the words of the classic resource manager's test tool: one action a line, as
/// <c>start fs:mount1</c>. Pure; nodes, placement and what runs at the moment play no part (for that see <see cref="Prediction"/>).
/// </summary>
public static class ResourcePlan
{
    /// <summary>What a start of the group does, in order; its own line is the first.</summary>
    public static IEnumerable<ResourceStep> Start(GroupConfiguration group)
    {
        ArgumentNullException.ThrowIfNull(group);
        IEnumerable<ResourceStep> steps = ResourceTree.Of(group).StartOrder.Select(r => Of(PredictedAction.Start, r));
        return IsGuest(group) ? steps : steps.Prepend(Own(PredictedAction.Start, group));
    }

    /// <summary>What a stop of the group does, in order; its own line is the last.</summary>
    public static IEnumerable<ResourceStep> Stop(GroupConfiguration group)
    {
        ArgumentNullException.ThrowIfNull(group);
        IEnumerable<ResourceStep> steps = ResourceTree.Of(group).StopOrder.Select(r => Of(PredictedAction.Stop, r));
        return IsGuest(group) ? steps : steps.Append(Own(PredictedAction.Stop, group));
    }

    /// <summary>
    /// What an online change from one set of groups to another does while all the old ones run (FEATURES B10): every stop, then every
    /// start. What is the same in the same place goes on running; what is altered, moved or gone is stopped with all below it.
    /// </summary>
    /// <param name="old">The groups that run, in the order in which they are to be told.</param>
    /// <param name="next">The groups as they shall be, in the order in which they are to be told. One that is new and does not start by itself adds nothing.</param>
    public static IEnumerable<ResourceStep> Change(IReadOnlyCollection<GroupConfiguration> old, IReadOnlyCollection<GroupConfiguration> next)
    {
        ArgumentNullException.ThrowIfNull(old);
        ArgumentNullException.ThrowIfNull(next);
        Dictionary<string, GroupConfiguration> before = old.ToDictionary(g => g.Name, StringComparer.Ordinal);
        Dictionary<string, GroupConfiguration> after = next.ToDictionary(g => g.Name, StringComparer.Ordinal);
        IEnumerable<ResourceStep> stops = old.SelectMany(g => after.TryGetValue(g.Name, out GroupConfiguration? now) ? Stopped(g, now) : Stop(g));
        IEnumerable<ResourceStep> starts = next.SelectMany(g =>
            before.TryGetValue(g.Name, out GroupConfiguration? was) ? Started(was, g)
            : g.Autostart ? Start(g)
            : []);
        return stops.Concat(starts);
    }

    private static IEnumerable<ResourceStep> Stopped(GroupConfiguration old, GroupConfiguration next)
    {
        HashSet<string> changed = ResourceTree.Changed(ResourceTree.Of(old), ResourceTree.Of(next));
        return ResourceTree.Of(old).StopOrder.Where(r => changed.Contains(r.Id)).Select(r => Of(PredictedAction.Stop, r));
    }

    private static IEnumerable<ResourceStep> Started(GroupConfiguration old, GroupConfiguration next)
    {
        ResourceTree was = ResourceTree.Of(old);
        HashSet<string> changed = ResourceTree.Changed(was, ResourceTree.Of(next));
        return ResourceTree.Of(next).StartOrder.Where(r => was.Find(r.Id) is null || changed.Contains(r.Id)).Select(r => Of(PredictedAction.Start, r));
    }

    /// <summary>A guest is a group by itself: its own line is the resource's.</summary>
    private static bool IsGuest(GroupConfiguration group) => group.Resources is [{ Type: "vm" } only] && only.Id == $"vm:{group.Name}";

    private static ResourceStep Own(PredictedAction action, GroupConfiguration group) => new(action, $"service:{group.Name}");

    private static ResourceStep Of(PredictedAction action, ResourceConfiguration resource) => new(action, Reference(resource.Id));

    /// <summary>The name under which it was referred to: a further reference to it in the same group has a number behind its id.</summary>
    private static string Reference(string id)
    {
        int mark = id.LastIndexOf('#');
        return mark > 0 && id.AsSpan(mark + 1) is { Length: > 0 } number && number.IndexOfAnyExceptInRange('0', '9') < 0 ? id[..mark] : id;
    }
}

/// <summary>One line of a plan.</summary>
/// <param name="Action">Start or stop.</param>
/// <param name="Resource">What, as <c>type:name</c>.</param>
public readonly record struct ResourceStep(PredictedAction Action, string Resource)
{
    /// <summary>As <c>start fs:mount1</c>.</summary>
    public override string ToString() => $"{(Action == PredictedAction.Start ? "start" : "stop")} {Resource}";
}
