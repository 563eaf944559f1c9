using ClusterTools.Engines.Corosync;
using ClusterTools.Engines.Corosync.QuorumDisk;

namespace ClusterTools.Engines.Tests.Corosync;

/// <summary>
/// How a process reads and writes the shared disk: its own slot first, then all slots, one at a time, with any pause between.
/// </summary>
internal sealed class ModelDiskAccess(ModelDisk disk, Member owner, int interval)
{
    private readonly List<DiskSlot> read = [];
    private Queue<string>? toRead;
    private WriteMark? wanted;
    private long written;
    private long beat;
    private long started;
    private UInt128 id;

    /// <summary>When it is to begin anew.</summary>
    public long Due { get; private set; }

    public bool IsUnderWay => toRead is not null;

    public void Want(WriteMark mark) => (wanted, Due) = (mark, 0);

    /// <summary>Of its own accord a life says at its end that it writes no more; the power's end says nothing.</summary>
    public void Leave()
    {
        if (wanted is { } last)
        {
            Write(last);
        }
    }

    /// <summary>One step; what was read, if it was the last one of a turn.</summary>
    public DiskReading? Step(long now)
    {
        if (toRead is null)
        {
            if (now >= Due)
            {
                if (wanted is { } mark)
                {
                    Write(mark);
                }

                (Due, started, id) = (now + interval, now, disk.Id);
                read.Clear();
                toRead = new Queue<string>(disk.Slots.Keys);
            }

            return null;
        }

        if (toRead.TryDequeue(out string? node))
        {
            if (disk.Slots.TryGetValue(node, out DiskSlot? slot))
            {
                read.Add(slot);
            }

            return null;
        }

        toRead = null;
        return new DiskReading(id, written, started, [.. read]);
    }

    private void Write(WriteMark mark)
    {
        written = mark.Number;
        disk.Slots[owner.Node] = new DiskSlot { Owner = owner, Beat = ++beat, Mark = mark.Mark, HasLeft = mark.HasLeft };
    }
}
