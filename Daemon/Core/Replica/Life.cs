using System.Collections.Immutable;

namespace ClusterTools.Core;

/// <summary>A node in one of its lives: whose replica this is.</summary>
internal sealed record Life(string Node, long Incarnation)
{
    /// <summary>Whether this life, and no other of the node, is among these members.</summary>
    public bool IsIn(ImmutableSortedDictionary<string, long> members) =>
        members.TryGetValue(Node, out long incarnation) && incarnation == Incarnation;

    /// <summary>What a state holds of this life; null: nothing, or it means another one.</summary>
    public NodeState? In(ClusterState state) =>
        state.Nodes.TryGetValue(Node, out NodeState? self) && self.Incarnation == Incarnation ? self : null;

    /// <summary>A journal entry that is this node's own, and in no other's journal.</summary>
    public Journalled Says(ClusterState state, string kind, string message) => new(
    [
        new JournalEntry
        {
            Index = state.Index,
            Time = state.Time,
            Severity = JournalSeverity.Error,
            Kind = kind,
            Message = message,
            Node = Node,
        },
    ]);
}
