using System.Globalization;
using System.Text;
using ClusterTools.Engines.Corosync.QuorumDisk;

namespace ClusterTools.Engines;

/// <summary>What people do with a quorum disk by hand.</summary>
public static class QuorumDiskFormat
{
    /// <summary>Makes a quorum disk; all that was there is gone.</summary>
    /// <param name="path">A block device, or a file, which is made when it is not there.</param>
    /// <param name="cluster">Whose it is to be.</param>
    /// <param name="overwrites">Whatever is there may go.</param>
    /// <exception cref="IOException">It can't be written, or holds something; the message says what to do.</exception>
    public static string Format(string path, string cluster, bool overwrites)
    {
        DiskHeader header = SharedDisk.Format(path, cluster, overwrites);
        return $"'{path}' is the quorum disk {header.Disk:x32} of cluster '{cluster}' now. It counts once the cluster has had quorum "
            + "without it.";
    }

    /// <summary>What is on a quorum disk, a line a node.</summary>
    /// <exception cref="IOException">It is none, or can't be read.</exception>
    public static string Show(string path)
    {
        using SharedDisk disk = SharedDisk.Open(path);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"quorum disk {disk.Header.Disk:x32} of cluster '{disk.Header.Cluster}'\n");
        foreach (DiskSlot slot in disk.Read())
        {
            DiskMark mark = slot.Mark;
            (long era, long entry) = (mark.Written.Epoch, mark.Written.Index);
            text.Append(CultureInfo.InvariantCulture,
                $"{slot.Owner.Node}: beat {slot.Beat}, score {slot.Score} of {slot.MinimumScore} needed, "
                    + $"{(mark.Holds ? $"holds it (claim {mark.Claim})" : "does not hold it")}, "
                    + $"written up to entry {era}.{entry}{(slot.HasLeft ? ", has left" : "")}\n");
        }

        return text.ToString().TrimEnd('\n');
    }
}
