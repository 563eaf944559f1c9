using System.Runtime.InteropServices;

namespace ClusterTools.Guests.Libvirt.Native;

/// <summary>libvirt.so.0 (libvirt/libvirt-host.h, libvirt-domain.h, libvirt-event.h). Blittable all through.</summary>
internal static unsafe partial class LibVirt
{
    internal const string Library = "libvirt.so.0";

    /// <summary>What a callback is registered for (virDomainEventID).</summary>
    public enum EventKind
    {
        Lifecycle = 0,
        Reboot = 1,
        AgentLifecycle = 18,
        JobCompleted = 21,
    }

    [Flags]
    public enum Migrate : uint
    {
        None = 0,
        Live = 1,
        PeerToPeer = 2,
        PersistDestination = 8,
        UndefineSource = 16,
        NonSharedDisk = 64,
        ChangeProtection = 256,
        Unsafe = 512,
        Offline = 1024,
        AbortOnError = 4096,
        AutoConverge = 8192,
        PostCopy = 32768,
        Tls = 65536,
        Parallel = 131072,
    }

    /// <summary>What else goes when a definition does: saved memory, snapshots' and checkpoints' notes, firmware variables.</summary>
    public const uint UndefineAll = 1 | 2 | 4 | 16;

    [LibraryImport(Library, EntryPoint = "virSetErrorFunc")]
    public static partial void SetErrorFunction(nint data, delegate* unmanaged[Cdecl]<nint, Error*, void> function);

    [LibraryImport(Library, EntryPoint = "virGetLastError")]
    public static partial Error* GetLastError();

    [LibraryImport(Library, EntryPoint = "virEventRegisterDefaultImpl")]
    public static partial int RegisterEventLoop();

    [LibraryImport(Library, EntryPoint = "virEventRunDefaultImpl")]
    public static partial int RunEventLoop();

    [LibraryImport(Library, EntryPoint = "virConnectOpen", StringMarshalling = StringMarshalling.Utf8)]
    public static partial ConnectionHandle Open(string uri);

    [LibraryImport(Library, EntryPoint = "virConnectClose")]
    public static partial int Close(nint connection);

    [LibraryImport(Library, EntryPoint = "virConnectIsAlive")]
    public static partial int IsAlive(ConnectionHandle connection);

    [LibraryImport(Library, EntryPoint = "virConnectSetKeepAlive")]
    public static partial int SetKeepAlive(ConnectionHandle connection, int seconds, uint count);

    [LibraryImport(Library, EntryPoint = "virConnectRegisterCloseCallback")]
    public static partial int RegisterClose(
        ConnectionHandle connection, delegate* unmanaged[Cdecl]<nint, int, nint, void> callback, nint data,
        delegate* unmanaged[Cdecl]<nint, void> free);

    [LibraryImport(Library, EntryPoint = "virConnectUnregisterCloseCallback")]
    public static partial int UnregisterClose(ConnectionHandle connection, delegate* unmanaged[Cdecl]<nint, int, nint, void> callback);

    [LibraryImport(Library, EntryPoint = "virConnectDomainEventRegisterAny")]
    public static partial int RegisterEvent(
        ConnectionHandle connection, nint domain, EventKind kind, void* callback, nint data, delegate* unmanaged[Cdecl]<nint, void> free);

    [LibraryImport(Library, EntryPoint = "virConnectDomainEventDeregisterAny")]
    public static partial int DeregisterEvent(ConnectionHandle connection, int registration);

    [LibraryImport(Library, EntryPoint = "virConnectGetType")]
    public static partial nint GetType(ConnectionHandle connection);

    [LibraryImport(Library, EntryPoint = "virConnectGetVersion")]
    public static partial int GetVersion(ConnectionHandle connection, out CULong version);

    [LibraryImport(Library, EntryPoint = "virConnectGetHostname")]
    public static partial nint GetHostName(ConnectionHandle connection);

    [LibraryImport(Library, EntryPoint = "virConnectGetCapabilities")]
    public static partial nint GetCapabilities(ConnectionHandle connection);

    [LibraryImport(Library, EntryPoint = "virNodeGetInfo")]
    public static partial int GetNodeInfo(ConnectionHandle connection, out NodeInfo info);

    [LibraryImport(Library, EntryPoint = "virNodeGetMemoryStats")]
    public static partial int GetMemory(ConnectionHandle connection, int cell, MemoryStatistic* statistics, ref int count, uint flags);

    [LibraryImport(Library, EntryPoint = "virConnectListAllDomains")]
    public static partial int ListDomains(ConnectionHandle connection, out nint* domains, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainLookupByName", StringMarshalling = StringMarshalling.Utf8)]
    public static partial DomainHandle LookUp(ConnectionHandle connection, string name);

    [LibraryImport(Library, EntryPoint = "virDomainDefineXML", StringMarshalling = StringMarshalling.Utf8)]
    public static partial DomainHandle Define(ConnectionHandle connection, string xml);

    [LibraryImport(Library, EntryPoint = "virDomainCreateXML", StringMarshalling = StringMarshalling.Utf8)]
    public static partial DomainHandle CreateTransient(ConnectionHandle connection, string xml, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainFree")]
    public static partial int Free(nint domain);

    [LibraryImport(Library, EntryPoint = "virDomainGetName")]
    public static partial nint GetName(nint domain);

    [LibraryImport(Library, EntryPoint = "virDomainGetUUID")]
    public static partial int GetId(nint domain, byte* id);

    [LibraryImport(Library, EntryPoint = "virDomainGetState")]
    public static partial int GetState(DomainHandle domain, out int state, out int reason, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainGetInfo")]
    public static partial int GetInfo(DomainHandle domain, out DomainInfo info);

    [LibraryImport(Library, EntryPoint = "virDomainIsPersistent")]
    public static partial int IsPersistent(DomainHandle domain);

    [LibraryImport(Library, EntryPoint = "virDomainGetXMLDesc")]
    public static partial nint GetXml(DomainHandle domain, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainCreate")]
    public static partial int Create(DomainHandle domain);

    [LibraryImport(Library, EntryPoint = "virDomainShutdown")]
    public static partial int Shutdown(DomainHandle domain);

    [LibraryImport(Library, EntryPoint = "virDomainDestroy")]
    public static partial int Destroy(DomainHandle domain);

    [LibraryImport(Library, EntryPoint = "virDomainReset")]
    public static partial int Reset(DomainHandle domain, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainSuspend")]
    public static partial int Suspend(DomainHandle domain);

    [LibraryImport(Library, EntryPoint = "virDomainResume")]
    public static partial int Resume(DomainHandle domain);

    [LibraryImport(Library, EntryPoint = "virDomainUndefineFlags")]
    public static partial int Undefine(DomainHandle domain, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainMigrateToURI3", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MigrateTo(DomainHandle domain, string destination, TypedParameter* parameters, uint count, Migrate flags);

    [LibraryImport(Library, EntryPoint = "virDomainAbortJob")]
    public static partial int AbortJob(DomainHandle domain);

    [LibraryImport(Library, EntryPoint = "virDomainGetJobStats")]
    public static partial int GetJob(DomainHandle domain, out int type, out TypedParameter* parameters, out int count, uint flags);

    [LibraryImport(Library, EntryPoint = "virTypedParamsAddULLong", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Add(ref TypedParameter* parameters, ref int count, ref int room, string name, ulong value);

    [LibraryImport(Library, EntryPoint = "virTypedParamsAddInt", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Add(ref TypedParameter* parameters, ref int count, ref int room, string name, int value);

    [LibraryImport(Library, EntryPoint = "virTypedParamsAddString", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Add(ref TypedParameter* parameters, ref int count, ref int room, string name, string value);

    [LibraryImport(Library, EntryPoint = "virTypedParamsFree")]
    public static partial void Free(TypedParameter* parameters, int count);

    /// <summary>Text that the library allocated for the caller.</summary>
    public static string? Take(nint text)
    {
        string? taken = Marshal.PtrToStringUTF8(text);
        Release(text);
        return taken;
    }

    /// <summary>Memory that the library allocated for the caller.</summary>
    [LibraryImport("libc", EntryPoint = "free")]
    public static partial void Release(nint memory);

    [StructLayout(LayoutKind.Sequential)]
    public struct Error
    {
        public int Code;
        public int Domain;
        public nint Message;
        public int Level;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct NodeInfo
    {
        public fixed byte Model[32];

        /// <summary>Not that of a machine that was given more while it ran.</summary>
        public CULong Memory;
        public uint Processors;
        public uint Megahertz;
        public uint Nodes;
        public uint Sockets;
        public uint Cores;
        public uint Threads;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct DomainInfo
    {
        public byte State;
        public CULong MaxMemory;
        public CULong Memory;
        public ushort Processors;
        public ulong ProcessorTime;
    }

    /// <summary>A named figure in KiB (virNodeMemoryStats).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MemoryStatistic
    {
        private fixed byte name[80];
        public ulong Value;

        public readonly string Name
        {
            get
            {
                fixed (byte* start = name)
                {
                    return Marshal.PtrToStringUTF8((nint)start) ?? "";
                }
            }
        }
    }

    /// <summary>A named value (virTypedParameter).</summary>
    [StructLayout(LayoutKind.Explicit, Size = 96)]
    public struct TypedParameter
    {
        public const int Int = 1;
        public const int UnsignedInt = 2;
        public const int Long = 3;
        public const int UnsignedLong = 4;

        private const int MostName = 80;

        [FieldOffset(0)]
        private fixed byte name[MostName];

        [FieldOffset(MostName)]
        public int Type;

        [FieldOffset(MostName + 8)]
        public long Value;

        public readonly string Name
        {
            get
            {
                fixed (byte* start = name)
                {
                    return Marshal.PtrToStringUTF8((nint)start) ?? "";
                }
            }
        }
    }
}
