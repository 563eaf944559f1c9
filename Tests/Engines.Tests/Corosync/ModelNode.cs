using ClusterTools.Engines.Corosync;

namespace ClusterTools.Engines.Tests.Corosync;

/// <summary>A machine with a disk that keeps what was synced, and of the rest a random beginning.</summary>
internal sealed class ModelNode(string name, uint id, LogBase start)
{
    private readonly Queue<Deed> unsynced = new();
    private LogImage stored = new(start, []);

    public string Name => name;

    public uint Id => id;

    public long Incarnation { get; set; }

    public ModelProcess? Process { get; set; }

    /// <summary>Its disk takes nothing.</summary>
    public bool IsHeld { get; set; }

    /// <summary>It can't get at the shared disk.</summary>
    public bool IsCutFromDisk { get; set; }

    /// <summary>What is known to be committed, as far as that was written down.</summary>
    public long Committed { get; set; }

    /// <summary>The highest epoch that it has promised.</summary>
    public long Promised { get; private set; }

    /// <summary>Its disk is one that was in no view yet.</summary>
    public bool IsNew { get; private set; } = true;

    /// <summary>Up to where its log is on its disk.</summary>
    public LogImage Durable => stored;

    public bool HasWrites => unsynced.Count > 0;

    public void Write(Deed deed) => unsynced.Enqueue(deed);

    /// <summary>As many writes as this are on the disk. The number of the last one; 0: there is none.</summary>
    public long Sync(int count)
    {
        long last = 0;
        for (int i = 0; i < count && unsynced.TryDequeue(out Deed? deed); i++)
        {
            switch (deed)
            {
                case WriteEntry write:
                    stored.Append(write.Entry);
                    last = write.Number;
                    break;
                case CutLog cut:
                    stored.Cut(cut.Last);
                    last = cut.Number;
                    break;
                case WritePromise write:
                    Promised = write.Epoch;
                    last = write.Number;
                    break;
                case WriteJoined write:
                    IsNew = false;
                    last = write.Number;
                    break;
                case WriteStart write:
                    if (write.KeepsRest)
                    {
                        stored.Begin(write.Start);
                    }
                    else
                    {
                        stored.Replace(write.Start);
                    }

                    last = write.Number;
                    break;
            }
        }

        return last;
    }

    /// <summary>The disk is replaced by an empty one.</summary>
    public LogImage Replace()
    {
        unsynced.Clear();
        stored = new LogImage(start, []);
        (Promised, Committed, IsNew) = (0, 0, true);
        return Read();
    }

    /// <summary>The power goes: of what was not synced a beginning may be there.</summary>
    public LogImage Lose(Random random)
    {
        Sync(random.Next(unsynced.Count + 1));
        unsynced.Clear();
        return Read();
    }

    /// <summary>The daemon is killed: what it wrote is with the system.</summary>
    public LogImage Read()
    {
        Sync(unsynced.Count);
        return new LogImage(stored.Start, stored.From(stored.Start.Snapshot.Index + 1));
    }
}
