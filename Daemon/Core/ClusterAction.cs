using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Something that has to be done outside the Core.</summary>
/// <param name="Id">Never used twice.</param>
/// <param name="Node">Who does it.</param>
public abstract record ClusterAction(ActionId Id, string Node);

/// <summary>Start or stop a resource; <see cref="ActionId.Operation"/> says which.</summary>
public sealed record ResourceAction(ActionId Id, string Node, string Group, ResourceConfiguration Resource) : ClusterAction(Id, Node);

/// <summary>
/// Find out what runs: of all groups with a newer probe demand than <see cref="NodeState.ProbedVersion"/>, or, where
/// <see cref="ActionId.Operation"/> says so,
/// of those in <see cref="NodeState.Ask"/>.
/// </summary>
public sealed record ProbeNodeAction(ActionId Id, string Node, long Covers) : ClusterAction(Id, Node);

/// <summary>Ask a fence device; <see cref="ActionId.Operation"/> says what.</summary>
public sealed record FenceDeviceAction(ActionId Id, string Node, string Target, FenceCall Call) : ClusterAction(Id, Node);

/// <summary>Call an event script: tell it of events, and ask it where groups go.</summary>
public sealed record EventScriptAction(ActionId Id, string Node, EventScript Script, EventScriptCall Call) : ClusterAction(Id, Node);
