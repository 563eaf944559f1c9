namespace ClusterTools.Engines.Corosync;

/// <summary>
/// What turns the agreed order of a ring into commitment (DESIGN, "Engine contract"): a pure state machine, a life of one node. Rings,
/// delivered messages, what is stored and the time go in; deeds come out. Everybody in a ring hears the same messages in the same order and
/// so comes to the same decisions; what only one knows, it says first.
/// </summary>
internal sealed partial class Protocol
{
    private readonly LogImage log;
    private readonly List<Deed> deeds = [];
    private ProtocolOptions options;
    private IReadOnlyList<Peer> ring = [];
    private Peer self;
    private Round round;
    private Phase phase = Phase.Apart;
    private long now;

    /// <summary>A life.</summary>
    /// <param name="options">What it begins with.</param>
    /// <param name="found">As the disk has it.</param>
    public Protocol(ProtocolOptions options, StoredLog found)
    {
        this.options = options;
        log = found.Log;
        promised = found.Promised;
        isNew = !found.IsJoined;
        durable = log.Last.Index;
        commit = Math.Clamp(found.Committed, log.Start.Snapshot.Index, log.Last.Index);
        delivered = log.Start.Snapshot.Index;
    }

    public Member Self => options.Self;

    public Phase Phase => phase;

    /// <summary>What is committed, as far as this node knows.</summary>
    public long Commit => commit;

    public LogImage Log => log;

    /// <summary>As it was decided last who is in the view.</summary>
    public ViewPlan Plan => plan;

    /// <summary>When it must be told the time at the latest; null: whenever.</summary>
    public long? Due => phase is Phase.Over or Phase.Apart ? null
        : new[] { deadline, helloDue, ConsumerDue, PresenceDue, DiskDue, wordDue }.Min();

    /// <summary>What is to be done since the last call, in order.</summary>
    public IReadOnlyList<Deed> TakeDeeds()
    {
        Deed[] taken = [.. deeds];
        deeds.Clear();
        return taken;
    }

    /// <summary>Other times from now on; what waits already waits by those that it began with.</summary>
    public void UseTimes(int answerLimit, int presenceInterval) =>
        options = options with { AnswerLimit = answerLimit, PresenceInterval = presenceInterval };

    /// <summary>The ring has changed; what was said in the old one and is delivered later counts for nothing.</summary>
    /// <param name="id">The new ring.</param>
    /// <param name="me">How it names this process.</param>
    /// <param name="peers">The processes of the group in it.</param>
    /// <param name="time">Monotonic milliseconds.</param>
    public void OnRing(RingId id, Peer me, IReadOnlyCollection<Peer> peers, long time)
    {
        if (phase == Phase.Over)
        {
            return;
        }

        now = time;
        self = me;
        if (!peers.ToHashSet().SetEquals(ring))
        {
            aloneSince = time;
        }

        ring = [.. peers.Order()];
        round = new Round(id, 0);
        plan = new ViewPlan();
        silent.Clear();
        // What was under way may be lost with the old ring; a new one is a sign of life itself.
        saidPresence = null;
        presenceDue ??= now;
        Gather();
    }

    /// <summary>What is below does not answer, or is gone: this node is in no ring, and sees nobody.</summary>
    public void OnApart(long time)
    {
        if (phase == Phase.Over)
        {
            return;
        }

        now = time;
        phase = Phase.Apart;
        ForgetWord();
        ring = [];
        saidPresence = null;
        FailOpening();
        GiveUpDisk();
        TellWithoutQuorum([Self], ViewQuorum.NotQuorate, log.Votes.Majority(log.Superseded, deviceIsHere: false).Count([Self.Node]));
    }

    /// <summary>A message is delivered.</summary>
    public void OnMessage(Peer from, Message message, long time)
    {
        now = time;
        heard[from] = time;
        saidPresence = from == self && message is Presence ? null : saidPresence;
        if (phase is Phase.Over or Phase.Apart || message.Round != round || !ring.Contains(from) || silent.ContainsKey(from))
        {
            if (from == self && message is Proposal lost)
            {
                ProposeAgain(lost.Number);
            }

            return;
        }

        switch (message)
        {
            case Hello said:
                OnHello(from, said);
                break;
            case Line said:
                OnLine(said);
                break;
            case SnapshotSent said:
                OnSnapshot(said);
                break;
            case EntriesSent said:
                OnEntries(said);
                break;
            case Ready:
                OnReady(from);
                break;
            case Stored said:
                OnStored(from, said.Index);
                break;
            case Granted said:
                OnGranted(from, said.Index);
                break;
            case Proposal said:
                OnProposal(from, said);
                break;
            case Reconsider:
                NextRound();
                break;
            case Presence said when from == self:
                OnOwnPresence(said);
                break;
            case Presence:
                break;
            case Expel said:
                OnExpel(said);
                break;
            case Leave:
                OnLeave(from);
                break;
            default:
                throw new InvalidOperationException($"Unknown message {message.GetType().Name}.");
        }
    }

    /// <summary>The time has come to look whether anybody is late.</summary>
    public void OnTime(long time)
    {
        now = time;
        if (phase is Phase.Over or Phase.Apart)
        {
            return;
        }

        if (DiskDue <= now)
        {
            Look();
        }

        if (PresenceDue <= now && !SayPresenceOrLeave())
        {
            return;
        }

        if (helloDue <= now)
        {
            SayHello();
        }

        if (ConsumerDue <= now)
        {
            GiveUpConsumer();
        }

        if (wordDue <= now)
        {
            Answer(ArbiterWord.Unknown);
        }

        if (deadline <= now)
        {
            deadline = null;
            OnLimit();
        }
    }

    /// <summary>The consumer is done with as many events as this.</summary>
    public void OnHandled(long events, long time)
    {
        now = time;
        (handled, handledAt) = (events, time);
        if (helloDue is not null && IsIdle)
        {
            SayHello();
        }

        if (awaitsConsumers && IsIdle)
        {
            // Said once a round: who is barred, and that somebody may be admitted, is known here now.
            awaitsConsumers = false;
            Say(new Reconsider(round));
        }
    }

    /// <summary>Nodes that are being fenced.</summary>
    public void Bar(IReadOnlySet<string> nodes, long time)
    {
        now = time;
        bool lifted = barred.Any(node => !nodes.Contains(node));
        barred = nodes;
        if (lifted)
        {
            ReconsiderAtRest();
        }
    }

    /// <summary>The state as of an index that was handed out: the log may begin with it, and joiners, too.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index was not handed out yet.</exception>
    public void OfferSnapshot(long index, ReadOnlyMemory<byte> state, long time)
    {
        now = time;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, delivered);
        if (index > log.Start.Snapshot.Index && phase != Phase.Over)
        {
            LogBase start = log.BaseAt(index, state);
            log.Begin(start);
            deeds.Add(new WriteStart(Write(), start, KeepsRest: true));
        }
    }

    /// <summary>The others go on without this process.</summary>
    public void GiveUp(string reason, long time)
    {
        now = time;
        if (phase != Phase.Over)
        {
            End(new EndLife(reason));
        }
    }

    /// <summary>Takes no part any more.</summary>
    public void LeaveNow(long time)
    {
        now = time;
        if (phase is Phase.Apart)
        {
            End(new EndLife(null));
        }
        else
        {
            Say(new Leave(round));
        }
    }

    /// <summary>When something was last heard of a life; null: never.</summary>
    public long? LastHeard(Member member) =>
        names.FirstOrDefault(n => n.Value == member) is { Value.Node: not null } known && heard.TryGetValue(known.Key, out long at)
            ? at
            : null;

    private void Say(Message message) => deeds.Add(new Multicast(message));

    /// <summary>What this node has said in this round is not true any more: there must be another, after it if it is under way.</summary>
    private void ReconsiderAtRest()
    {
        isOutdated |= phase is Phase.Gathering or Phase.Transferring or Phase.Opening;
        if (phase is Phase.Open or Phase.Outside)
        {
            Say(new Reconsider(round));
        }
    }

    private void End(Deed last)
    {
        phase = Phase.Over;
        LeaveDisk();
        FailProposals();
        deeds.Add(last);
    }
}
