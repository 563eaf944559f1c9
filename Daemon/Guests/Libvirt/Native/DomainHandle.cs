using System.Runtime.InteropServices;

namespace ClusterTools.Guests.Libvirt.Native;

/// <summary>A guest, as a libvirt daemon was asked for it.</summary>
internal sealed class DomainHandle : SafeHandle
{
    public DomainHandle()
        : base(0, ownsHandle: true)
    {
    }

    /// <param name="domain">Owned from now on.</param>
    public DomainHandle(nint domain)
        : this() => SetHandle(domain);

    public override bool IsInvalid => handle == 0;

    public string Name => Marshal.PtrToStringUTF8(LibVirt.GetName(handle)) ?? "";

    public unsafe Guid Id => IdOf(handle);

    /// <summary>The UUID of a guest, in the order in which it is written.</summary>
    public static unsafe Guid IdOf(nint domain)
    {
        byte* id = stackalloc byte[16];
        return LibVirt.GetId(domain, id) < 0 ? Guid.Empty : new Guid(new ReadOnlySpan<byte>(id, 16), bigEndian: true);
    }

    protected override bool ReleaseHandle() => LibVirt.Free(handle) >= 0;
}
