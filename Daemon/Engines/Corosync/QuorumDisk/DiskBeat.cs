namespace ClusterTools.Engines.Corosync.QuorumDisk;

/// <summary>
/// Writes the own slot and then reads all slots, at every interval and whenever it is asked to, on a thread of its own: a disk that hangs
/// holds up nobody else, and what is not read counts as not there.
/// </summary>
internal sealed class DiskBeat : IDisposable
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(1);

    private readonly Member self;
    private readonly Action<DiskReading> read;
    private readonly Troubles troubles;
    private readonly Lock gate = new();
    private readonly AutoResetEvent news = new(false);
    private readonly Thread thread;
    private volatile QuorumDiskSetup setup;
    private SharedDisk? disk;
    private WriteMark? wanted;
    private string? trouble;
    private long beat;
    private int score;
    private volatile bool ends;

    public DiskBeat(QuorumDiskSetup setup, Member self, int score, Action<DiskReading> read, Troubles troubles)
    {
        (this.setup, this.self, this.score, this.read, this.troubles) = (setup, self, score, read, troubles);
        thread = new Thread(Run) { Name = "quorum disk", IsBackground = true };
        thread.Start();
    }

    /// <summary>Its device stays; how often it is written and what score is needed may change.</summary>
    public QuorumDiskSetup Setup
    {
        get => setup;
        set => setup = value;
    }

    /// <summary>Why nothing is read; null: it is, as far as is known.</summary>
    public string? Trouble => Volatile.Read(ref trouble);

    /// <summary>Since when a turn is under way; null: none is.</summary>
    public long? Turn { get; private set; }

    public int Score
    {
        set => Volatile.Write(ref score, value);
    }

    /// <summary>This is what the slot is to say, from now on.</summary>
    public void Want(WriteMark mark)
    {
        lock (gate)
        {
            wanted = mark;
        }

        news.Set();
    }

    /// <summary>What was asked for last is written once more, unless the disk hangs.</summary>
    public void Dispose()
    {
        ends = true;
        news.Set();
        if (thread.Join(EndLimit))
        {
            disk?.Dispose();
            news.Dispose();
        }
    }

    private void Run()
    {
        while (true)
        {
            bool isLast = ends;
            Turn = BootClock.Now;
            try
            {
                Beat();
                if (Trouble is not null)
                {
                    Volatile.Write(ref trouble, null);
                    troubles.End("quorum disk", $"The quorum disk '{setup.Device}' answers again.");
                }
            }
            catch (IOException e)
            {
                disk?.Dispose();
                disk = null;
                Volatile.Write(ref trouble, e.Message);
                troubles.Say("quorum disk", e.Message, BootClock.Now);
            }

            Turn = null;
            if (isLast)
            {
                return;
            }

            news.WaitOne(setup.Interval);
        }
    }

    private void Beat()
    {
        if (disk is null)
        {
            disk = Open();
            beat = disk.Read().FirstOrDefault(s => s.Owner.Node == self.Node)?.Beat ?? 0;
        }

        WriteMark? mark;
        lock (gate)
        {
            mark = wanted;
        }

        if (mark is not null)
        {
            disk.Write(setup.Slot, new DiskSlot
            {
                Owner = self,
                Beat = ++beat,
                Mark = mark.Mark,
                Score = Volatile.Read(ref score),
                MinimumScore = setup.MinimumScore,
                HasLeft = mark.HasLeft,
            });
        }

        long started = BootClock.Now;
        read(new DiskReading(disk.Header.Disk, mark?.Number ?? 0, started, disk.Read()));
    }

    private SharedDisk Open()
    {
        SharedDisk opened = SharedDisk.Open(setup.Device);
        if (opened.Header.Cluster != setup.Cluster)
        {
            string whose = opened.Header.Cluster;
            opened.Dispose();
            throw new IOException(
                $"The quorum disk '{setup.Device}' is that of cluster '{whose}', and this one is '{setup.Cluster}'. Give the right device "
                    + "(Set-ClusterQuorum -DiskDevice), or format it for this cluster.");
        }

        if (!opened.IsDirect)
        {
            troubles.Say(
                "quorum disk cached",
                $"The quorum disk '{setup.Device}' is read and written through the system's cache: that is enough on one machine only. "
                    + "Give a block device, or a file on storage that knows O_DIRECT.",
                BootClock.Now);
        }

        return opened;
    }
}
