using ClusterTools.Core.Configuration;

namespace ClusterTools.Import;

/// <summary>The resource types of cluster.conf that can be imported, and the agents that do their work today.</summary>
public static class ClassicTypes
{
    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. ClassicType.Names];

    /// <summary>The agent as a configuration names it; null: there is no such type, or it is any script (<c>script</c>).</summary>
    public static string? AgentOf(string name) => ClassicType.Find(name) is { NotSupported: null, Agent.Length: > 0 } type ? type.Agent
        : null;

    /// <summary>Whether the type says something of what may stand under it.</summary>
    public static bool KnowsChildren(string name) => ClassicType.Find(name) is { KnowsChildren: true };

    /// <summary>Whether a type of this name can be imported.</summary>
    public static bool Contains(string name) => ClassicType.Find(name) is { NotSupported: null };
}
