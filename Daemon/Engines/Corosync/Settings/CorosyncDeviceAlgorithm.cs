namespace ClusterTools.Engines.Corosync.Settings;

/// <summary>Whom the vote of an arbiter goes to (quorum.device.net.algorithm in corosync-qdevice(8)).</summary>
public enum CorosyncDeviceAlgorithm
{
    /// <summary>One vote, for one of the halves when the nodes fall apart into two.</summary>
    Ffsplit,

    /// <summary>As many votes as let a single node go on.</summary>
    Lms,
}
