namespace ClusterTools.Contract;

/// <summary>Fencing of one node under way.</summary>
public sealed class Fencing
{
    public string Target { get; set; } = "";

    public string Why { get; set; } = "";

    /// <summary>Who asked; null: the cluster decided.</summary>
    public string? Who { get; set; }

    /// <summary>The time since the decision.</summary>
    public TimeSpan For { get; set; }

    /// <summary>Proven off; it is being switched on again.</summary>
    public bool Proven { get; set; }

    public int Attempt { get; set; }

    /// <summary>The method that is tried.</summary>
    public string? Method { get; set; }

    /// <summary>The device that is called now.</summary>
    public string? Device { get; set; }

    /// <summary>The node that calls it.</summary>
    public string? Executor { get; set; }

    public string LastError { get; set; } = "";
}

/// <summary>A finished fencing: <c>GET /v1/fence-history</c>.</summary>
public sealed class FenceRecord
{
    public string Target { get; set; } = "";

    public bool Success { get; set; }

    /// <summary>Nothing was cut off: an operator has said that the node is down.</summary>
    public bool Confirmed { get; set; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? At { get; set; }

    /// <summary>The time from the decision to the end.</summary>
    public TimeSpan Duration { get; set; }

    public string? Method { get; set; }

    public string? Executor { get; set; }

    /// <summary>Who asked; null: the cluster decided.</summary>
    public string? Who { get; set; }

    public string Why { get; set; } = "";

    public string Message { get; set; } = "";
}

/// <summary>A configured fence device: <c>GET /v1/fence-devices</c>.</summary>
public sealed class FenceDevice
{
    public string Name { get; set; } = "";

    public string Agent { get; set; } = "";

    /// <summary>Secrets are replaced by <c>(secret)</c>.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; set; } = new Dictionary<string, string>();

    /// <summary>Names of the nodes that it cuts off.</summary>
    public IReadOnlyList<string> Nodes { get; set; } = [];
}

/// <summary>What a fence device says of a node: <c>POST /v1/fence-devices/test</c>.</summary>
public sealed class FenceDeviceTest
{
    public string Node { get; set; } = "";

    public string Method { get; set; } = "";

    public string Device { get; set; } = "";

    public bool Answers { get; set; }

    /// <summary>Whether the node is switched on; null: not told.</summary>
    public bool? On { get; set; }

    public string Message { get; set; } = "";
}
