using System.Collections.Immutable;

namespace ClusterTools.Core;

/// <summary>A node is asked again for groups of which it could not tell.</summary>
/// <param name="Id">Of the action.</param>
/// <param name="Groups">Their names.</param>
public sealed record AskAction(ActionId Id, ImmutableArray<string> Groups);
