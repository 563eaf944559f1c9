using ClusterTools.Engines.Corosync;
using ClusterTools.Engines.Corosync.QuorumDisk;

namespace ClusterTools.Engines.Tests.Corosync;

/// <summary>What stands on a quorum disk comes back as it was written, or not at all.</summary>
public sealed class SharedDiskTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Device => Path.Combine(folder.Path, "disk");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Each_node_s_last_word_is_read()
    {
        SharedDisk.Format(Device, "shop", overwrites: false);
        using SharedDisk disk = SharedDisk.Open(Device);
        Assert.Empty(disk.Read());
        disk.Write(1, Slot("a", 1));
        disk.Write(64, Slot("b", 7));
        disk.Write(1, Slot("a", 2));
        disk.Write(1, Slot("a", 3));
        using SharedDisk other = SharedDisk.Open(Device);
        Assert.Equal([Slot("a", 3), Slot("b", 7)], other.Read());
        Assert.Contains("of cluster 'shop'", QuorumDiskFormat.Show(Device), StringComparison.Ordinal);
        Assert.Contains("b: beat 7", QuorumDiskFormat.Show(Device), StringComparison.Ordinal);
    }

    [Fact]
    public void A_block_that_was_torn_leaves_what_was_written_before_it()
    {
        SharedDisk.Format(Device, "shop", overwrites: false);
        using SharedDisk disk = SharedDisk.Open(Device);
        disk.Write(1, Slot("a", 1));
        disk.Write(1, Slot("a", 2));
        Damage(block: 1);
        Assert.Equal([Slot("a", 1)], disk.Read());
        Damage(block: 2);
        Assert.Contains("is damaged", Assert.Throws<IOException>(disk.Read).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_overwritten_unasked_and_what_is_none_is_refused()
    {
        File.WriteAllText(Device, "somebody's data");
        Assert.Contains("holds something else", Assert.Throws<IOException>(() => SharedDisk.Format(Device, "shop", false)).Message);
        Assert.Equal("somebody's data", File.ReadAllText(Device));
        Assert.Contains("ends too early", Assert.Throws<IOException>(() => SharedDisk.Open(Device)).Message);
        SharedDisk.Format(Device, "shop", overwrites: true);
        Assert.Contains("of cluster 'shop'", Assert.Throws<IOException>(() => SharedDisk.Format(Device, "bank", false)).Message);
        DiskHeader bank = SharedDisk.Format(Device, "bank", overwrites: true);
        using SharedDisk disk = SharedDisk.Open(Device);
        Assert.Equal(bank, disk.Header);
        SharedDisk.Format(Device, "bank", overwrites: true);
        Assert.Contains("formatted anew", Assert.Throws<IOException>(disk.Read).Message, StringComparison.Ordinal);
    }

    private static DiskSlot Slot(string node, long beat) => new()
    {
        Owner = new Member(node, 17),
        Beat = beat,
        Mark = new DiskMark(9, true, new LogPosition(8, 100, UInt128.MaxValue - 1)),
        Score = 2,
        MinimumScore = 1,
    };

    private void Damage(int block)
    {
        using FileStream file = File.Open(Device, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Position = (block * (long)BlockFile.BlockSize) + 100;
        int was = file.ReadByte();
        file.Position--;
        file.WriteByte((byte)~was);
    }
}
