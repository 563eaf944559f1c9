using ClusterTools.Voting;

namespace ClusterTools.Engines.Corosync;

/// <summary>Who is in the view: one decision after the other, each from what everybody in the ring has said.</summary>
internal sealed partial class Protocol
{
    private const int MostSpans = 32;

    private readonly SortedDictionary<Peer, Hello> hellos = [];
    private readonly Dictionary<Peer, Member> names = [];
    private readonly Dictionary<Peer, long> heard = [];

    /// <summary>Processes of the ring that do not answer or have left: nobody waits for them.</summary>
    private readonly Dictionary<Peer, string> silent = [];

    private IReadOnlySet<string> barred = new HashSet<string>();
    private ViewPlan plan = new();
    private ViewChanged? told;
    private long inView;
    private bool wasMember;
    private long promised;
    private bool isNew;
    private bool hasSeenPeer;
    private bool awaitsConsumers;
    private bool isOutdated;
    private long aloneSince;
    private long? deadline;

    /// <summary>Until when hello waits for the consumer; null: it does not.</summary>
    private long? helloDue;

    private void NextRound()
    {
        round = round.Next();
        Gather();
    }

    private void Gather()
    {
        phase = Phase.Gathering;
        hellos.Clear();
        awaitsConsumers = false;
        helloDue = null;
        ForgetWord();
        deadline = now + options.AnswerLimit;
        if (plan.AwaitsConsumers && !IsIdle)
        {
            // Nothing is committed in the meantime, so that the consumers of all do come to rest.
            helloDue = now + (options.AnswerLimit / 2);
            return;
        }

        SayHello();
    }

    private void SayHello()
    {
        helloDue = null;
        isOutdated = false;
        Say(new Hello(round)
        {
            Self = Self,
            Last = log.Last,
            Committed = log.PositionAt(commit)!.Value,
            Promised = promised,
            IsNew = isNew,
            Spans = [.. log.Spans.Skip(Math.Max(0, log.Spans.Count - MostSpans))],
            Votes = log.Votes,
            VotesBefore = [.. log.VotesSince(commit).SkipLast(1)],
            Superseded = log.Superseded,
            InView = inView,
            WasMember = wasMember,
            Barred = barred,
            IsIdle = IsIdle,
            HasWaited = now - aloneSince >= options.FormDelay,
            IsContested = told?.Quorum == ViewQuorum.Contested,
            Opening = opening?.Payload,
            Device = counted,
            Disk = saidSight = Sight = See(),
            IsFit = isFit,
        });
    }

    private void OnHello(Peer from, Hello said)
    {
        names[from] = said.Self;
        if (phase == Phase.Gathering && hellos.TryAdd(from, said))
        {
            DecideWhenAllHaveSpoken();
        }
    }

    private void DecideWhenAllHaveSpoken()
    {
        Peer[] awaited = [.. ring.Where(peer => !silent.ContainsKey(peer))];
        if (!Array.TrueForAll(awaited, hellos.ContainsKey))
        {
            return;
        }

        deadline = null;
        plan = ViewPlan.Of([.. awaited.Select(peer => new Voice(peer, hellos[peer]))]);
        if (plan.Holder?.Peer != self)
        {
            GiveUpDisk();
        }

        if (plan.Over.TryGetValue(self, out string? over))
        {
            End(new EndLife(over));
        }
        else if (plan.Members.Count == 0 || !plan.Members.Any(m => m.Peer == self))
        {
            StayOutside();
        }
        else if (plan.GoesOn)
        {
            GoOn();
        }
        else
        {
            Transfer();
        }
    }

    /// <summary>No view holds this node: it is told whom it sees, unless others have one.</summary>
    private void StayOutside()
    {
        phase = Phase.Outside;
        if (hellos[self].Opening is not null)
        {
            // What was asked for since this node has said hello is for the next round.
            FailOpening();
        }

        if (plan.Members.Count > 0)
        {
            // Who is in the ring with a view is admitted, or is fenced, by those in it.
            FailProposals();
            WaitFor(plan);
            return;
        }

        if (plan.IsSuspended)
        {
            // It may be that this side goes on: it is not told that it can't.
            WaitFor(plan);
            return;
        }

        if (IsContested)
        {
            TellContested();
        }
        else
        {
            TellWithoutQuorum([.. plan.Alive.Select(v => v.Hello.Self)], ViewQuorum.NotQuorate, plan.Count);
        }

        if (plan.FormsNext)
        {
            Say(new Reconsider(round));
        }

        WaitFor(plan);
    }

    private void TellWithoutQuorum(IReadOnlyList<Member> members, ViewQuorum quorum, VoteCount? count)
    {
        inView = 0;
        FailProposals();
        Begin();
        if (told is null || told.Quorum != quorum || !told.Members.SequenceEqual(members)
            || (quorum == ViewQuorum.Contested && told.Votes?.Device != count?.Device))
        {
            told = new ViewChanged(delivered, log.Last.Epoch, members, quorum, Continuous: false, count);
            DeliverEvent(told);
        }
    }

    private void WaitFor(ViewPlan decided)
    {
        awaitsConsumers = decided.AwaitsConsumers && !IsIdle;
        if (isOutdated)
        {
            isOutdated = false;
            Say(new Reconsider(round));
        }

        if (decided.AwaitsConsumers && IsIdle && hellos.TryGetValue(self, out Hello? said) && !said.IsIdle)
        {
            Say(new Reconsider(round));
        }

        if (decided.AwaitsOthers)
        {
            deadline = Math.Max(now, aloneSince + options.FormDelay);
        }

        if (phase == Phase.Outside && decided.AwaitsDisk && disk is { } times && hellos[self].Disk is { HasGivenWay: false })
        {
            long given = Math.Max(now, aloneSince + times.GiveWay);
            deadline = Math.Min(deadline ?? given, given);
        }

        if (decided.RegainsDisk)
        {
            Say(new Reconsider(round));
        }
    }

    /// <summary>Somebody is late, or others were waited for long enough.</summary>
    private void OnLimit()
    {
        switch (phase)
        {
            case Phase.Gathering:
                ExpelAll(ring.Where(peer => !hellos.ContainsKey(peer)), "it does not say hello");
                break;
            case Phase.Transferring:
                ExpelAll(MemberPeers().Where(peer => !ready.Contains(peer)), "it does not take over the log");
                break;
            case Phase.Opening or Phase.Open when log.Last.Index > commit:
                ExpelAll(
                    MemberPeers().Where(peer => Word(peer) <= commit || (peer == plan.Holder?.Peer && MemberPeers().Min(Word) > commit)),
                    "its disk does not take what the others have");
                break;
            case Phase.Outside when plan.AwaitsOthers || plan.AwaitsDisk:
                Say(new Reconsider(round));
                break;
        }
    }

    private void ExpelAll(IEnumerable<Peer> late, string reason)
    {
        foreach (Peer peer in late.Where(peer => !silent.ContainsKey(peer) && peer != self))
        {
            Say(new Expel(round, peer, reason));
        }

        deadline = now + options.AnswerLimit;
    }

    private void OnExpel(Expel said)
    {
        if (said.Peer == self)
        {
            End(new EndLife(said.Reason));
            return;
        }

        silent[said.Peer] = said.Reason;
        NextRound();
    }

    private void OnLeave(Peer from)
    {
        if (from == self)
        {
            End(new EndLife(null));
            return;
        }

        silent[from] = "it has left";
        NextRound();
    }

    private IEnumerable<Peer> MemberPeers() => plan.Members.Select(m => m.Peer);
}
