using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>
/// Equality by content. The records' own equality compares collections by reference, which is not what a change
/// of configuration asks: <em>is this resource still the same?</em> The same object is found equal without a look inside.
/// </summary>
public static class ConfigurationEquality
{
    /// <summary>The same configuration in everything, version included.</summary>
    public static bool Same(ClusterConfiguration? a, ClusterConfiguration? b)
    {
        if (ReferenceEquals(a, b))
        {
            return true;
        }
        return a is not null && b is not null
            && a with
            {
                Nodes = b.Nodes,
                FenceDevices = b.FenceDevices,
                FailoverDomains = b.FailoverDomains,
                Groups = b.Groups,
                EventScripts = b.EventScripts,
                Access = b.Access,
                QuorumDisk = b.QuorumDisk,
            } == b
            && Same(a.QuorumDisk, b.QuorumDisk)
            && Same(a.Nodes, b.Nodes, Same)
            && Same(a.FenceDevices, b.FenceDevices, Same)
            && Same(a.FailoverDomains, b.FailoverDomains, Same)
            && Same(a.Groups, b.Groups, Same)
            && Same(a.EventScripts, b.EventScripts, Same)
            && Same(a.Access, b.Access, static (x, y) => x == y);
    }

    public static bool Same(QuorumDiskConfiguration? a, QuorumDiskConfiguration? b) =>
        ReferenceEquals(a, b)
        || (a is not null && b is not null && a with { Heuristics = b.Heuristics } == b
            && Same(a.Heuristics, b.Heuristics, static (x, y) => x == y));

    public static bool Same(EventScript? a, EventScript? b) =>
        ReferenceEquals(a, b)
        || (a is not null && b is not null && a with { Events = b.Events } == b && Same(a.Events, b.Events, string.Equals));

    public static bool Same(NodeConfiguration? a, NodeConfiguration? b)
    {
        if (ReferenceEquals(a, b))
        {
            return true;
        }
        return a is not null && b is not null
            && a with { FenceMethods = b.FenceMethods, Addresses = b.Addresses } == b
            && Same(a.FenceMethods, b.FenceMethods, Same)
            && Same(a.Addresses, b.Addresses, string.Equals);
    }

    public static bool Same(FenceMethod? a, FenceMethod? b)
    {
        if (ReferenceEquals(a, b))
        {
            return true;
        }
        return a is not null && b is not null && a.Name == b.Name && Same(a.Steps, b.Steps, Same);
    }

    public static bool Same(FenceStep? a, FenceStep? b)
    {
        if (ReferenceEquals(a, b))
        {
            return true;
        }
        return a is not null && b is not null
            && a with { Parameters = b.Parameters } == b
            && Same(a.Parameters, b.Parameters, string.Equals);
    }

    public static bool Same(FenceDevice? a, FenceDevice? b)
    {
        if (ReferenceEquals(a, b))
        {
            return true;
        }
        return a is not null && b is not null
            && a with { Parameters = b.Parameters } == b
            && Same(a.Parameters, b.Parameters, string.Equals);
    }

    public static bool Same(FailoverDomain? a, FailoverDomain? b)
    {
        if (ReferenceEquals(a, b))
        {
            return true;
        }
        return a is not null && b is not null
            && a with { Members = b.Members } == b
            && Same(a.Members, b.Members, static (x, y) => x == y);
    }

    /// <summary>The same group with the same tree of resources.</summary>
    public static bool Same(GroupConfiguration? a, GroupConfiguration? b)
    {
        if (ReferenceEquals(a, b))
        {
            return true;
        }
        return SameExceptResources(a, b) && Same(a!.Resources, b!.Resources, Same);
    }

    /// <summary>The same group as far as its own settings go; its resources may differ.</summary>
    public static bool SameExceptResources(GroupConfiguration? a, GroupConfiguration? b) =>
        ReferenceEquals(a, b)
        || (a is not null && b is not null
            && a with { Resources = b.Resources, Dependencies = b.Dependencies } == b
            && Same(a.Dependencies, b.Dependencies, static (x, y) => x == y));

    /// <summary>The same resource with the same children in the same order.</summary>
    public static bool Same(ResourceConfiguration? a, ResourceConfiguration? b)
    {
        if (ReferenceEquals(a, b))
        {
            return true;
        }
        return SameExceptChildren(a, b) && Same(a!.Children, b!.Children, Same);
    }

    /// <summary>The same resource by itself; its children may differ.</summary>
    public static bool SameExceptChildren(ResourceConfiguration? a, ResourceConfiguration? b)
    {
        if (ReferenceEquals(a, b))
        {
            return true;
        }
        return a is not null && b is not null
            && a with { Parameters = b.Parameters, StatusChecks = b.StatusChecks, Children = b.Children } == b
            && Same(a.StatusChecks, b.StatusChecks, static (x, y) => x == y)
            && Same(a.Parameters, b.Parameters, string.Equals);
    }

    /// <summary>
    /// The same work for the same agent: what runs by the one is what would run by the other. An address in another spelling is the same.
    /// </summary>
    public static bool SameWork(ResourceConfiguration a, ResourceConfiguration b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        return ReferenceEquals(a, b)
            || (a.Id == b.Id && a.Type == b.Type && a.Agent == b.Agent
                && (GuestSettings.Is(a.Agent)
                    ? GuestSettings.Of(a.Parameters).IsSameGuest(GuestSettings.Of(b.Parameters))
                    : Same(a.Parameters, b.Parameters, AddressSpelling.Same)));
    }

    private static bool Same<T>(ImmutableArray<T> a, ImmutableArray<T> b, Func<T, T, bool> same)
    {
        if (a == b)
        {
            return true;
        }
        // A default array and an empty one both say "none".
        var count = a.IsDefault ? 0 : a.Length;
        if (count != (b.IsDefault ? 0 : b.Length))
        {
            return false;
        }
        for (var i = 0; i < count; i++)
        {
            if (!same(a[i], b[i]))
            {
                return false;
            }
        }
        return true;
    }

    private static bool Same<T>(ImmutableSortedDictionary<string, T> a, ImmutableSortedDictionary<string, T> b, Func<T, T, bool> same)
    {
        if (ReferenceEquals(a, b))
        {
            return true;
        }
        if (a.Count != b.Count)
        {
            return false;
        }
        // Both are in ordinal order, so they can be walked side by side.
        using var right = b.GetEnumerator();
        foreach (var (key, value) in a)
        {
            if (!right.MoveNext() || !string.Equals(key, right.Current.Key, StringComparison.Ordinal) || !same(value, right.Current.Value))
            {
                return false;
            }
        }
        return true;
    }
}
