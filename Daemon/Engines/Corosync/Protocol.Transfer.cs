namespace ClusterTools.Engines.Corosync;

/// <summary>The members' logs become as the best one, and the new epoch goes onto all their disks.</summary>
internal sealed partial class Protocol
{
    private readonly HashSet<Peer> ready = [];

    private Line? line;
    private bool saidReady;

    /// <summary>The write that has to be on the disk before this member is ready.</summary>
    private long promise;

    private bool IsSource => plan.Source!.Peer == self;

    private void Transfer()
    {
        phase = Phase.Transferring;
        ready.Clear();
        saidReady = false;
        line = null;
        deadline = now + options.AnswerLimit;
        // No epoch of this number can be opened by anybody any more but here: a majority will remember it.
        promised = plan.Epoch;
        deeds.Add(new WritePromise(Write(), promised));
        promise = written;
        Claim();
        if (IsSource)
        {
            Send();
        }
    }

    /// <summary>Up to where a member's log is as this one, by what it has said of it.</summary>
    private long? Common(Hello other) =>
        log.PositionAt(other.Last.Index) == other.Last ? other.Last.Index
        : log.PositionAt(other.Committed.Index) == other.Committed ? other.Committed.Index
        : null;

    private void OnLine(Line said)
    {
        if (phase == Phase.Transferring)
        {
            line = said;
            SayReadyWhenItIs();
        }
    }

    /// <summary>All that the others lack, from where the first of them parts.</summary>
    private void Send()
    {
        Dictionary<Peer, long?> common = plan.Members.Where(m => m.Peer != self).ToDictionary(m => m.Peer, m => Common(m.Hello));
        Say(new Line(round, common));
        if (common.ContainsValue(null))
        {
            Say(new SnapshotSent(round, log.Start));
        }

        long from = common.Values.Select(c => c ?? log.Start.Snapshot.Index).Append(log.Last.Index).Min() + 1;
        List<LogEntry> part = [];
        long size = 0;
        foreach (LogEntry entry in log.From(from))
        {
            part.Add(entry);
            size += (entry as ProposedEntry)?.Payload.Length ?? 256;
            if (size >= options.TransferSize)
            {
                Say(new EntriesSent(round, [.. part]));
                (part, size) = ([], 0);
            }
        }

        if (part.Count > 0)
        {
            Say(new EntriesSent(round, part));
        }
    }

    private void OnSnapshot(SnapshotSent said)
    {
        // Who has what the snapshot is of has what came before, too, and may have more that is committed: it keeps that.
        if (phase != Phase.Transferring || IsSource || line?.Common[self] is not null
            || log.PositionAt(said.Start.Snapshot.Index) == said.Start.Position)
        {
            return;
        }

        if (said.Start.Snapshot.Index < commit)
        {
            End(new LogDiffers($"Entry {commit} is committed here, and is not in the log of {plan.Source!.Node}."));
            return;
        }

        if (hasBegun)
        {
            End(new EndLife("the others go on from a state that it can only begin with"));
            return;
        }

        // What it holds behind that may be another line.
        log.Replace(said.Start);
        Forget(said.Start.Snapshot.Index - 1);
        deeds.Add(new WriteStart(Write(), said.Start, KeepsRest: false));
        commit = delivered = said.Start.Snapshot.Index;
        Begin();
        SayReadyWhenItIs();
    }

    private void OnEntries(EntriesSent said)
    {
        if (phase != Phase.Transferring || IsSource)
        {
            return;
        }

        // What is known to be the same need not be looked at: it is sent for others.
        long same = Math.Max(line?.Common[self] ?? 0, log.Start.Snapshot.Index);
        foreach (LogEntry entry in said.Entries.Where(e => e.Index > same && e.Index <= log.Last.Index + 1))
        {
            if (log.Holds(entry))
            {
                continue;
            }

            if (entry.Index <= commit)
            {
                End(new LogDiffers($"Entry {entry.Index} is committed here, and is another one in the log of {plan.Source!.Node}."));
                return;
            }

            if (entry.Index <= log.Last.Index)
            {
                TakeBackFrom(entry.Index);
            }

            Append(entry);
        }

        SayReadyWhenItIs();
    }

    /// <summary>
    /// What stands from here on is another line, which nothing was committed of. What was the same before stays: it may be committed by
    /// who sends, who may be gone before it has sent it once more.
    /// </summary>
    private void TakeBackFrom(long index)
    {
        log.Cut(index - 1);
        Forget(index - 1);
        deeds.Add(new CutLog(Write(), index - 1));
    }

    private void SayReadyWhenItIs()
    {
        if (phase == Phase.Transferring && line is not null && !saidReady
            && log.Last == plan.Source!.Hello.Last && durable == log.Last.Index && stored >= promise && (!IsHolder || isClaimed))
        {
            saidReady = true;
            Say(new Ready(round));
        }
    }

    private void OnReady(Peer from)
    {
        if (phase == Phase.Transferring && ready.Add(from) && MemberPeers().All(ready.Contains))
        {
            OpenView();
        }
    }
}
