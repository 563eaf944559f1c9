using System.Collections.Immutable;
using System.Text.Json.Serialization;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>A configuration that is in force and not yet carried out on every group that it touched.</summary>
public sealed record RolloutState
{
    /// <summary>Request id of the change's operation, which ends when all have come to rest.</summary>
    public required string Operation { get; init; }

    /// <summary>Of the configuration.</summary>
    public required long Version { get; init; }

    /// <summary>Groups that existed before and have not come to rest, with the phase in which the change found them.</summary>
    public ImmutableSortedDictionary<string, GroupPhase> Changed { get; init; } = ClusterConfiguration.Sorted<GroupPhase>();

    /// <summary>Groups that the change brought and that have not come to rest.</summary>
    public ImmutableSortedSet<string> Added { get; init; } = Names.None;

    /// <summary>What came to rest worse off than it was, in words.</summary>
    public ImmutableArray<string> Failed { get; init; } = [];

    /// <summary>Groups that have not come to rest.</summary>
    [JsonIgnore]
    public IEnumerable<string> Awaited => Changed.Keys.Concat(Added);

    /// <summary>Nothing is awaited any more.</summary>
    [JsonIgnore]
    public bool IsOver => Changed.IsEmpty && Added.IsEmpty;

    public bool Awaits(string group) => Changed.ContainsKey(group) || Added.Contains(group);

    /// <summary>The rollout without a group: it has come to rest, or is another change's now.</summary>
    public RolloutState Without(string group) => this with { Changed = Changed.Remove(group), Added = Added.Remove(group) };
}
