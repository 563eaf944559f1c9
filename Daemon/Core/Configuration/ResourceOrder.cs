using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>
/// The order in which the children of one resource (or the top level of a group) start and stop, as the
/// classic resource manager has it: by level, and where levels do not say, by the order in the file.
/// </summary>
public static class ResourceOrder
{
    /// <summary>Those with a start level first, lowest level first; then those without. Equals keep file order.</summary>
    public static ImmutableArray<ResourceConfiguration> Start(ImmutableArray<ResourceConfiguration> children)
    {
        if (children.IsDefaultOrEmpty)
        {
            return [];
        }
        return InOrder(children, static r => r.StartLevel == 0 ? int.MaxValue : r.StartLevel)
            ? children
            : [.. children.OrderBy(static r => r.StartLevel == 0 ? int.MaxValue : r.StartLevel)];
    }

    /// <summary>
    /// Those without a stop level first; then those with one, lowest level first. Equals stop in the reverse of file order.
    /// </summary>
    public static ImmutableArray<ResourceConfiguration> Stop(ImmutableArray<ResourceConfiguration> children) =>
        children.IsDefaultOrEmpty ? [] : [.. children.Reverse().OrderBy(static r => r.StopLevel)];

    private static bool InOrder(ImmutableArray<ResourceConfiguration> children, Func<ResourceConfiguration, int> level)
    {
        for (var i = 1; i < children.Length; i++)
        {
            if (level(children[i - 1]) > level(children[i]))
            {
                return false;
            }
        }
        return true;
    }
}
