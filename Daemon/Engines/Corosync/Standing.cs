namespace ClusterTools.Engines.Corosync;

/// <summary>Whether a side has quorum, or what it lacks.</summary>
internal enum Standing
{
    /// <summary>Too few votes, whatever the quorum disk says.</summary>
    None,

    /// <summary>The quorum disk tells of what none of its logs has.</summary>
    Older,

    /// <summary>It would need the quorum disk, which does not answer or proves nothing.</summary>
    NoDisk,

    /// <summary>The quorum disk is somebody else's; this and the following depend on what is seen there.</summary>
    WithDisk,

    /// <summary>The quorum disk may be had soon.</summary>
    Waits,

    /// <summary>By the quorum disk.</summary>
    ByDisk,

    /// <summary>By its own votes.</summary>
    ByVotes,
}
