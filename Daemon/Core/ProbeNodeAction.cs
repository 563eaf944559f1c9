namespace ClusterTools.Core;

/// <summary>
/// Find out what runs: of all groups with a newer probe demand than <see cref="NodeState.ProbedVersion"/>, or, where
/// <see cref="ActionId.Operation"/> says so,
/// of those in <see cref="NodeState.Ask"/>.
/// </summary>
public sealed record ProbeNodeAction(ActionId Id, string Node, long Covers) : ClusterAction(Id, Node);
