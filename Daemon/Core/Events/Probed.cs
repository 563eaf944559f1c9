using System.Collections.Immutable;

namespace ClusterTools.Core;

/// <summary>A node answers its probe, or what it was asked again.</summary>
/// <param name="Id">The probe's.</param>
/// <param name="Level">The node's functional level.</param>
/// <param name="Found">Resources that are not plainly stopped.</param>
public sealed record Probed(ActionId Id, int Level, ImmutableArray<FoundResource> Found) : ClusterEvent;
