using System.Buffers.Binary;
using System.Globalization;
using System.IO.MemoryMappedFiles;

namespace ClusterTools.Engines.Local;

/// <summary>What a daemon's heartbeat file says.</summary>
/// <param name="Incarnation">Which life of the node wrote it.</param>
/// <param name="Process">Whose heart it is.</param>
/// <param name="Beat">The last beat in <see cref="BootClock"/> milliseconds.</param>
/// <param name="Port">Where the daemon listens for wake-ups (UDP, loopback).</param>
/// <param name="Transaction">Since when it has been writing or waiting to write; 0: it is not.</param>
/// <param name="Position">The last log index that its consumer has handled.</param>
/// <param name="Ready">Its consumer has taken in the snapshot.</param>
internal readonly record struct HeartbeatRecord(
    long Incarnation, ProcessIdentity Process, long Beat, int Port, long Transaction, long Position, bool Ready)
{
    /// <summary>When it was last heard on this boot's clock; 0 when that was before this boot.</summary>
    public long Heard => Process.Boot == ProcessIdentity.Own.Boot ? Beat : 0;

    public bool IsFresh(long now, int token) => Process.Boot == ProcessIdentity.Own.Boot && Beat > 0 && now - Beat <= token;
}

/// <summary>
/// The heartbeat of one life of one node: a page of 64-bit fields, mapped by its daemon (a beat is a store, no system call) and read
/// by the others.
/// </summary>
internal sealed unsafe class Heartbeat : IDisposable
{
    private const string Suffix = ".beat";
    private const int PageSize = 4096;
    private const long Magic = 0x31_54_41_45_42_54_43_01;
    private const int MagicAt =
        0, IncarnationAt = 8, BootAt = 16, NamespaceAt = 24, ProcessAt = 32, StartedAt = 40, BeatAt = 48, PortAt = 56;
    private const int TransactionAt = 64, PositionAt = 72, ReadyAt = 80, RecordSize = 88;

    private readonly string path;
    private readonly MemoryMappedFile map;
    private readonly MemoryMappedViewAccessor view;
    private readonly Lock gate = new();
    private byte* page;

    private Heartbeat(string path, MemoryMappedFile map)
    {
        this.path = path;
        this.map = map;
        view = map.CreateViewAccessor(0, PageSize);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref page);
    }

    /// <summary>Creates this daemon's file.</summary>
    public static Heartbeat Create(string folder, Member member, int port)
    {
        Directory.CreateDirectory(folder);
        string path = PathOf(folder, member);
        string temporary = path + ".new";

        // The whole page is written and renamed into place: nobody reads half of it, and a full disk cannot fault the mapping later.
        byte[] content = new byte[PageSize];
        BinaryPrimitives.WriteInt64LittleEndian(content.AsSpan(MagicAt), Magic);
        BinaryPrimitives.WriteInt64LittleEndian(content.AsSpan(IncarnationAt), member.Incarnation);
        BinaryPrimitives.WriteInt64LittleEndian(content.AsSpan(BootAt), ProcessIdentity.Own.Boot);
        BinaryPrimitives.WriteInt64LittleEndian(content.AsSpan(NamespaceAt), ProcessIdentity.Own.Namespace);
        BinaryPrimitives.WriteInt64LittleEndian(content.AsSpan(ProcessAt), ProcessIdentity.Own.Id);
        BinaryPrimitives.WriteInt64LittleEndian(content.AsSpan(StartedAt), ProcessIdentity.Own.Started);
        BinaryPrimitives.WriteInt64LittleEndian(content.AsSpan(BeatAt), BootClock.Now);
        BinaryPrimitives.WriteInt64LittleEndian(content.AsSpan(PortAt), port);
        using (FileStream stream = new(temporary, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
        FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        return new Heartbeat(
            path, MemoryMappedFile.CreateFromFile(
                file, null, PageSize, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false));
    }

    /// <summary>Reads a member's record; null when there is none that can be read.</summary>
    public static HeartbeatRecord? Read(string folder, Member member) => Read(PathOf(folder, member));

    /// <summary>Every record in the folder, of whichever node and life.</summary>
    public static IEnumerable<(string Path, HeartbeatRecord Record)> ReadAll(string folder)
    {
        foreach (string path in Directory.EnumerateFiles(folder, "*" + Suffix))
        {
            if (Read(path) is { } record)
            {
                yield return (path, record);
            }
        }
    }

    /// <summary>Removes what earlier lives of the node left, once their processes are gone.</summary>
    public static void RemoveEarlier(string folder, Member member)
    {
        foreach (string path in Directory.EnumerateFiles(folder, NameOf(member.Node) + "~*" + Suffix))
        {
            if (Read(path) is { } record && record.Incarnation < member.Incarnation && !record.Process.IsAlive)
            {
                TryDelete(path);
            }
        }
    }

    public void Beat(long now) => Store(BeatAt, now);

    public void EnterTransaction(long now) => Store(TransactionAt, now);

    public void LeaveTransaction() => Store(TransactionAt, 0);

    public void SetPosition(long index) => Store(PositionAt, index);

    public void SetReady() => Store(ReadyAt, 1);

    /// <summary>Removes the file: this life is over and known to be.</summary>
    public void Delete() => TryDelete(path);

    public void Dispose()
    {
        lock (gate)
        {
            if (page == null)
            {
                return;
            }

            page = null;
            view.SafeMemoryMappedViewHandle.ReleasePointer();
            view.Dispose();
            map.Dispose();
        }
    }

    private void Store(int at, long value)
    {
        lock (gate)
        {
            if (page != null)
            {
                Volatile.Write(ref *(long*)(page + at), value);
            }
        }
    }

    private static HeartbeatRecord? Read(string path)
    {
        Span<byte> content = stackalloc byte[RecordSize];
        try
        {
            using Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (RandomAccess.Read(file, content, 0) < RecordSize || Field(content, MagicAt) != Magic)
            {
                return null;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        return new HeartbeatRecord(
            Field(content, IncarnationAt),
            new ProcessIdentity(Field(content, BootAt), Field(content, NamespaceAt), Field(content, ProcessAt), Field(content, StartedAt)),
            Field(content, BeatAt),
            (int)Field(content, PortAt),
            Field(content, TransactionAt),
            Field(content, PositionAt),
            Field(content, ReadyAt) != 0);
    }

    private static long Field(ReadOnlySpan<byte> content, int at) => BinaryPrimitives.ReadInt64LittleEndian(content[at..]);

    private static string PathOf(string folder, Member member) =>
        Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{NameOf(member.Node)}~{member.Incarnation}{Suffix}"));

    private static string NameOf(string node) => Uri.EscapeDataString(node).Replace("~", "%7E", StringComparison.Ordinal);

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A file left behind is stale and says so itself.
        }
    }
}
