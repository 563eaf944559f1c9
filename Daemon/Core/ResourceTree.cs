using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>A group's resources in the order in which they start and stop (FEATURES B5).</summary>
public sealed class ResourceTree
{
    // Keyed by reference: a definition is immutable, so its tree never changes.
    private static readonly ConditionalWeakTable<GroupConfiguration, ResourceTree> Cache = [];
    private static readonly ConditionalWeakTable<GroupConfiguration, ResourceTree> Whole = [];

    private readonly Dictionary<string, string?> parents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ResourceConfiguration> byId = new(StringComparer.Ordinal);

    private readonly bool whole;

    private ResourceTree(GroupConfiguration definition, bool whole)
    {
        this.whole = whole;
        Group = definition.Name;
        var start = ImmutableArray.CreateBuilder<ResourceConfiguration>();
        var stop = ImmutableArray.CreateBuilder<ResourceConfiguration>();
        WalkStart(definition.Resources, null, start);
        WalkStop(definition.Resources, stop);
        StartOrder = start.ToImmutable();
        StopOrder = stop.ToImmutable();
    }

    /// <summary>Name of the group.</summary>
    public string Group { get; }

    /// <summary>Parents before children.</summary>
    public ImmutableArray<ResourceConfiguration> StartOrder { get; }

    /// <summary>Children before parents.</summary>
    public ImmutableArray<ResourceConfiguration> StopOrder { get; }

    /// <summary>What is to run: without what is disabled, and what stands below that.</summary>
    public static ResourceTree Of(GroupConfiguration definition) =>
        Cache.GetValue(definition, static d => new ResourceTree(d, whole: false));

    /// <summary>All that is configured, for those who show it.</summary>
    public static ResourceTree OfAll(GroupConfiguration definition) =>
        Whole.GetValue(definition, static d => new ResourceTree(d, whole: true));

    public ResourceConfiguration? Find(string id) => byId.GetValueOrDefault(id);

    /// <summary>Null for a top-level or unknown resource.</summary>
    public string? Parent(string id) => parents.GetValueOrDefault(id);

    /// <summary>The resource itself, then its parents up to the top.</summary>
    public IEnumerable<ResourceConfiguration> WithAncestors(string id)
    {
        for (string? at = id; at is not null && byId.TryGetValue(at, out ResourceConfiguration? resource); at = parents[at])
        {
            yield return resource;
        }
    }

    /// <summary>Whether <paramref name="id"/> is <paramref name="root"/> or below it.</summary>
    public bool IsWithin(string id, string root) => WithAncestors(id).Any(r => r.Id == root);

    /// <summary>
    /// What of <paramref name="old"/> can't go on under <paramref name="next"/>: gone, moved, altered in what its agent is given, or below
    /// such a one (FEATURES B10). How it is watched, and what is done when it fails, may change while it runs.
    /// </summary>
    /// <returns>Ids.</returns>
    public static HashSet<string> Changed(ResourceTree old, ResourceTree next)
    {
        ArgumentNullException.ThrowIfNull(old);
        ArgumentNullException.ThrowIfNull(next);
        var changed = new HashSet<string>(StringComparer.Ordinal);
        foreach (ResourceConfiguration resource in old.StartOrder)
        {
            string? parent = old.Parent(resource.Id);
            if (next.Find(resource.Id) is not { } now
                || parent != next.Parent(resource.Id)
                || (parent is not null && changed.Contains(parent))
                || !ConfigurationEquality.SameWork(resource, now))
            {
                changed.Add(resource.Id);
            }
        }

        return changed;
    }

    private void WalkStart(
        ImmutableArray<ResourceConfiguration> children, string? parent, ImmutableArray<ResourceConfiguration>.Builder order)
    {
        foreach (ResourceConfiguration child in ResourceOrder.Start(children).Where(IsIn))
        {
            // A doubled id is refused by validation; here the first one counts.
            if (byId.TryAdd(child.Id, child))
            {
                parents.Add(child.Id, parent);
                order.Add(child);
            }

            WalkStart(child.Children, child.Id, order);
        }
    }

    private bool IsIn(ResourceConfiguration resource) => whole || !resource.Disabled;

    private void WalkStop(ImmutableArray<ResourceConfiguration> children, ImmutableArray<ResourceConfiguration>.Builder order)
    {
        foreach (ResourceConfiguration child in ResourceOrder.Stop(children).Where(IsIn))
        {
            WalkStop(child.Children, order);
            order.Add(child);
        }
    }
}
