namespace ClusterTools.Core;

/// <summary>What is to be looked at again before a state is settled.</summary>
internal sealed class Marks
{
    /// <summary>By name, in the order in which they are looked at.</summary>
    public SortedSet<string> Groups { get; } = new(StringComparer.Ordinal);

    /// <summary>Every group that is not at rest.</summary>
    public bool All { get; set; }

    /// <summary>Groups that wait for something other than an answer.</summary>
    public bool Restless { get; set; }

    /// <summary>Some group has come to a node or left one: those that share a node with others and wait for one.</summary>
    public bool Places { get; set; }

    /// <summary>Nodes and fencing.</summary>
    public bool Nodes { get; set; }

    public bool Any => Nodes || All || Restless || Places || Groups.Count > 0;
}
