namespace ClusterTools.Engines.Corosync;

/// <summary>The log of one node as its protocol has it in memory: from a snapshot on, in order and without a gap.</summary>
internal sealed class LogImage
{
    private readonly List<(LogEntry Entry, UInt128 Digest)> entries = [];
    private readonly List<EpochSpan> spans = [];

    /// <exception cref="ArgumentException">The entries do not follow one another.</exception>
    public LogImage(LogBase start, IEnumerable<LogEntry> entries)
    {
        Start = start;
        (Votes, Superseded) = (start.Votes, start.Superseded);
        foreach (LogEntry entry in entries)
        {
            Append(entry);
        }
    }

    public LogBase Start { get; private set; }

    public LogPosition Last => PositionAt(Start.Snapshot.Index + entries.Count)!.Value;

    /// <summary>In force at the end.</summary>
    public VoteTable Votes { get; private set; }

    /// <summary>At the end: nodes whose votes count on neither side.</summary>
    public IReadOnlySet<string> Superseded { get; private set; }

    /// <summary>The epochs that it holds, oldest first.</summary>
    public IReadOnlyList<EpochSpan> Spans => spans;

    /// <exception cref="ArgumentException">It does not follow the last one.</exception>
    public void Append(LogEntry entry)
    {
        LogPosition last = Last;
        if (entry.Index != last.Index + 1 || entry.Epoch < last.Epoch)
        {
            throw new ArgumentException($"{entry} can't follow {last}.", nameof(entry));
        }

        if (spans.Count == 0 || spans[^1].Epoch != entry.Epoch)
        {
            spans.Add(new EpochSpan(entry.Epoch, entry.Index, (entry as ViewEntry)?.Members));
        }

        entries.Add((entry, EntryDigest.Of(last.Digest, entry)));
        Votes = (entry as ProposedEntry)?.Votes ?? Votes;
        Superseded = (entry as ViewEntry)?.Superseded ?? Superseded;
    }

    /// <summary>An entry that it holds.</summary>
    public LogEntry At(long index) => entries[(int)(index - Start.Snapshot.Index - 1)].Entry;

    /// <summary>Whether it holds this entry, behind all that came before it.</summary>
    public bool Holds(LogEntry entry) => PositionAt(entry.Index) is { } own && PositionAt(entry.Index - 1) is { } before
        && own.Digest == EntryDigest.Of(before.Digest, entry);

    /// <summary>What names the entry at an index; null: it does not reach there, or begins behind that.</summary>
    public LogPosition? PositionAt(long index)
    {
        long at = index - Start.Snapshot.Index - 1;
        return at == -1 ? Start.Position
            : at < -1 || at >= entries.Count ? null
            : new LogPosition(entries[(int)at].Entry.Epoch, index, entries[(int)at].Digest);
    }

    /// <summary>From one index on, in order.</summary>
    public IEnumerable<LogEntry> From(long index) =>
        entries.Skip((int)Math.Max(0, index - Start.Snapshot.Index - 1)).Select(e => e.Entry);

    /// <summary>Where the log would begin if it began behind one of its entries.</summary>
    public LogBase BaseAt(long index, ReadOnlyMemory<byte> state)
    {
        (VoteTable votes, IReadOnlySet<string> superseded) = (Start.Votes, Start.Superseded);
        foreach (LogEntry entry in From(0).TakeWhile(e => e.Index <= index))
        {
            votes = (entry as ProposedEntry)?.Votes ?? votes;
            superseded = (entry as ViewEntry)?.Superseded ?? superseded;
        }

        LogPosition position = PositionAt(index)!.Value;
        return new LogBase(new SnapshotDelivered(index, position.Epoch, state), position.Digest, votes, superseded);
    }

    /// <summary>Those in force behind an index, and all that came later.</summary>
    public IReadOnlyList<VoteTable> VotesSince(long index)
    {
        List<VoteTable> since = [Start.Votes];
        foreach (ProposedEntry entry in From(0).OfType<ProposedEntry>().Where(e => e.Votes is not null))
        {
            if (entry.Index <= index)
            {
                since.Clear();
            }

            since.Add(entry.Votes!);
        }

        return since;
    }

    /// <summary>Takes back what stands behind an index.</summary>
    public void Cut(long last) => Restart(Start, [.. From(0).TakeWhile(e => e.Index <= last)]);

    /// <summary>Begins with a snapshot of one of its entries.</summary>
    public void Begin(LogBase start) => Restart(start, [.. From(start.Snapshot.Index + 1)]);

    /// <summary>Is nothing but a snapshot from here on.</summary>
    public void Replace(LogBase start) => Restart(start, []);

    private void Restart(LogBase start, LogEntry[] kept)
    {
        Start = start;
        entries.Clear();
        spans.Clear();
        (Votes, Superseded) = (start.Votes, start.Superseded);
        foreach (LogEntry entry in kept)
        {
            Append(entry);
        }
    }
}
