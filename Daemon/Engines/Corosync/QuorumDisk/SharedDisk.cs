using System.Security.Cryptography;

namespace ClusterTools.Engines.Corosync.QuorumDisk;

/// <summary>
/// A quorum disk: a header, and for each node two blocks that it writes by turns, so that one that was torn leaves the other. Not for two
/// threads.
/// </summary>
internal sealed class SharedDisk : IDisposable
{
    /// <summary>Nodes that have room.</summary>
    public const int Slots = 64;

    private const int Blocks = 1 + (2 * Slots);
    private readonly BlockFile file;
    private readonly string path;

    private SharedDisk(string path, BlockFile file, DiskHeader header) => (this.path, this.file, Header) = (path, file, header);

    public DiskHeader Header { get; }

    public bool IsDirect => file.IsDirect;

    /// <exception cref="IOException">It can't be used; the message says why and what to do.</exception>
    public static SharedDisk Open(string path)
    {
        BlockFile file = BlockFile.Open(path);
        try
        {
            return new SharedDisk(path, file, DiskBlock.DecodeHeader(file.Read(0, 1)) ?? throw new IOException(
                $"'{path}' is not a quorum disk. Look whether it is the right device; if so, run 'clusterd quorum-disk format {path}'."));
        }
        catch (InvalidDataException e)
        {
            file.Dispose();
            throw Damaged(path, e);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Makes a quorum disk of it; all that it held is gone.</summary>
    /// <param name="path">A block device, or a file, which is made when it is not there.</param>
    /// <param name="cluster">Whose it is to be.</param>
    /// <param name="overwrites">Whatever is there may go.</param>
    /// <exception cref="IOException">It can't be written, or holds something.</exception>
    public static DiskHeader Format(string path, string cluster, bool overwrites)
    {
        bool isNew = !File.Exists(path);
        using BlockFile file = BlockFile.Open(path, mayCreate: !path.StartsWith("/dev/", StringComparison.Ordinal));
        if (!isNew && !overwrites && WhatIsThere(path) is { } there)
        {
            throw new IOException($"'{path}' holds {there}. Nothing was changed. Give --yes if that may be overwritten.");
        }

        Span<byte> name = stackalloc byte[16];
        RandomNumberGenerator.Fill(name);
        var header = new DiskHeader(BitConverter.ToUInt128(name), cluster);
        // The header comes last: until then it is no quorum disk.
        file.Write(0, new byte[Blocks * BlockFile.BlockSize]);
        file.Write(0, DiskBlock.Encode(header));
        return header;
    }

    /// <summary>What each node has written last.</summary>
    /// <exception cref="IOException">It can't be read, or is damaged.</exception>
    public IReadOnlyList<DiskSlot> Read()
    {
        try
        {
            ReadOnlySpan<byte> all = file.Read(0, Blocks);
            if (DiskBlock.DecodeHeader(all[..BlockFile.BlockSize]) != Header)
            {
                throw new IOException($"The quorum disk '{path}' was formatted anew.");
            }

            List<DiskSlot> slots = [];
            for (int slot = 1; slot <= Slots; slot++)
            {
                if (Newer(all.Slice(First(slot) * BlockFile.BlockSize, 2 * BlockFile.BlockSize)) is { } written)
                {
                    slots.Add(written);
                }
            }

            return slots;
        }
        catch (InvalidDataException e)
        {
            throw Damaged(path, e);
        }
    }

    /// <exception cref="IOException">It can't be written.</exception>
    public void Write(int slot, DiskSlot content) =>
        file.Write(First(slot) + (int)(content.Beat & 1), DiskBlock.Encode(Header.Disk, content));

    public void Dispose() => file.Dispose();

    private static int First(int slot) => 1 + (2 * (slot - 1));

    private static IOException Damaged(string path, Exception e) => new(
        $"The quorum disk '{path}' is damaged: {e.Message} Look at the device; then format it anew ('clusterd quorum-disk format {path} "
            + "--yes') while all nodes are up.",
        e);

    private static string? WhatIsThere(string path)
    {
        try
        {
            using SharedDisk disk = Open(path);
            return $"the quorum disk of cluster '{disk.Header.Cluster}'";
        }
        catch (IOException e) when (e.InnerException is InvalidDataException)
        {
            return "a damaged quorum disk";
        }
        catch (IOException)
        {
            using BlockFile file = BlockFile.Open(path);
            try
            {
                return file.Read(0, 1).ContainsAnyExcept((byte)0) ? "something else" : null;
            }
            catch (IOException)
            {
                // Shorter than a block.
                return new FileInfo(path).Length > 0 ? "something else" : null;
            }
        }
    }

    private DiskSlot? Newer(ReadOnlySpan<byte> both)
    {
        DiskSlot? best = null;
        InvalidDataException? damaged = null;
        for (int i = 0; i < 2; i++)
        {
            try
            {
                DiskSlot? one = DiskBlock.DecodeSlot(Header.Disk, both.Slice(i * BlockFile.BlockSize, BlockFile.BlockSize));
                best = one is not null && (best is null || one.Beat > best.Beat) ? one : best;
            }
            catch (InvalidDataException e)
            {
                damaged = e;
            }
        }

        return best is null && damaged is not null ? throw damaged : best;
    }
}
