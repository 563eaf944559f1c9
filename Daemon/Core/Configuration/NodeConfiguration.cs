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

    /// <summary>What becomes of its groups when its machine is shut down; null: as the cluster's timing says.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ShutdownPolicy? ShutdownPolicy { get; init; }

    /// <summary>
    /// What it weighs, with the groups that it runs, when two nodes lose sight of each other: the heavier one fences first (FEATURES C7).
    /// 0 to 1,000,000.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Weight { get; init; }

    /// <summary>
    /// How much longer than others it is waited for, once lost, before it is fenced, in milliseconds: of two nodes with unequal delays
    /// the one with the longer is the first to fence. 0 to 600,000.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int FenceDelay { get; init; }

    /// <summary>
    /// The wait is drawn anew for each loss, from <see cref="FenceDelay"/> up to this, in milliseconds; 0: it is not drawn. 0 to 600,000.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int FenceDelayMax { get; init; }

    /// <summary>Tried in order; after the last, the first again.</summary>
    public ImmutableArray<FenceMethod> FenceMethods { get; init; } = [];
}
