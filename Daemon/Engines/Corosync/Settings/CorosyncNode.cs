using System.Collections.Immutable;

namespace ClusterTools.Engines.Corosync.Settings;

/// <summary>A member, as the list of nodes in corosync.conf(5) has it.</summary>
public sealed record CorosyncNode
{
    /// <summary>The node's name. Corosync finds out by it, and by the machine's own name, which of the nodes it is.</summary>
    public required string Name { get; init; }

    /// <summary>The number by which corosync names the node, from 1 to <see cref="CorosyncCheck.MaxId"/>.</summary>
    public required int Id { get; init; }

    /// <summary>One address for each link; the first is that of link 0. What has no address is empty.</summary>
    public required ImmutableArray<string> Addresses { get; init; }

    /// <summary>Votes that the node has (quorum_votes).</summary>
    public int Votes { get; init; } = 1;

    public bool Equals(CorosyncNode? other) =>
        other is not null && Name == other.Name && Id == other.Id && Votes == other.Votes
        && Addresses.AsSpan().SequenceEqual(other.Addresses.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Name, Id, Votes);
}
