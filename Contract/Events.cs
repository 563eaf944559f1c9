namespace ClusterTools.Contract;

/// <summary>First event of a stream (<c>event: hello</c>).</summary>
public sealed class StreamBegin
{
    public string Node { get; set; } = "";

    public long Epoch { get; set; }

    public long Index { get; set; }

    public Quorum Quorum { get; set; }

    public long ConfigurationVersion { get; set; }
}

/// <summary>The state changed (<c>event: state</c>): ask again for what interests you.</summary>
public sealed class StateChange
{
    public long Epoch { get; set; }

    public long Index { get; set; }

    public Quorum Quorum { get; set; }

    public long ConfigurationVersion { get; set; }

    /// <summary>Names of groups that changed, came or went.</summary>
    public IReadOnlyList<string> Groups { get; set; } = [];

    /// <summary>Names of nodes that changed, or whose fencing did.</summary>
    public IReadOnlyList<string> Nodes { get; set; } = [];

    /// <summary>The configuration changed.</summary>
    public bool Configuration { get; set; }
}

/// <summary>Journal entries are missing here (<c>event: gap</c>): they are older than what the node keeps in memory.</summary>
public sealed class StreamGap
{
    /// <summary>How many.</summary>
    public long Missing { get; set; }
}

/// <summary>Last event of a stream that the server ends (<c>event: end</c>).</summary>
public sealed class StreamEnd
{
    /// <summary>access-revoked or too-slow.</summary>
    public string Code { get; set; } = "";

    public string Remedy { get; set; } = "";
}
