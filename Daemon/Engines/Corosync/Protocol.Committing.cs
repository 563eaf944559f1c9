namespace ClusterTools.Engines.Corosync;

/// <summary>What is on every member's disk is committed, and is handed out in order.</summary>
internal sealed partial class Protocol
{
    private readonly Dictionary<Peer, long> words = [];

    /// <summary>Writes that are under way, with the end of the log that each leaves.</summary>
    private readonly Queue<(long Number, long Last)> writes = new();

    private long written;
    private long stored;
    private long durable;
    private long commit;

    /// <summary>Up to where the holder of the quorum disk lets go on, where the view needs it.</summary>
    private long allowed;

    private long delivered;
    private long events;
    private long handled;
    private bool hasBegun;

    /// <summary>When the consumer last made progress, or had nothing to do.</summary>
    private long handledAt;

    private bool IsIdle => handled >= events;

    /// <summary>Everything up to this write is on the disk.</summary>
    public void OnStored(long number, long time)
    {
        now = time;
        bool any = false;
        while (writes.TryPeek(out (long Number, long Last) write) && write.Number <= number)
        {
            writes.Dequeue();
            durable = write.Last;
            stored = write.Number;
            any = true;
        }

        if (!any || phase == Phase.Over)
        {
            return;
        }

        if (phase is Phase.Opening or Phase.Open)
        {
            Say(new Stored(round, durable));
        }

        SayReadyWhenItIs();
    }

    /// <summary>What is under way of entries that were taken back proves nothing of those that take their places.</summary>
    private void Forget(long after)
    {
        durable = Math.Min(durable, after);
        (long Number, long Last)[] all = [.. writes];
        writes.Clear();
        foreach ((long number, long last) in all)
        {
            writes.Enqueue((number, Math.Min(last, after)));
        }
    }

    private long Write()
    {
        writes.Enqueue((++written, log.Last.Index));
        return written;
    }

    private void Append(LogEntry entry)
    {
        log.Append(entry);
        deeds.Add(new WriteEntry(Write(), entry, log.Last.Digest));
    }

    private void StartWords()
    {
        words.Clear();
        (allowed, granted, granting) = (0, 0, 0);
    }

    private long Word(Peer peer) => words.GetValueOrDefault(peer);

    /// <summary>The same entry on every member: it opens the epoch once it is on all their disks.</summary>
    private void OpenView()
    {
        phase = Phase.Opening;
        openingAt = now;
        StartWords();
        deadline = now + options.AnswerLimit;
        Append(new ViewEntry(
            log.Last.Index + 1, plan.Epoch, [.. plan.Members.Select(m => m.Hello.Self)], plan.Continuous, plan.Count!, plan.Superseded));
        if (isNew)
        {
            isNew = false;
            deeds.Add(new WriteJoined(Write()));
        }

        AppendOpening();
    }

    /// <summary>The view is the one that is open: what each has stored is said again in this round.</summary>
    private void GoOn()
    {
        phase = Phase.Open;
        StartWords();
        WaitFor(plan);
        Say(new Stored(round, durable));
        AwaitWords();
        ProposeWhatWaits();
    }

    private void OnStored(Peer from, long index)
    {
        if (phase is not (Phase.Opening or Phase.Open))
        {
            return;
        }

        words[from] = Math.Max(Word(from), index);
        GrantWhenAllHave();
        CommitWhatAllHave();
    }

    private void CommitWhatAllHave()
    {
        long all = Math.Min(MemberPeers().Min(Word), plan.Holder is null ? long.MaxValue : allowed);
        if (all <= commit)
        {
            return;
        }

        commit = Math.Min(all, log.Last.Index);
        bool opened = phase == Phase.Opening;
        if (opened && commit >= log.Last.Index)
        {
            phase = Phase.Open;
            openedAt = now;
            inView = plan.Epoch;
            counted = plan.Count!.Device;
            wasMember = true;
            hasSeenPeer |= plan.Members.Count(m => log.Votes.Votes.ContainsKey(m.Node)) > 1;
            // Its own word for it has come back from the ring of all members, and was said after this.
            confirming = Math.Max(confirming, openingAt);
            Confirm();
        }

        DeliverCommitted();
        AwaitWords();
        if (opened && phase == Phase.Open)
        {
            ProposeWhatWaits();
            WaitFor(plan);
        }
    }

    private void AwaitWords() => deadline = log.Last.Index > commit ? now + options.AnswerLimit : null;

    private void DeliverCommitted()
    {
        Begin();
        while (delivered < commit)
        {
            LogEntry entry = log.At(++delivered);
            if (entry is ProposedEntry proposed)
            {
                DeliverEvent(new Committed(entry.Index, entry.Epoch, proposed.Origin, proposed.Payload));
                Completed(log.PositionAt(entry.Index)!.Value);
                if (phase == Phase.Open && proposed.Votes is { } votes && (votes.Device?.Votes ?? 0) != counted.Votes)
                {
                    Say(new Reconsider(round));
                }
            }
            else if (entry is ViewEntry view)
            {
                told = null;
                DeliverEvent(new ViewChanged(view.Index, view.Epoch, view.Members, ViewQuorum.Quorate, view.Continuous, view.Count));
            }
        }
    }

    /// <summary>
    /// The first that the consumer is given is where its log begins: as late as can be, since who joins others may begin with theirs.
    /// </summary>
    private void Begin()
    {
        if (!hasBegun)
        {
            hasBegun = true;
            DeliverEvent(log.Start.Snapshot);
            DeliverCommitted();
        }
    }

    private void DeliverEvent(EngineEvent happening)
    {
        if (IsIdle)
        {
            handledAt = now;
        }

        events++;
        deeds.Add(new Deliver(happening));
    }
}
