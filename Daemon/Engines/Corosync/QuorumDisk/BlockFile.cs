using System.Runtime.InteropServices;

namespace ClusterTools.Engines.Corosync.QuorumDisk;

/// <summary>A block device or a file, read and written in whole blocks past all caches (O_DIRECT, O_DSYNC). Not for two threads.</summary>
internal sealed unsafe partial class BlockFile : IDisposable
{
    public const int BlockSize = 4096;

    private const int ReadWrite = 2;
    private const int Create = 0x40;
    private const int DataSync = 0x1000;
    private const int CloseOnExecute = 0x80000;
    private const int InvalidArgument = 22;

    private readonly string path;
    private int descriptor;
    private byte* memory;
    private int blocks;

    private BlockFile(string path, int descriptor, bool isDirect) => (this.path, this.descriptor, IsDirect) = (path, descriptor, isDirect);

    /// <summary>False: what is below knows no O_DIRECT (tmpfs), and may answer from a cache.</summary>
    public bool IsDirect { get; }

    private static int Direct => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x10000 : 0x4000;

    /// <exception cref="IOException">It can't be opened.</exception>
    public static BlockFile Open(string path, bool mayCreate = false)
    {
        int flags = ReadWrite | DataSync | CloseOnExecute | (mayCreate ? Create : 0);
        int descriptor = Open(path, flags | Direct, 0x180);
        bool isDirect = descriptor >= 0;
        if (!isDirect && Marshal.GetLastPInvokeError() == InvalidArgument)
        {
            descriptor = Open(path, flags, 0x180);
        }

        return descriptor >= 0 ? new BlockFile(path, descriptor, isDirect) : throw Failed("opened", path);
    }

    /// <summary>Reads blocks; valid until the next call.</summary>
    /// <exception cref="IOException">They can't be read, or are not there.</exception>
    public ReadOnlySpan<byte> Read(int first, int count)
    {
        int length = count * BlockSize;
        Span<byte> into = Room(count);
        for (int done = 0; done < length;)
        {
            nint got = PRead(descriptor, memory + done, (nuint)(length - done), ((long)first * BlockSize) + done);
            if (got <= 0)
            {
                throw got < 0 ? Failed("read", path) : new IOException(
                    $"The quorum disk '{path}' ends too early. Look whether it is the right device, or format it anew.");
            }

            done += (int)got;
        }

        return into;
    }

    /// <exception cref="IOException">They can't be written.</exception>
    public void Write(int first, ReadOnlySpan<byte> bytes)
    {
        Span<byte> room = Room(bytes.Length / BlockSize);
        bytes.CopyTo(room);
        for (int done = 0; done < bytes.Length;)
        {
            nint put = PWrite(descriptor, memory + done, (nuint)(bytes.Length - done), ((long)first * BlockSize) + done);
            done += put > 0 ? (int)put : throw Failed("written", path);
        }
    }

    public void Dispose()
    {
        if (descriptor >= 0)
        {
            _ = Native.LibC.Close(descriptor);
            descriptor = -1;
            NativeMemory.AlignedFree(memory);
            memory = null;
        }
    }

    private static IOException Failed(string done, string path) => new(
        $"The quorum disk '{path}' can't be {done}: {Marshal.GetLastPInvokeErrorMessage()}. Look at the device and the way to it.");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    private static partial nint PRead(int descriptor, byte* buffer, nuint length, long offset);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    private static partial nint PWrite(int descriptor, byte* buffer, nuint length, long offset);

    private Span<byte> Room(int count)
    {
        if (blocks < count)
        {
            NativeMemory.AlignedFree(memory);
            memory = (byte*)NativeMemory.AlignedAlloc((nuint)(count * BlockSize), BlockSize);
            blocks = count;
        }

        return new Span<byte>(memory, count * BlockSize);
    }
}
