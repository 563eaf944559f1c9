using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace ClusterTools.Core.Configuration;

/// <summary>A member of the cluster.</summary>
public sealed record NodeConfiguration
{
    public required string Name { get; init; }

    /// <summary>Unique, 1 or greater.</summary>
    public required int Id { get; init; }

    /// <summary>0 to 255.</summary>
    public int Votes { get; init; } = 1;

    /// <summary>
    /// IP addresses, one for each network that links the machines; the API is reached by the first. Default: all nodes are on one machine.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<string> Addresses { get; init; }

    /// <summary>Tried in order; after the last, the first again.</summary>
    public ImmutableArray<FenceMethod> FenceMethods { get; init; } = [];
}
