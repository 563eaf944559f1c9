namespace ClusterTools.Engines;

/// <summary>The quorum disk as a node uses it.</summary>
public sealed record QuorumDiskSetup
{
    /// <summary>A block device or a file that all nodes share; also how the votes name it.</summary>
    public required string Device { get; init; }

    /// <summary>The cluster that the disk must have been formatted for.</summary>
    public required string Cluster { get; init; }

    /// <summary>The own place on it: the node's id.</summary>
    public required int Slot { get; init; }

    /// <summary>Milliseconds between two writes.</summary>
    public required int Interval { get; init; }

    /// <summary>Milliseconds without a write after which a node counts as dead on the disk.</summary>
    public required int Silence { get; init; }

    /// <summary>A node of a lower score has no vote.</summary>
    public required int MinimumScore { get; init; }
}
