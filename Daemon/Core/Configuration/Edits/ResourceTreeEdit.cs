using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>A group's tree of resources with one of them changed, taken out or put somewhere.</summary>
internal static class ResourceTreeEdit
{
    /// <summary>All of them, each before what stands below it.</summary>
    public static IEnumerable<ResourceConfiguration> All(ImmutableArray<ResourceConfiguration> resources) =>
        (resources.IsDefault ? [] : resources).SelectMany(static r => All(r.Children).Prepend(r));

    /// <summary>A resource of a group, by its id, or by its name where that is unique.</summary>
    /// <exception cref="EditRefusedException">There is none.</exception>
    public static ResourceConfiguration Find(GroupConfiguration group, string id)
    {
        ResourceConfiguration[] all = [.. All(group.Resources)];
        if (all.FirstOrDefault(r => r.Id == id) is { } exact)
        {
            return exact;
        }

        ResourceConfiguration[] like = [.. all.Where(r => Same(r.Id, id))];
        like = like.Length > 0 ? like : [.. all.Where(r => Same(r.Id[(r.Id.IndexOf(':', StringComparison.Ordinal) + 1)..], id))];
        return like is [var only]
            ? only
            : throw EditRefusedException.NotFound($"resource in group '{group.Name}':", id, all.Select(static r => r.Id));
    }

    /// <summary>The tree with others in the place of one.</summary>
    public static ImmutableArray<ResourceConfiguration> Replace(
        ImmutableArray<ResourceConfiguration> resources, string id,
        Func<ResourceConfiguration, ImmutableArray<ResourceConfiguration>> by) =>
        resources.IsDefaultOrEmpty
            ? resources
            :
            [
                .. resources.SelectMany(r =>
                    r.Id == id ? by(r) : [r.Children.IsDefaultOrEmpty ? r : r with { Children = Replace(r.Children, id, by) }]),
            ];

    /// <summary>The tree with one more.</summary>
    /// <exception cref="EditRefusedException">There is no such place.</exception>
    public static ImmutableArray<ResourceConfiguration> Put(GroupConfiguration group, ResourceConfiguration resource, ResourcePlace place)
    {
        if (place.Before is not null && place.After is not null)
        {
            throw EditRefusedException.Invalid("Before and After are both given.", "Give one of them.");
        }

        if ((place.Before ?? place.After) is not { } sibling)
        {
            return place.Parent is { Length: > 0 } parent
                ? Replace(group.Resources, Find(group, parent).Id, p => [p with { Children = [.. p.Children, resource] }])
                : [.. group.Resources, resource];
        }

        string beside = Find(group, sibling).Id;
        if (place.Parent is { } said && ParentOf(group, beside) != (said.Length == 0 ? null : Find(group, said).Id))
        {
            throw EditRefusedException.Invalid($"'{sibling}' does not stand below '{said}'.", "Leave Parent out: the sibling says it.");
        }

        return Replace(group.Resources, beside, r => place.Before is not null ? [resource, r] : [r, resource]);
    }

    private static string? ParentOf(GroupConfiguration group, string id) =>
        All(group.Resources).FirstOrDefault(r => !r.Children.IsDefault && r.Children.Any(c => c.Id == id))?.Id;

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
