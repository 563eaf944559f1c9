using System.Runtime.InteropServices;

namespace ClusterTools.Guests.Libvirt.Native;

/// <summary>A connection to a libvirt daemon.</summary>
internal sealed class ConnectionHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle() => LibVirt.Close(handle) >= 0;
}
