namespace ClusterTools.Engines;

/// <summary>The quorum disk as a node sees it.</summary>
/// <param name="Device">Which it is.</param>
/// <param name="Trouble">Why it does not answer, or proves nothing, and what to do; null: nothing is known to be wrong.</param>
/// <param name="Holder">The node that goes on by it; null: nobody needs it now.</param>
/// <param name="Nodes">Who has written on it.</param>
public sealed record QuorumDiskStatus(string Device, string? Trouble, string? Holder, IReadOnlyList<QuorumDiskNode> Nodes);

/// <summary>What a node has written on the quorum disk.</summary>
/// <param name="Node">The node.</param>
/// <param name="IsAlive">It writes there, whatever the network says.</param>
/// <param name="Score">What its heuristics add up to.</param>
/// <param name="MinimumScore">Below this its votes do not count.</param>
public sealed record QuorumDiskNode(string Node, bool IsAlive, int Score, int MinimumScore);
