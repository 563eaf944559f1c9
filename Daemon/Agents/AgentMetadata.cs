using System.Collections.Immutable;

namespace ClusterTools.Agents;

/// <summary>What a resource agent says of itself (OCF resource agent API 1.1, meta-data).</summary>
public sealed record AgentMetadata
{
    /// <summary>The agent as it is written in a configuration, such as <c>ocf:heartbeat:IPaddr2</c>.</summary>
    public required string Agent { get; init; }

    public string Version { get; init; } = "";

    public string ShortDescription { get; init; } = "";

    public string LongDescription { get; init; } = "";

    public ImmutableArray<AgentParameter> Parameters { get; init; } = [];

    public ImmutableArray<AgentAction> Actions { get; init; } = [];
}

/// <summary>A parameter of a resource agent.</summary>
public sealed record AgentParameter
{
    public required string Name { get; init; }

    public bool Required { get; init; }

    /// <summary>No two resources may have the same value.</summary>
    public bool Unique { get; init; }

    /// <summary>string, integer, boolean, time, select and so on, as the agent says.</summary>
    public string Type { get; init; } = "string";

    public string? Default { get; init; }

    /// <summary>An older name that the agent still takes.</summary>
    public bool Deprecated { get; init; }

    /// <summary>The values to choose from, for a select.</summary>
    public ImmutableArray<string> Options { get; init; } = [];

    public string ShortDescription { get; init; } = "";

    public string LongDescription { get; init; } = "";

    /// <summary>By the agent's own words its value is a password or the like.</summary>
    public bool Secret { get; init; }
}

/// <summary>An action that a resource agent offers.</summary>
public sealed record AgentAction
{
    public required string Name { get; init; }

    /// <summary>The time limit the agent proposes.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>For a monitor: how often, as the agent proposes.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>For a monitor: how thorough (OCF_CHECK_LEVEL).</summary>
    public int? Depth { get; init; }
}

/// <summary>A resource agent cannot be used as asked: it is missing, its name is wrong, or its metadata cannot be read.</summary>
public sealed class ResourceAgentException : Exception
{
    internal ResourceAgentException(string message, int exitCode, Exception? cause = null)
        : base(message, cause) => ExitCode = exitCode;

    /// <summary>
    /// The exit code that an OCF agent would have returned: 2 wrong arguments, 4 not permitted, 5 not installed, 6 not configured.
    /// </summary>
    public int ExitCode { get; }
}
