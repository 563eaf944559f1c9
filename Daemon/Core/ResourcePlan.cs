using System.Collections.Immutable;
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
        ResourceTree tree = ResourceTree.Of(group);
        IEnumerable<ResourceStep> steps = tree.StartOrder.Select(r => Of(PredictedAction.Start, r, tree));
        return IsGuest(group) ? steps : steps.Prepend(Own(PredictedAction.Start, group));
    }

    /// <summary>What a stop of the group does, in order; its own line is the last.</summary>
    public static IEnumerable<ResourceStep> Stop(GroupConfiguration group)
    {
        ArgumentNullException.ThrowIfNull(group);
        ResourceTree tree = ResourceTree.Of(group);
        IEnumerable<ResourceStep> steps = tree.StopOrder.Select(r => Of(PredictedAction.Stop, r, tree));
        return IsGuest(group) ? steps : steps.Append(Own(PredictedAction.Stop, group));
    }

    /// <summary>
    /// What an online change from one set of groups to another does while all the old ones run (FEATURES B10): every stop, then every
    /// start. What is the same in the same place goes on running; what is altered, moved or gone is stopped with all below it.
    /// A guest that comes or goes is neither started nor stopped.
    /// </summary>
    /// <param name="old">The groups that run, in the order in which they are to be told.</param>
    /// <param name="next">
    /// The groups as they shall be, in the order in which they are to be told. One that is new and does not start by itself adds nothing.
    /// </param>
    /// <param name="knowsChildren">
    /// Which types say something of what stands under them, and thereby the order of siblings where what they stand under goes on
    /// running: as the classic resource manager's test tool prints it. Null: as the cluster does it, by the order of stop, then of start.
    /// </param>
    public static IEnumerable<ResourceStep> Change(
        IReadOnlyCollection<GroupConfiguration> old, IReadOnlyCollection<GroupConfiguration> next, Predicate<string>? knowsChildren = null)
    {
        ArgumentNullException.ThrowIfNull(old);
        ArgumentNullException.ThrowIfNull(next);
        Dictionary<string, GroupConfiguration> before = old.ToDictionary(g => g.Name, StringComparer.Ordinal);
        Dictionary<string, GroupConfiguration> after = next.ToDictionary(g => g.Name, StringComparer.Ordinal);
        IEnumerable<ResourceStep> stops = old.SelectMany(g =>
            after.TryGetValue(g.Name, out GroupConfiguration? now) ? Stopped(g, now, knowsChildren)
            : IsGuest(g) ? []
            : Stop(g));
        IEnumerable<ResourceStep> starts = next.SelectMany(g =>
            before.TryGetValue(g.Name, out GroupConfiguration? was) ? Started(was, g, knowsChildren)
            : g.Autostart && !IsGuest(g) ? Start(g)
            : []);
        return stops.Concat(starts);
    }

    private static IEnumerable<ResourceStep> Stopped(GroupConfiguration old, GroupConfiguration next, Predicate<string>? knowsChildren)
    {
        ResourceTree tree = ResourceTree.Of(old);
        HashSet<string> changed = ResourceTree.Changed(tree, ResourceTree.Of(next));
        if (knowsChildren is null)
        {
            return tree.StopOrder.Where(r => changed.Contains(r.Id)).Select(r => Of(PredictedAction.Stop, r, tree));
        }

        return Roots(old.Resources, "service", knowsChildren, r => changed.Contains(r.Id))
            .SelectMany(root => tree.StopOrder.Where(r => tree.IsWithin(r.Id, root.Id)))
            .Select(r => Of(PredictedAction.Stop, r, tree));
    }

    private static IEnumerable<ResourceStep> Started(GroupConfiguration old, GroupConfiguration next, Predicate<string>? knowsChildren)
    {
        ResourceTree was = ResourceTree.Of(old);
        ResourceTree tree = ResourceTree.Of(next);
        HashSet<string> changed = ResourceTree.Changed(was, tree);
        bool IsDue(ResourceConfiguration r) => was.Find(r.Id) is null || changed.Contains(r.Id);
        if (knowsChildren is null)
        {
            return tree.StartOrder.Where(IsDue).Select(r => Of(PredictedAction.Start, r, tree));
        }

        return Roots(next.Resources, "service", knowsChildren, IsDue)
            .SelectMany(root => tree.StartOrder.Where(r => tree.IsWithin(r.Id, root.Id)))
            .Select(r => Of(PredictedAction.Start, r, tree));
    }

    /// <summary>
    /// The topmost resources that are touched, in the order in which the classic manager came to them. It walked past what goes on running
    /// in one way for stops and starts: under a type that knows its children, first those without levels, the last one first, then the
    /// others by start level; under any other type as the file has them.
    /// </summary>
    private static IEnumerable<ResourceConfiguration> Roots(
        ImmutableArray<ResourceConfiguration> children, string parent, Predicate<string> knowsChildren,
        Predicate<ResourceConfiguration> isTouched)
    {
        IEnumerable<ResourceConfiguration> walk = knowsChildren(parent)
            ? children.Where(c => !HasLevel(c)).Reverse().Concat(children.Where(HasLevel).OrderBy(c => c.StartLevel))
            : children;
        return walk.SelectMany(c => isTouched(c) ? [c] : Roots(c.Children, c.Type, knowsChildren, isTouched));
    }

    private static bool HasLevel(ResourceConfiguration resource) => resource.StartLevel != 0 || resource.StopLevel != 0;

    /// <summary>A guest is a group by itself: its own line is the resource's.</summary>
    private static bool IsGuest(GroupConfiguration group) => group.Resources is [{ Type: "vm" } only] && only.Id == $"vm:{group.Name}";

    private static ResourceStep Own(PredictedAction action, GroupConfiguration group) =>
        new(action, $"service:{group.Name}") { Group = group.Name };

    /// <summary>Told under the name by which it was referred to: its id may have the place behind it, or a number.</summary>
    private static ResourceStep Of(PredictedAction action, ResourceConfiguration resource, ResourceTree tree)
    {
        string id = resource.Id;
        int mark = id.LastIndexOf('#');
        if (mark > 0 && id.AsSpan(mark + 1) is { Length: > 0 } number && number.IndexOfAnyExceptInRange('0', '9') < 0)
        {
            id = id[..mark];
        }

        if (tree.Parent(resource.Id) is { } parent)
        {
            string place = $"@{parent[(parent.IndexOf(':', StringComparison.Ordinal) + 1)..]}";
            id = id.EndsWith(place, StringComparison.Ordinal) && id.Length > resource.Type.Length + 1 + place.Length
                ? id[..^place.Length]
                : id;
        }

        return new ResourceStep(action, id) { Group = tree.Group, Id = resource.Id };
    }
}
