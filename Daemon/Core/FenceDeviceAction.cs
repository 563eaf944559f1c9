namespace ClusterTools.Core;

/// <summary>Ask a fence device; <see cref="ActionId.Operation"/> says what.</summary>
public sealed record FenceDeviceAction(ActionId Id, string Node, string Target, FenceCall Call) : ClusterAction(Id, Node);
