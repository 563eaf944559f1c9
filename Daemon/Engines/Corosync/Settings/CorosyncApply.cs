namespace ClusterTools.Engines.Corosync.Settings;

/// <summary>What makes a change of corosync.conf hold on a cluster that runs.</summary>
public enum CorosyncApply
{
    /// <summary>
    /// The new file on every node, then <c>corosync-cfgtool -R</c> on one of them; all must run the same version of corosync.
    /// </summary>
    Reload,

    /// <summary>That, and a restart of the device's program on every node.</summary>
    RestartDevice,

    /// <summary>The new file on every node, then a restart of corosync on every node.</summary>
    RestartCorosync,
}
