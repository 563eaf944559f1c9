using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ClusterTools.Engines.Corosync.Native;

/// <summary>What corosync knows of votes (libvotequorum.so.8, corosync/votequorum.h).</summary>
internal static partial class LibVoteQuorum
{
    private const string Library = "libvotequorum.so.8";
    private const int MostName = 255;

    [Flags]
    public enum State
    {
        /// <summary>The program of a quorum device has said that it is there.</summary>
        DeviceIsRegistered = 64,

        /// <summary>It speaks up in time.</summary>
        DeviceIsAlive = 128,

        /// <summary>It gives its vote to this node's side.</summary>
        DeviceVotes = 256,
    }

    [LibraryImport(Library, EntryPoint = "votequorum_initialize")]
    public static partial CorosyncResult Initialize(out ulong handle, nint callbacks);

    [LibraryImport(Library, EntryPoint = "votequorum_finalize")]
    public static partial CorosyncResult Finalize(ulong handle);

    [LibraryImport(Library, EntryPoint = "votequorum_getinfo")]
    public static partial CorosyncResult GetInfo(ulong handle, uint node, out Info info);

    [StructLayout(LayoutKind.Sequential)]
    public struct Info
    {
        public uint Node;
        public uint NodeState;
        public uint NodeVotes;
        public uint NodeExpectedVotes;
        public uint HighestExpected;
        public uint TotalVotes;
        public uint Quorum;
        public State Flags;
        public uint DeviceVotes;
        public Characters DeviceName;
    }

    [InlineArray(MostName)]
    public struct Characters
    {
        private byte first;
    }
}
