using System.Collections.Immutable;

namespace ClusterTools.Core;

/// <summary>What an event touched.</summary>
/// <param name="Groups">Names of groups whose state changed.</param>
/// <param name="Nodes">Names of nodes whose state or fencing changed.</param>
/// <param name="Configuration">The configuration changed.</param>
public sealed record Touched(ImmutableArray<string> Groups, ImmutableArray<string> Nodes, bool Configuration)
{
    public static Touched Nothing { get; } = new([], [], false);
}
