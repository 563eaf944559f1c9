using System.Text.Json;

namespace ClusterTools.Engines.Local;

/// <summary>Changes of membership and quorum, each inside a write transaction where everything is looked at again.</summary>
internal sealed class ViewChange(LocalEngineOptions options, string heartbeatFolder, Standing standing, Heartbeat heartbeat)
{
    private volatile bool patient;

    /// <summary>
    /// The next settling waits, with the log at rest, until the consumer has caught up: under load it never would by itself.
    /// </summary>
    public void BePatient() => patient = true;

    /// <summary>Reads the facts for a decision.</summary>
    public ViewDecision.Facts ReadFacts(StoredState state)
    {
        Dictionary<Member, HeartbeatRecord> heard = [];
        foreach (Seat seat in state.Members.Concat(state.Joiners))
        {
            if (Heartbeat.Read(heartbeatFolder, seat.Member) is { } record)
            {
                heard[seat.Member] = record;
            }
        }

        long now = BootClock.Now;
        return new ViewDecision.Facts(
            state, standing.Self, heard, standing.Barred, standing.Lifted, IsCurrent(state), standing.MayJudge(now), now, options.Token);
    }

    /// <summary>Removes the lost, admits joiners, forms a view: one step, if one is due.</summary>
    public (bool Commit, Wake Wake) Settle(LogDatabase log)
    {
        StoredState state = Look(log);
        ViewDecision.Facts facts = ReadFacts(state);
        ViewDecision decision = ViewDecision.Decide(facts);
        if (decision.AwaitsConsumer && patient && AwaitConsumer(state))
        {
            facts = ReadFacts(state);
            decision = ViewDecision.Decide(facts);
        }

        if (!decision.Changes)
        {
            return (false, Wake.None);
        }

        patient = false;
        Apply(log, state, decision, facts.Heard, state.Superseded);
        return (true, Wake.Membership | Wake.Entries);
    }

    /// <summary>Asks to be admitted. The answer is the index of the newest snapshot, from which on no row is dropped any more.</summary>
    public (bool Commit, Wake Wake, long Answer) Join(LogDatabase log)
    {
        Member self = standing.Self;
        long life = log.ReadLife(self.Node);
        if (life >= self.Incarnation)
        {
            throw new InvalidOperationException(
                $"A daemon of node '{self.Node}' has been started later than this one. Only one may run: "
                    + "end this one, or start it again to take the other's place.");
        }

        long snapshot = log.ReadSnapshotIndex();
        heartbeat.SetPosition(snapshot);
        log.AddJoiner(new Seat(self.Node, self.Incarnation, BootClock.Now));
        return (true, Wake.Membership, snapshot);
    }

    /// <summary>Opens an epoch against the arithmetic; the payload is its first entry. The answer is that entry's index.</summary>
    public (bool Commit, Wake Wake, long Answer) Open(LogDatabase log, ReadOnlyMemory<byte> payload)
    {
        StoredState state = Look(log);
        ViewDecision.Facts facts = ReadFacts(state);
        bool isMember = state.HasMember(standing.Self);
        if (standing.IsOver || (!isMember && !state.HasJoiner(standing.Self)))
        {
            throw new NotQuorateException($"{standing.Self.Node} was declared lost and cannot go on alone.");
        }

        bool others = state.Members.Any(seat => seat.Member != standing.Self && !facts.IsLost(seat));
        if (!isMember && state.Quorum == ViewQuorum.Quorate && others)
        {
            throw new NotQuorateException($"There is quorum without {standing.Self.Node}. Wait until it is admitted.");
        }

        ViewDecision decision = ViewDecision.Open(facts);
        HashSet<string> superseded = [.. state.Superseded];
        if (state.Quorum != ViewQuorum.Quorate || !others)
        {
            superseded.UnionWith(state.Votes.Votes.Keys);
        }

        // Nobody of the last view is left who could have held quorum until now.
        state = state with { Interrupted = state.Interrupted || (!isMember && !others) };
        StoredState opened = Apply(log, state, decision, facts.Heard, superseded);
        log.Insert(new LogRow(opened.Head + 1, opened.Epoch, LogKind.Entry, standing.Self, []), payload);
        log.SetHead(opened.Head + 1, opened.Epoch);
        return (true, Wake.Membership | Wake.Entries, opened.Head + 1);
    }

    /// <summary>Leaves the view, or takes the wish to join back.</summary>
    public (bool Commit, Wake Wake, bool Answer) Leave(LogDatabase log)
    {
        StoredState state = Look(log);
        if (state.HasMember(standing.Self))
        {
            Apply(log, state, ViewDecision.Leave(state, standing.Self), ReadFacts(state).Heard, state.Superseded);
        }

        log.RemoveJoiner(standing.Self);
        return (true, Wake.Membership | Wake.Entries, true);
    }

    /// <summary>Stores a snapshot and drops what nobody needs any more. The answer: whether there is more to drop.</summary>
    public (bool Commit, Wake Wake, bool Answer) Compact(LogDatabase log, long index, ReadOnlyMemory<byte>? snapshot, int rows)
    {
        if (snapshot is { } content)
        {
            long epoch = log.ReadEpochAt(index);
            if (index <= log.ReadSnapshotIndex() || epoch == 0)
            {
                // Another node was first.
                return (false, Wake.None, false);
            }

            log.AddSnapshot(index, epoch, content);
        }

        // Rows that a member or joiner has not read stay, or it would see a gap; those after the older snapshot, too, for when the newer is
        // damaged.
        StoredState state = log.ReadState();
        ViewDecision.Facts facts = ReadFacts(state);
        long upTo = Math.Min(index - options.LogMargin, log.ReadOlderSnapshotIndex() ?? long.MaxValue);
        foreach (Seat seat in state.Members.Concat(state.Joiners).Where(facts.IsFresh))
        {
            upTo = Math.Min(upTo, facts.Heard.TryGetValue(seat.Member, out HeartbeatRecord record) ? record.Position : 0);
        }

        int dropped = log.DropRows(upTo, rows);
        return (dropped > 0 || snapshot is not null, Wake.None, dropped == rows);
    }

    private StoredState Look(LogDatabase log)
    {
        long readAt = BootClock.Now;
        StoredState state = log.ReadState();
        standing.See(state, readAt);
        return state;
    }

    private bool IsCurrent(StoredState state) =>
        standing.Handled >= state.Head
        && (state.Quorum == ViewQuorum.Quorate || !state.HasMember(standing.Self) || standing.HandledGeneration >= state.Generation);

    private bool AwaitConsumer(StoredState state)
    {
        long until = BootClock.Now + Math.Min(options.Token / 10, 50);
        standing.Notify();
        while (!IsCurrent(state) && BootClock.Now < until)
        {
            Thread.Sleep(1);
        }

        return IsCurrent(state);
    }

    private StoredState Apply(
        LogDatabase log, StoredState state, ViewDecision decision, IReadOnlyDictionary<Member, HeartbeatRecord> heard,
        IReadOnlySet<string> superseded)
    {
        bool quorate = decision.Quorum == ViewQuorum.Quorate;
        StoredState changed = state with
        {
            Generation = state.Generation + 1,
            Head = quorate ? state.Head + 1 : state.Head,
            Epoch = quorate ? state.Epoch + 1 : state.Epoch,
            Quorum = decision.Quorum,
            Interrupted = !quorate && (state.Interrupted || decision.Quorum == ViewQuorum.NotQuorate),
            Members = decision.Members,
            Superseded = quorate ? superseded.Except(decision.Members.Select(seat => seat.Node)).ToHashSet() : superseded,
        };
        log.SetMembership(changed);
        if (quorate)
        {
            ViewPayload view = new([.. decision.Members.Select(seat => seat.Member)], !state.Interrupted, state.Count(decision.Members));
            log.Insert(
                new LogRow(changed.Head, changed.Epoch, LogKind.View, standing.Self, []),
                JsonSerializer.SerializeToUtf8Bytes(view, StoredJson.Default.ViewPayload));
        }

        foreach (Seat seat in decision.Lost)
        {
            options.Log?.Invoke(
                $"{seat.Node} is no member any more; "
                + (heard.TryGetValue(seat.Member, out HeartbeatRecord record) && record.Heard > 0
                    ? $"it was last heard {(BootClock.Now - record.Heard) / 1000.0:0.0} s ago."
                    : "it was not heard since the machine started."));
        }

        return changed;
    }
}
