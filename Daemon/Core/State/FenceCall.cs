using System.Collections.Immutable;

namespace ClusterTools.Core;

/// <summary>A recorded call of a fence device.</summary>
/// <param name="Id">Of the action.</param>
/// <param name="Node">Who carries it out.</param>
/// <param name="Method">Name of the method.</param>
/// <param name="Device">Name of the device.</param>
/// <param name="Parameters">Of this call.</param>
public sealed record FenceCall(
    ActionId Id, string Node, string Method, string Device, ImmutableSortedDictionary<string, string> Parameters);
