using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>An edit of what a group needs of another; what is null stays as it is, or as it is by default.</summary>
public sealed record DependencyEdit : IConfigurationEdit
{
    private const string What = "dependency of group";

    /// <summary>The group that needs something.</summary>
    public required string Group { get; init; }

    /// <summary>The group that it needs.</summary>
    public required string On { get; init; }

    public DependencyMode? Require { get; init; }

    public Colocation? Colocation { get; init; }

    ClusterConfiguration IConfigurationEdit.Edit(ClusterConfiguration configuration, EditAction action)
    {
        if (action == EditAction.Add)
        {
            return Add(configuration);
        }

        GroupConfiguration group = GroupEdit.Find(configuration, Group);
        GroupDependency there = Of(group) ?? throw EditRefusedException.NotFound(
            $"{What} '{group.Name}' on group", On, group.Dependencies.Select(static d => d.Group));
        GroupDependency next = there with { Require = Require ?? there.Require, Colocation = Colocation ?? there.Colocation };
        return With(
            configuration, group, action == EditAction.Remove ? group.Dependencies.Remove(there) : group.Dependencies.Replace(there, next));
    }

    internal ClusterConfiguration Add(ClusterConfiguration configuration)
    {
        GroupConfiguration group = GroupEdit.Find(configuration, Group);
        string other = GroupEdit.Find(configuration, On).Name;
        Edits.CheckRoom(group.Dependencies.Length, ConfigurationLimits.DependenciesPerGroup, $"Group '{group.Name}'", "dependencies");
        var made = new GroupDependency { Group = other, Require = Require ?? default, Colocation = Colocation ?? default };
        return Of(group) is null
            ? With(configuration, group, group.Dependencies.Add(made))
            : throw EditRefusedException.Exists($"{What} '{group.Name}' on group", other);
    }

    private GroupDependency? Of(GroupConfiguration group) =>
        group.Dependencies.FirstOrDefault(d => string.Equals(d.Group, On, StringComparison.OrdinalIgnoreCase));

    private static ClusterConfiguration With(
        ClusterConfiguration configuration, GroupConfiguration group, ImmutableArray<GroupDependency> dependencies) =>
        configuration with { Groups = configuration.Groups.SetItem(group.Name, group with { Dependencies = dependencies }) };
}
