namespace ClusterTools.Client;

/// <summary>A whole cluster on this machine, for trying things out.</summary>
public sealed class ClusterLab
{
    /// <summary>Its name: that of its client context.</summary>
    public string Name { get; set; } = "";

    /// <summary>The cluster's name.</summary>
    public string Cluster { get; set; } = "";

    /// <summary>Names of its nodes.</summary>
    public IReadOnlyList<string> Nodes { get; set; } = [];

    /// <summary>Where the nodes' API listens, in the order of <see cref="Nodes"/>.</summary>
    public IReadOnlyList<string> Addresses { get; set; } = [];

    /// <summary>All its files.</summary>
    public string Folder { get; set; } = "";

    /// <summary>The process that is the lab; 0: it does not run.</summary>
    public int ProcessId { get; set; }

    /// <summary>It goes on when the shell that started it ends.</summary>
    public bool KeepRunning { get; set; }

    /// <summary>Where the example's web shop serves; null: another configuration.</summary>
    public string? WebAddress { get; set; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>A node of a lab as seen from outside, as one would look at a machine.</summary>
public sealed class ClusterLabNode
{
    /// <summary>The node.</summary>
    public string Name { get; set; } = "";

    /// <summary>Whether its power is on, or its plug pulled.</summary>
    public string Power { get; set; } = "";

    /// <summary>Whether its daemon runs, or is stalled.</summary>
    public string Daemon { get; set; } = "";

    /// <summary>Where its API listens.</summary>
    public string Address { get; set; } = "";

    /// <summary>The lab's name.</summary>
    public string Lab { get; set; } = "";
}

/// <summary>What can befall a node of a lab.</summary>
public enum ClusterLabFault
{
    /// <summary>The plug is pulled: everything that the node runs ends at once, and it stays off until it is revived.</summary>
    PowerCut,

    /// <summary>The daemon alone is killed, as by a crash; what it started goes on running.</summary>
    Kill,

    /// <summary>The daemon stops in its tracks, as by a hang.</summary>
    Stall,

    /// <summary>A stalled daemon goes on.</summary>
    Wake,

    /// <summary>The plug is put in again, and the node starts.</summary>
    Revive,
}

/// <summary>A lab could not be started, reached or ended.</summary>
public sealed class LabException : ClusterException
{
    /// <summary>There is no program clusterd.</summary>
    public const string DaemonNotFound = "daemon-not-found";

    /// <summary>The lab, or what was to be done to it, failed.</summary>
    public const string LabFailed = "lab-failed";

    /// <summary>The context is not that of a lab.</summary>
    public const string NoLab = "no-lab";

    /// <summary>It took too long.</summary>
    public const string LabTimedOut = "lab-timed-out";

    /// <inheritdoc/>
    public LabException(string code, string message, string remedy, Exception? inner = null)
        : base(code, message, remedy, inner)
    {
    }
}
