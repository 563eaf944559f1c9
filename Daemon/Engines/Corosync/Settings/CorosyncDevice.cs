namespace ClusterTools.Engines.Corosync.Settings;

/// <summary>A vote outside of the nodes: a program on each node that votes in corosync (quorum.device).</summary>
public abstract record CorosyncDevice
{
    /// <summary>What corosync knows the program as.</summary>
    public abstract string Model { get; }

    /// <summary>Its votes. Null: one less than the nodes have, which corosync finds out only if each of them has one vote.</summary>
    public int? Votes { get; init; }

    /// <summary>Milliseconds within which the program must speak up, or its vote is void. Null: corosync's 10,000.</summary>
    public int? Timeout { get; init; }

    /// <summary>The same while the membership changes, in milliseconds. Null: corosync's 30,000.</summary>
    public int? SyncTimeout { get; init; }
}
