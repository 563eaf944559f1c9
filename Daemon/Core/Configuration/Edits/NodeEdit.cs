using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>
/// An edit of a node; what is null stays as it is, or as it is by default. Votes are changed by <see cref="QuorumEdit"/>.
/// </summary>
public sealed record NodeEdit : IConfigurationEdit
{
    private const string What = "node";

    public required string Name { get; init; }

    /// <summary>Of one that is added; null: the lowest that is free.</summary>
    public int? Id { get; init; }

    /// <summary>Of one that is added.</summary>
    public int? Votes { get; init; }

    /// <summary>One for each network that links the machines.</summary>
    public ImmutableArray<string>? Addresses { get; init; }

    public ShutdownPolicy? ShutdownPolicy { get; init; }

    /// <summary>It goes by the cluster's policy again.</summary>
    public bool ClusterShutdownPolicy { get; init; }

    public int? Weight { get; init; }

    /// <summary>Milliseconds, like all times of edits.</summary>
    public long? FenceDelay { get; init; }

    /// <summary>Milliseconds, like all times of edits.</summary>
    public long? FenceDelayMax { get; init; }

    ClusterConfiguration IConfigurationEdit.Edit(ClusterConfiguration configuration, EditAction action) => action switch
    {
        EditAction.Add => configuration with
        {
            Nodes = Edits.Add(configuration.Nodes, What, Name, With(new NodeConfiguration
            {
                Name = Name,
                Id = Id ?? FreeId(configuration),
                Votes = Votes ?? 1,
            })),
            // Three nodes, or one, are no pair.
            TwoNode = false,
        },
        EditAction.Remove => Remove(configuration, Edits.Find(configuration.Nodes, What, Name)),
        _ => Set(configuration, Edits.Find(configuration.Nodes, What, Name)),
    };

    private static int FreeId(ClusterConfiguration configuration)
    {
        HashSet<int> taken = [.. configuration.Nodes.Values.Select(static n => n.Id)];
        return Enumerable.Range(1, taken.Count + 1).First(id => !taken.Contains(id));
    }

    private static ClusterConfiguration Remove(ClusterConfiguration configuration, string node) => configuration with
    {
        Nodes = configuration.Nodes.Remove(node),
        FailoverDomains = configuration.FailoverDomains.SetItems(
            configuration.FailoverDomains.Where(d => d.Value.Members.ContainsKey(node))
                .Select(d => KeyValuePair.Create(d.Key, d.Value with { Members = d.Value.Members.Remove(node) }))),
        TwoNode = false,
    };

    private ClusterConfiguration Set(ClusterConfiguration configuration, string node)
    {
        if (Id is not null || Votes is not null)
        {
            throw EditRefusedException.Invalid(
                $"The id and the votes of node '{node}' are not changed so.",
                "Change votes with an edit of quorum (Set-ClusterQuorum); the id is the node's identity and stays.");
        }

        return configuration with
        {
            Nodes = configuration.Nodes.SetItem(node, With(configuration.Nodes[node])),
        };
    }

    private NodeConfiguration With(NodeConfiguration node)
    {
        if (ClusterShutdownPolicy && ShutdownPolicy is not null)
        {
            throw EditRefusedException.Invalid(
                $"Node '{Name}' can't have a shutdown policy of its own and go by the cluster's.", "Leave one of the two out.");
        }

        return node with
        {
            Addresses = Addresses ?? node.Addresses,
            ShutdownPolicy = ClusterShutdownPolicy ? null : ShutdownPolicy ?? node.ShutdownPolicy,
            Weight = Weight ?? node.Weight,
            FenceDelay = Edits.Time(FenceDelay, node.FenceDelay, nameof(FenceDelay)),
            FenceDelayMax = Edits.Time(FenceDelayMax, node.FenceDelayMax, nameof(FenceDelayMax)),
        };
    }
}
