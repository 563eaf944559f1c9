namespace ClusterTools.Engines.Tests.Reference;

/// <summary>An entry as it stands on a disk.</summary>
/// <param name="Event">What is delivered when it is committed.</param>
/// <param name="Votes">In force from it on; null: as before.</param>
internal sealed record ReferenceEntry(EngineEvent Event, long Epoch, VoteTable? Votes)
{
    /// <summary>Of a quorate view: whose votes do not count from it on.</summary>
    public IReadOnlySet<string>? Superseded { get; init; }

    public long Index => Event.Index;
}

/// <summary>What a node has on disk; it outlives the node's lives.</summary>
internal sealed class ReferenceDisk(VoteTable votes)
{
    private List<ReferenceEntry> log = [];
    private (VoteTable Votes, IReadOnlySet<string> Superseded) before = (votes, new HashSet<string>());

    /// <summary>The last epoch that a view it was in has opened.</summary>
    public long Epoch { get; private set; }

    /// <summary>Where the log begins.</summary>
    public SnapshotDelivered Snapshot { get; private set; } = new(0, 0, default);

    public IReadOnlyList<ReferenceEntry> Log => log;

    /// <summary>Where the log ends.</summary>
    public (long Epoch, long Index) Last => log.Count > 0 ? (log[^1].Epoch, log[^1].Index) : (Snapshot.Epoch, Snapshot.Index);

    /// <summary>The votes in force at the end of the log.</summary>
    public VoteTable Votes => log.LastOrDefault(entry => entry.Votes is not null)?.Votes ?? before.Votes;

    /// <summary>Whose votes do not count at the end of the log.</summary>
    public IReadOnlySet<string> Superseded =>
        log.LastOrDefault(entry => entry.Superseded is not null)?.Superseded ?? before.Superseded;

    public ReferenceEntry? At(long index) =>
        index > Snapshot.Index && index <= Last.Index ? log[(int)(index - Snapshot.Index - 1)] : null;

    public void Append(ReferenceEntry entry)
    {
        if (entry.Index != Last.Index + 1)
        {
            throw new InvalidOperationException($"Entry {entry.Index} can't follow {Last.Index}.");
        }

        log.Add(entry);
        Epoch = entry.Epoch;
    }

    /// <summary>Becomes as another: what only this one had was never committed, and is taken back.</summary>
    public void BecomeAs(ReferenceDisk best)
    {
        if (best != this)
        {
            (log, before, Snapshot) = ([.. best.log], best.before, best.Snapshot);
        }
    }

    /// <summary>Drops what the snapshot holds.</summary>
    public void Begin(SnapshotDelivered snapshot)
    {
        int dropped = (int)(snapshot.Index - Snapshot.Index);
        List<ReferenceEntry> kept = log[dropped..];
        log = log[..dropped];
        before = (Votes, Superseded);
        log = kept;
        Snapshot = snapshot;
    }
}
