namespace ClusterTools.Contract;

/// <summary>A resource agent that a node has, or a classic type and the agent behind it: <c>GET /v1/resource-types</c>.</summary>
public sealed class ResourceType
{
    /// <summary>
    /// The agent as a configuration names it, such as <c>ocf:heartbeat:IPaddr2</c>; of a classic type its name, such as <c>ip</c>.
    /// </summary>
    public string Name { get; set; } = "";

    /// <summary>The agent as a configuration names it; of a classic type the one that does its work.</summary>
    public string Agent { get; set; } = "";

    public ResourceTypeClass Class { get; set; }

    /// <summary>Of an OCF agent, such as <c>heartbeat</c>.</summary>
    public string? Provider { get; set; }

    /// <summary>Whether the agent is installed on the node that answered.</summary>
    public bool Installed { get; set; }

    /// <summary>In a list only where it is known already; ask for the one to know it.</summary>
    public string? ShortDescription { get; set; }

    /// <summary>Only when one is asked for.</summary>
    public string? LongDescription { get; set; }

    /// <summary>Version of the agent; only when one is asked for.</summary>
    public string? Version { get; set; }

    /// <summary>Only when one is asked for.</summary>
    public IReadOnlyList<AgentParameter>? Parameters { get; set; }

    /// <summary>Only when one is asked for.</summary>
    public IReadOnlyList<AgentAction>? Actions { get; set; }
}

/// <summary>A fence agent that a node has: <c>GET /v1/fence-agents</c>.</summary>
public sealed class FenceAgent
{
    /// <summary>As a fence device names it, such as <c>fence_ipmilan</c>.</summary>
    public string Name { get; set; } = "";

    /// <summary>In a list only where it is known already; ask for the one to know it.</summary>
    public string? ShortDescription { get; set; }

    /// <summary>Only when one is asked for.</summary>
    public string? LongDescription { get; set; }

    /// <summary>The device's maker; only when one is asked for.</summary>
    public string? VendorUrl { get; set; }

    /// <summary>Only when one is asked for.</summary>
    public IReadOnlyList<AgentParameter>? Parameters { get; set; }

    /// <summary>Only when one is asked for.</summary>
    public IReadOnlyList<AgentAction>? Actions { get; set; }
}

/// <summary>A parameter that a resource or fence agent takes.</summary>
public sealed class AgentParameter
{
    public string Name { get; set; } = "";

    /// <summary>string, integer, boolean, time, select and so on, as the agent says.</summary>
    public string Type { get; set; } = "string";

    /// <summary>What the agent uses when it is left out; null: it does not say.</summary>
    public string? Default { get; set; }

    public bool Required { get; set; }

    /// <summary>No two resources may have the same value.</summary>
    public bool Unique { get; set; }

    /// <summary>An older name that the agent still takes.</summary>
    public bool Deprecated { get; set; }

    /// <summary>Its value is a password or the like, goes in and never comes out.</summary>
    public bool Secret { get; set; }

    /// <summary>The values to choose from, where the agent lists them.</summary>
    public IReadOnlyList<string> Options { get; set; } = [];

    /// <summary>In one line.</summary>
    public string Description { get; set; } = "";

    /// <summary>In full, where the agent says more.</summary>
    public string? LongDescription { get; set; }
}

/// <summary>An action that a resource or fence agent offers.</summary>
public sealed class AgentAction
{
    public string Name { get; set; } = "";

    /// <summary>The limit that the agent proposes.</summary>
    public TimeSpan? Timeout { get; set; }

    /// <summary>Of a monitor: the time from one to the next, as the agent proposes.</summary>
    public TimeSpan? Interval { get; set; }

    /// <summary>Of a monitor: how thorough (OCF_CHECK_LEVEL).</summary>
    public int? Depth { get; set; }
}

public enum ResourceTypeClass
{
    /// <summary>An agent of the OCF resource agent API.</summary>
    Ocf,

    /// <summary>An init script.</summary>
    Lsb,

    /// <summary>A unit of systemd.</summary>
    Systemd,

    /// <summary>A program.</summary>
    Exec,

    /// <summary>A PowerShell script.</summary>
    PowerShell,

    /// <summary>A resource type of cluster.conf, as the importer translates it.</summary>
    Classic,
}
