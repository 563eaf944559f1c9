using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ClusterTools.Agents;

/// <summary>Whose a file is and who may do what with it, of the name itself and not of what a link leads to (statx(2)).</summary>
/// <param name="Owner">User id.</param>
/// <param name="Mode">Type and permissions, as in st_mode.</param>
public readonly partial record struct FileStatus(uint Owner, uint Mode)
{
    private const uint TypeMask = 0xF000;
    private const uint Folder = 0x4000;
    private const uint Link = 0xA000;
    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const uint BasicFields = 0x7FF;
    private const int StructureSize = 256;
    private const int OwnerAt = 20;
    private const int ModeAt = 28;

    /// <summary>The user that this process acts as.</summary>
    public static uint EffectiveUser { get; } = OperatingSystem.IsLinux() ? GetEffectiveUser() : 0;

    public bool IsFolder => (Mode & TypeMask) == Folder;

    public bool IsLink => (Mode & TypeMask) == Link;

    /// <summary>Null: there is nothing, or it can't be seen, or this is not Linux.</summary>
    public static unsafe FileStatus? Read(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        byte* found = stackalloc byte[StructureSize];
        return StatX(CurrentFolder, path, NoFollow, BasicFields, found) == 0
            ? new FileStatus(
                BinaryPrimitives.ReadUInt32LittleEndian(new ReadOnlySpan<byte>(found + OwnerAt, sizeof(uint))),
                BinaryPrimitives.ReadUInt16LittleEndian(new ReadOnlySpan<byte>(found + ModeAt, sizeof(ushort))))
            : null;
    }

    /// <summary>
    /// Files that this process makes from now on are its user's alone, whatever it was started with; what it starts gets the usual mask.
    /// </summary>
    public static void KeepToOwner()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetMask(0b111_111);
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int StatX(int folder, string path, int flags, uint mask, byte* found);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();

    [LibraryImport("libc", EntryPoint = "umask")]
    internal static partial uint SetMask(uint mask);
}
