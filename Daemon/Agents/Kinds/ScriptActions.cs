using System.Collections.Immutable;

namespace ClusterTools.Agents;

/// <summary>The actions of agents that have no metadata of their own.</summary>
internal static class ScriptActions
{
    public static ImmutableArray<AgentAction> All { get; } =
    [
        new() { Name = "start", Timeout = TimeSpan.FromSeconds(60) },
        new() { Name = "stop", Timeout = TimeSpan.FromSeconds(60) },
        new() { Name = "status", Timeout = TimeSpan.FromSeconds(20), Interval = TimeSpan.FromSeconds(10) },
    ];
}
