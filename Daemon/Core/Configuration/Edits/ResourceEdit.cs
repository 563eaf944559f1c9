using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>An edit of a resource within its group, with what stands below it.</summary>
public sealed record ResourceEdit : IConfigurationEdit
{
    public required string Group { get; init; }

    /// <summary>Its id, or its name where that is unique; of one that is added the definition says it.</summary>
    public string? Id { get; init; }

    /// <summary>What it is, or what of it is to change.</summary>
    public ResourceDefinition? Definition { get; init; }

    /// <summary>Where it is to stand; null: at the end of the top level, or where it stands.</summary>
    public ResourcePlace? Place { get; init; }

    /// <summary>The group that it goes to.</summary>
    public string? To { get; init; }

    /// <summary>It and what stands below it are switched off, or on.</summary>
    public bool? Disabled { get; init; }

    /// <summary>What stands below one that is removed takes its place, and does not go with it.</summary>
    public bool KeepChildren { get; init; }

    ClusterConfiguration IConfigurationEdit.Edit(ClusterConfiguration configuration, EditAction action)
    {
        if (action == EditAction.Add)
        {
            return Add(
                configuration, Group,
                Definition ?? throw EditRefusedException.Invalid(
                    "A resource is added without a definition.", "Say at least what agent does its work."),
                Place ?? new ResourcePlace());
        }

        GroupConfiguration group = GroupEdit.Find(configuration, Group);
        ResourceConfiguration resource = ResourceTreeEdit.Find(
            group, Id ?? throw EditRefusedException.Invalid("It is not said which resource is meant.", "Give its id."));
        if (action == EditAction.Remove)
        {
            return With(configuration, group, ResourceTreeEdit.Replace(group.Resources, resource.Id, r => KeepChildren ? r.Children : []));
        }

        ResourceConfiguration changed = (Definition?.Set(resource) ?? resource) with { Disabled = Disabled ?? resource.Disabled };
        return To is { } to ? Move(configuration, group, changed, to)
            : With(configuration, group, Place is { IsUnsaid: false }
                ? Moved(group, changed, Place)
                : ResourceTreeEdit.Replace(group.Resources, resource.Id, _ => [changed]));
    }

    /// <summary>Adds a resource and what stands below it.</summary>
    internal static ClusterConfiguration Add(
        ClusterConfiguration configuration, string name, ResourceDefinition definition, ResourcePlace place)
    {
        GroupConfiguration group = GroupEdit.Find(configuration, name);
        ResourceConfiguration resource = definition.New(group.Name);
        ResourceConfiguration[] there = [.. ResourceTreeEdit.All(group.Resources)];
        if (there.Any(r => r.Id == resource.Id))
        {
            throw EditRefusedException.Exists($"resource in group '{group.Name}':", resource.Id);
        }

        Edits.CheckRoom(there.Length, ConfigurationLimits.ResourcesPerGroup, $"Group '{group.Name}'", "resources");

        configuration = With(configuration, group, ResourceTreeEdit.Put(group, resource, place));
        var below = new ResourcePlace { Parent = resource.Id };
        return definition.Children.Aggregate(configuration, (now, child) => Add(now, group.Name, child, below));
    }

    private static ImmutableArray<ResourceConfiguration> Moved(
        GroupConfiguration group, ResourceConfiguration resource, ResourcePlace place)
    {
        string[] own = [resource.Id, .. ResourceTreeEdit.All(resource.Children).Select(static r => r.Id)];
        string?[] named = [place.Parent, place.Before, place.After];
        if (named.FirstOrDefault(n => n is { Length: > 0 } && own.Contains(ResourceTreeEdit.Find(group, n).Id)) is { } wrong)
        {
            throw EditRefusedException.Invalid(
                $"Resource '{resource.Id}' can't stand beside or below '{wrong}', which is itself or stands below it.",
                "Name a resource outside of it.");
        }

        GroupConfiguration without = group with { Resources = ResourceTreeEdit.Replace(group.Resources, resource.Id, static _ => []) };
        return ResourceTreeEdit.Put(without, resource, place);
    }

    private ClusterConfiguration Move(
        ClusterConfiguration configuration, GroupConfiguration group, ResourceConfiguration resource, string to)
    {
        GroupConfiguration other = GroupEdit.Find(configuration, to);
        string[] ids = [resource.Id, .. ResourceTreeEdit.All(resource.Children).Select(static r => r.Id)];
        if (ResourceTreeEdit.All(other.Resources).Select(static r => r.Id).FirstOrDefault(ids.Contains) is { } there)
        {
            throw EditRefusedException.Exists($"resource in group '{other.Name}':", there);
        }

        return With(
            With(configuration, group, ResourceTreeEdit.Replace(group.Resources, resource.Id, static _ => [])),
            other, ResourceTreeEdit.Put(other, resource, Place ?? new ResourcePlace()));
    }

    private static ClusterConfiguration With(
        ClusterConfiguration configuration, GroupConfiguration group, ImmutableArray<ResourceConfiguration> resources) =>
        configuration with { Groups = configuration.Groups.SetItem(group.Name, group with { Resources = resources }) };
}
