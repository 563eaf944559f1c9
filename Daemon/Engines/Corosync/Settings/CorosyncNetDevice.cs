namespace ClusterTools.Engines.Corosync.Settings;

/// <summary>An arbiter on another machine, which corosync-qdevice(8) speaks to.</summary>
public sealed record CorosyncNetDevice : CorosyncDevice
{
    public override string Model => "net";

    /// <summary>Name or address of the machine on which corosync-qnetd runs.</summary>
    public required string Host { get; init; }

    /// <summary>Whom the arbiter's vote goes to.</summary>
    public CorosyncDeviceAlgorithm Algorithm { get; init; } = CorosyncDeviceAlgorithm.Ffsplit;

    /// <summary>Whether the connection is encrypted.</summary>
    public CorosyncDeviceTls Tls { get; init; } = CorosyncDeviceTls.On;
}
