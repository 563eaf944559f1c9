namespace ClusterTools.Engines.Corosync;

/// <summary>How far a round is.</summary>
internal enum Phase
{
    /// <summary>In no ring yet.</summary>
    Apart,

    /// <summary>Waits until everybody in the ring has said hello.</summary>
    Gathering,

    /// <summary>Waits until the logs of all members are as the best one.</summary>
    Transferring,

    /// <summary>Waits until the new epoch is on the disks of all members.</summary>
    Opening,

    /// <summary>In an open view: entries are appended and committed.</summary>
    Open,

    /// <summary>In the ring and in no quorate view.</summary>
    Outside,

    /// <summary>This life has ended.</summary>
    Over,
}
