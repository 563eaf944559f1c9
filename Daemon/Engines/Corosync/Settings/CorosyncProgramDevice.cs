namespace ClusterTools.Engines.Corosync.Settings;

/// <summary>A program of somebody else's, or of ClusterTools', that votes through votequorum_qdevice_poll(3).</summary>
/// <param name="Model">A name for it, which is not <c>net</c>.</param>
public sealed record CorosyncProgramDevice(string Model) : CorosyncDevice
{
    public override string Model { get; } = Model;
}
