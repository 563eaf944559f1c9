using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ClusterTools.Engines.Corosync.Native;

/// <summary>Closed process groups (libcpg.so.4, corosync/cpg.h). Blittable all through: nothing is marshalled, and no delegate can be
/// collected.</summary>
internal static unsafe partial class LibCpg
{
    private const string Library = "libcpg.so.4";

    /// <summary>The first model with a callback for totem's own memberships.</summary>
    public const int Model = 1;

    public const int MostName = 128;

    public enum Dispatch
    {
        OneNonblocking = 4,
    }

    public enum Guarantee
    {
        Agreed = 2,
    }

    [LibraryImport(Library, EntryPoint = "cpg_model_initialize")]
    public static partial CorosyncResult Initialize(out ulong handle, int model, in ModelData data, nint context);

    [LibraryImport(Library, EntryPoint = "cpg_finalize")]
    public static partial CorosyncResult Finalize(ulong handle);

    [LibraryImport(Library, EntryPoint = "cpg_fd_get")]
    public static partial CorosyncResult GetDescriptor(ulong handle, out int descriptor);

    [LibraryImport(Library, EntryPoint = "cpg_local_get")]
    public static partial CorosyncResult GetLocal(ulong handle, out uint node);

    [LibraryImport(Library, EntryPoint = "cpg_join")]
    public static partial CorosyncResult Join(ulong handle, in Name group);

    [LibraryImport(Library, EntryPoint = "cpg_dispatch")]
    public static partial CorosyncResult Run(ulong handle, Dispatch how);

    [LibraryImport(Library, EntryPoint = "cpg_mcast_joined")]
    public static partial CorosyncResult Multicast(ulong handle, Guarantee guarantee, in Vector vector, uint count);

    [StructLayout(LayoutKind.Sequential)]
    public struct Address
    {
        public uint Node;
        public uint Process;
        public uint Reason;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct Name
    {
        public uint Length;
        public Characters Value;
    }

    [InlineArray(MostName)]
    public struct Characters
    {
        private byte first;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct Vector
    {
        public byte* Base;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct ModelData
    {
        public int Model;
        public delegate* unmanaged[Cdecl]<ulong, Name*, uint, uint, byte*, nuint, void> Deliver;
        public delegate* unmanaged[Cdecl]<ulong, Name*, Address*, nuint, Address*, nuint, Address*, nuint, void> Change;
        public nint TotemChange;
        public uint Flags;
    }
}
