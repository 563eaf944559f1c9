using System.Collections.Immutable;

namespace ClusterTools.Fencing;

public enum FenceOperation
{
    Off,
    On,
    Reboot,
    Status,
    Metadata,
}

/// <summary>One call of a fence agent.</summary>
public sealed record FenceRequest
{
    /// <summary>Never used twice.</summary>
    public required string ActionId { get; init; }

    /// <summary>The node to be cut off.</summary>
    public required string Target { get; init; }

    /// <summary>Name of the device in the configuration.</summary>
    public required string Device { get; init; }

    /// <summary>The agent program: a name looked up in the agents' folders, or a path.</summary>
    public required string Agent { get; init; }

    public required FenceOperation Operation { get; init; }

    public required TimeSpan Timeout { get; init; }

    /// <summary>key=value pairs as the agent reads them on standard input (device's and call's together), without action.</summary>
    public ImmutableSortedDictionary<string, string> Parameters { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
}

/// <summary>What became of a <see cref="FenceRequest"/>.</summary>
public sealed record FenceResult
{
    public required string ActionId { get; init; }

    /// <summary>The agent says that it is done: for Off, that the node is off.</summary>
    public required bool Success { get; init; }

    /// <summary>By the agent's own words it cuts nothing off, so that its success proves nothing.</summary>
    public bool NoProof { get; init; }

    public int ExitCode { get; init; } = -1;

    public bool TimedOut { get; init; }

    public TimeSpan Duration { get; init; }

    /// <summary>What the agent wrote, secrets removed.</summary>
    internal string Output { get; init; } = "";

    /// <summary>One sentence for the journal with the last lines the agent wrote (at most 2 KiB), secrets removed.</summary>
    public string Message { get; init; } = "";
}
