namespace ClusterTools.Core.Configuration;

/// <summary>How a fence device is used for a node.</summary>
public sealed record FenceAssignment
{
    public required string Node { get; init; }

    /// <summary>Name of the node's fence method; null: the method that uses the device already, or one of the device's name.</summary>
    public string? Method { get; init; }

    /// <summary>Null: reboot, or as it is.</summary>
    public FenceAction? Action { get; init; }

    /// <summary>Parameters of this call (port, plug …); a null value takes one out.</summary>
    public IReadOnlyDictionary<string, string?>? Parameters { get; init; }

    /// <summary>The method is tried before the others.</summary>
    public bool First { get; init; }
}
