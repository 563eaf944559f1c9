namespace ClusterTools.Engines.Corosync.Settings;

/// <summary>Whether the connection to an arbiter is encrypted (quorum.device.net.tls in corosync-qdevice(8)).</summary>
public enum CorosyncDeviceTls
{
    /// <summary>If the arbiter can.</summary>
    On,

    /// <summary>Never.</summary>
    Off,

    /// <summary>Always; else there is no connection.</summary>
    Required,
}
