using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>An edit of a group (a service); what is null stays as it is, or as it is by default.</summary>
public sealed record GroupEdit : IConfigurationEdit
{
    private const string What = "service";

    public required string Name { get; init; }

    /// <summary>Failover domain; empty: none.</summary>
    public string? Domain { get; init; }

    public bool? Autostart { get; init; }

    public RecoveryPolicy? Recovery { get; init; }

    public bool? Exclusive { get; init; }

    public int? MaxRestarts { get; init; }

    /// <summary>Milliseconds, like all times of edits.</summary>
    public long? RestartExpireTime { get; init; }

    public int? MaxFailures { get; init; }

    /// <summary>Milliseconds, like all times of edits.</summary>
    public long? FailureQuietTime { get; init; }

    public int? Weight { get; init; }

    /// <summary>What one that is added needs of other groups.</summary>
    public ImmutableArray<GroupDependency> Dependencies { get; init; } = [];

    /// <summary>The resources of one that is added, with what stands below them.</summary>
    public ImmutableArray<ResourceDefinition> Resources { get; init; } = [];

    /// <summary>The group of a name.</summary>
    /// <exception cref="EditRefusedException">There is none.</exception>
    internal static GroupConfiguration Find(ClusterConfiguration configuration, string name) =>
        configuration.Groups[Edits.Find(configuration.Groups, What, name)];

    ClusterConfiguration IConfigurationEdit.Edit(ClusterConfiguration configuration, EditAction action)
    {
        if (action == EditAction.Remove)
        {
            return configuration with { Groups = configuration.Groups.Remove(Find(configuration, Name).Name) };
        }

        if (action == EditAction.Set && (Dependencies.Length > 0 || Resources.Length > 0))
        {
            throw EditRefusedException.Invalid(
                $"Dependencies and resources of service '{Name}' are edits of their own.", "Send edits of a dependency or a resource.");
        }

        GroupConfiguration group = With(
            action == EditAction.Add ? new GroupConfiguration { Name = Name } : Find(configuration, Name), configuration);
        if (action == EditAction.Set)
        {
            return configuration with { Groups = configuration.Groups.SetItem(group.Name, group) };
        }

        configuration = configuration with { Groups = Edits.Add(configuration.Groups, What, Name, group) };
        configuration = Dependencies.Aggregate(configuration, (now, d) =>
            new DependencyEdit { Group = Name, On = d.Group, Require = d.Require, Colocation = d.Colocation }.Add(now));
        return Resources.Aggregate(configuration, (now, r) => ResourceEdit.Add(now, Name, r, new ResourcePlace()));
    }

    private GroupConfiguration With(GroupConfiguration group, ClusterConfiguration configuration) => group with
    {
        Domain = Domain switch
        {
            null => group.Domain,
            "" => null,
            _ => Edits.Find(configuration.FailoverDomains, "failover domain", Domain),
        },
        Autostart = Autostart ?? group.Autostart,
        Recovery = Recovery ?? group.Recovery,
        Exclusive = Exclusive ?? group.Exclusive,
        Weight = Weight ?? group.Weight,
        MaxRestarts = MaxRestarts ?? group.MaxRestarts,
        RestartExpireTime = Seconds(RestartExpireTime, group.RestartExpireTime, nameof(RestartExpireTime)),
        MaxFailures = MaxFailures ?? group.MaxFailures,
        FailureQuietTime = Seconds(FailureQuietTime, group.FailureQuietTime, nameof(FailureQuietTime)),
    };

    private static int Seconds(long? given, int there, string what) => given is null ? there : Edits.Time(given / 1000, there, what);
}
