using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Start or stop a resource; <see cref="ActionId.Operation"/> says which.</summary>
public sealed record ResourceAction(ActionId Id, string Node, string Group, ResourceConfiguration Resource) : ClusterAction(Id, Node);
