namespace ClusterTools.Engines.Local;

/// <summary>What follows for the membership from what the database and the heartbeats say. Pure: no clock, no files.</summary>
internal sealed record ViewDecision
{
    /// <summary>Rows of the log that a joiner may still have to take in when it is admitted.</summary>
    public const int JoinLag = 1024;

    private ViewDecision()
    {
    }

    /// <summary>Whether membership or quorum change.</summary>
    public bool Changes { get; private init; }

    /// <summary>Members afterwards, sorted.</summary>
    public IReadOnlyList<Seat> Members { get; private init; } = [];

    /// <summary>Quorum afterwards; quorate: the view goes into the log.</summary>
    public ViewQuorum Quorum { get; private init; }

    /// <summary>Members who are lost by this change.</summary>
    public IReadOnlyList<Seat> Lost { get; private init; } = [];

    /// <summary>When to look again though nothing was heard (<see cref="BootClock"/> milliseconds).</summary>
    public long Due { get; private init; } = long.MaxValue;

    /// <summary>Somebody could be admitted as soon as this node's consumer has handled all there is.</summary>
    public bool AwaitsConsumer { get; private init; }

    /// <summary>The facts that a decision is made from.</summary>
    /// <param name="State">What the database says.</param>
    /// <param name="Self">Who decides.</param>
    /// <param name="Heard">The heartbeats of members and joiners, as far as they can be read.</param>
    /// <param name="Barred">Nodes that are being fenced.</param>
    /// <param name="Lifted">When the bar of nodes that were fenced was lifted: a heartbeat from before may be that of the life that was
    /// ended by it.</param>
    /// <param name="Current">This node's consumer has handled all there is, so that <see cref="Barred"/> is what the log makes of
    /// it.</param>
    /// <param name="MayJudge">This node has itself been awake long enough to call others silent.</param>
    /// <param name="Now">The time.</param>
    /// <param name="Token">The token time.</param>
    internal sealed record Facts(
        StoredState State,
        Member Self,
        IReadOnlyDictionary<Member, HeartbeatRecord> Heard,
        IReadOnlySet<string> Barred,
        IReadOnlyDictionary<string, long> Lifted,
        bool Current,
        bool MayJudge,
        long Now,
        int Token)
    {
        public bool IsFresh(Seat seat) =>
            seat.Member == Self || (Heard.TryGetValue(seat.Member, out HeartbeatRecord record) && record.IsFresh(Now, Token));

        public bool HasOutlivedItsFencing(Seat seat) =>
            !Lifted.TryGetValue(seat.Node, out long lifted)
                || (Heard.TryGetValue(seat.Member, out HeartbeatRecord record) && record.Beat > lifted);

        public bool HasCaughtUp(Seat seat) =>
            Heard.TryGetValue(seat.Member, out HeartbeatRecord record) && record.Ready && State.Head - record.Position <= JoinLag;

        public bool IsLost(Seat seat) =>
            seat.Member != Self
            && ((MayJudge && !IsFresh(seat))
                || State.Joiners.Any(joiner => joiner.Node == seat.Node && joiner.Incarnation > seat.Incarnation && IsFresh(joiner)));
    }

    public static ViewDecision Decide(Facts facts)
    {
        StoredState state = facts.State;
        bool isMember = state.HasMember(facts.Self);
        if (!isMember && !state.HasJoiner(facts.Self))
        {
            return new ViewDecision();
        }

        List<Seat> lost = [.. state.Members.Where(facts.IsLost)];
        List<Seat> remaining = [.. state.Members.Where(seat => !lost.Contains(seat))];
        long due = NextExpiry(facts, remaining);
        if (!isMember && remaining.Count > 0)
        {
            // Where there are members it is theirs to admit.
            return new ViewDecision { Due = due };
        }

        if (lost.Count > 0)
        {
            return new ViewDecision { Changes = true, Lost = lost, Members = remaining, Quorum = QuorumOf(state, remaining), Due = due };
        }

        List<Seat> candidates = Candidates(facts);
        if (state.Quorum == ViewQuorum.Quorate)
        {
            return candidates.Count == 0 ? new ViewDecision { Due = due }
                : Admit(facts, Together(remaining, candidates), ViewQuorum.Quorate, due);
        }

        List<Seat> together = Together(remaining, candidates);
        if (!state.Forms([.. together.Select(seat => seat.Node)]))
        {
            return candidates.Count == 0 ? new ViewDecision { Due = due } : Admit(facts, together, state.Quorum, due);
        }

        long forms = FormsAt(facts, together);
        return facts.Now < forms
            ? new ViewDecision { Due = Math.Min(due, forms) }
            : Admit(facts, together, ViewQuorum.Quorate, due);
    }

    /// <summary>The view that is opened against the arithmetic: this node and whoever is connected.</summary>
    public static ViewDecision Open(Facts facts)
    {
        List<Seat> lost = [.. facts.State.Members.Where(facts.IsLost)];
        IEnumerable<Seat> own = facts.State.Members.Concat(facts.State.Joiners).Where(seat => seat.Member == facts.Self);
        IEnumerable<Seat> connected = facts.State.Members.Where(seat => !lost.Contains(seat)).Union(own);
        List<Seat> members = [.. connected];
        if (facts.Current)
        {
            members = Together(members, [.. Candidates(facts).Where(seat => members.All(member => member.Node != seat.Node))]);
        }

        return new ViewDecision { Changes = true, Lost = lost, Members = Together(members, []), Quorum = ViewQuorum.Quorate };
    }

    /// <summary>The view after a member has left of its own accord.</summary>
    public static ViewDecision Leave(StoredState state, Member self)
    {
        List<Seat> remaining = [.. state.Members.Where(seat => seat.Member != self)];
        return new ViewDecision
        {
            Changes = true,
            Lost = [.. state.Members.Where(seat => seat.Member == self)],
            Members = remaining,
            Quorum = QuorumOf(state, remaining),
        };
    }

    private static ViewDecision Admit(Facts facts, List<Seat> members, ViewQuorum quorum, long due) =>
        facts.Current
            ? new ViewDecision { Changes = true, Members = members, Quorum = quorum, Due = due }
            : new ViewDecision { AwaitsConsumer = true, Due = due };

    private static ViewQuorum QuorumOf(StoredState state, List<Seat> remaining)
    {
        string[] nodes = [.. remaining.Select(seat => seat.Node)];
        return state.Quorum switch
        {
            ViewQuorum.Quorate when nodes.Length > 0 && state.KeepsQuorum(state.Votes, nodes) => ViewQuorum.Quorate,

            // Whoever is left of a quorate or contested view of two has seen its peer in this life.
            ViewQuorum.Quorate or ViewQuorum.Contested when state.Votes.TwoNode && state.Votes.Majority(state.Superseded).Sum(nodes) > 0 =>
                ViewQuorum.Contested,
            _ => ViewQuorum.NotQuorate,
        };
    }

    private static List<Seat> Candidates(Facts facts) =>
    [
        .. facts.State.Joiners.Where(seat =>
            facts.State.Votes.Votes.ContainsKey(seat.Node)
            && !facts.Barred.Contains(seat.Node)
            && facts.State.Members.All(member => member.Node != seat.Node)
            && facts.IsFresh(seat)
            && facts.HasOutlivedItsFencing(seat)
            && facts.HasCaughtUp(seat)),
    ];

    private static List<Seat> Together(IEnumerable<Seat> members, IEnumerable<Seat> candidates) =>
        [.. members.Concat(candidates).OrderBy(seat => seat.Node, StringComparer.Ordinal)];

    // Nodes that start at the same moment form one view; nobody waits long for those who may never come.
    private static long FormsAt(Facts facts, List<Seat> together)
    {
        StoredState state = facts.State;
        if (state.Votes.Votes.All(vote => vote.Value == 0 || together.Any(seat => seat.Node == vote.Key)))
        {
            return 0;
        }

        Seat[] inOrder = [.. together.OrderBy(seat => seat.Since)];
        int enough = Array.FindIndex(
            inOrder, seat => state.HasMajorityOfAll(inOrder.TakeWhile(s => s != seat).Append(seat).Select(s => s.Node)));
        return enough < 0 ? 0 : inOrder[enough].Since + facts.Token / 4;
    }

    private static long NextExpiry(Facts facts, List<Seat> members)
    {
        long due = long.MaxValue;
        foreach (Seat seat in members.Where(seat => seat.Member != facts.Self))
        {
            if (facts.Heard.TryGetValue(seat.Member, out HeartbeatRecord record) && record.IsFresh(facts.Now, facts.Token))
            {
                due = Math.Min(due, record.Beat + facts.Token + 1);
            }
        }

        return due;
    }
}
