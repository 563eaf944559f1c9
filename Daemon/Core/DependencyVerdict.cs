using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Whether what one group needs of another is so now (FEATURES B9).</summary>
/// <param name="Met">It is.</param>
/// <param name="Why">In words, both ways.</param>
public sealed record DependencyVerdict(bool Met, string Why)
{
    /// <summary>Looks at one dependency of a group.</summary>
    public static DependencyVerdict Of(ClusterState state, GroupState group, GroupDependency dependency)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(dependency);
        if (!state.Groups.TryGetValue(dependency.Group, out GroupState? other))
        {
            return new DependencyVerdict(true, $"there is no group '{dependency.Group}' yet");
        }

        string place = other.Owner is { } owner ? $"'{other.Name}' is {other.Phase} on {owner}" : $"'{other.Name}' is {other.Phase}";
        bool there = GroupDependencies.IsThere(state, other);
        return dependency.Require != DependencyMode.None && !there
                ? new DependencyVerdict(false, other.Phase == GroupPhase.Started ? $"{place}, but not all of it is there" : place)
            : dependency.Colocation == Colocation.Same && !group.ActiveOn.IsEmpty && !other.ActiveOn.IsEmpty
                && !group.ActiveOn.SetEquals(other.ActiveOn)
                ? new DependencyVerdict(false, $"{place}, '{group.Name}' on {string.Join(", ", group.ActiveOn)}")
            : dependency.Colocation == Colocation.Never && group.ActiveOn.Overlaps(other.ActiveOn)
                ? new DependencyVerdict(false, $"both are on {string.Join(", ", group.ActiveOn.Intersect(other.ActiveOn))}")
            : new DependencyVerdict(true, place);
    }

    /// <summary>Names of the groups that need something of this one, in order.</summary>
    public static IReadOnlyCollection<string> Dependents(ClusterConfiguration configuration, string group)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return GroupDependencies.Dependents(configuration, group);
    }
}
