using ClusterTools.Engines.Corosync.QuorumDisk;
using ClusterTools.Voting;

namespace ClusterTools.Engines.Corosync;

/// <summary>
/// What follows for the view from all that was said in a round. Pure, and the same on every member: whoever hears the same comes to the
/// same.
/// </summary>
internal sealed record ViewPlan
{
    /// <summary>Lives that are over, with the reason.</summary>
    public IReadOnlyDictionary<Peer, string> Over { get; private init; } = new Dictionary<Peer, string>();

    /// <summary>The members of a quorate view, sorted by node; empty: there is none.</summary>
    public IReadOnlyList<Voice> Members { get; private init; } = [];

    /// <summary>All that are there and alive, sorted by node.</summary>
    public IReadOnlyList<Voice> Alive { get; private init; } = [];

    /// <summary>The view is the one that is open already.</summary>
    public bool GoesOn { get; private init; }

    /// <summary>Quorum was held without interruption.</summary>
    public bool Continuous { get; private init; }

    /// <summary>Whose votes do not count once the view is open.</summary>
    public IReadOnlySet<string> Superseded { get; private init; } = new HashSet<string>();

    /// <summary>The member with the best log, which the others are brought to.</summary>
    public Voice? Source { get; private init; }

    /// <summary>Who has asked for the view against the arithmetic; null: nobody.</summary>
    public Voice? Opener { get; private init; }

    /// <summary>The epoch that the view opens.</summary>
    public long Epoch { get; private init; }

    /// <summary>As counted, for a view that is or is not quorate.</summary>
    public VoteCount? Count { get; private init; }

    /// <summary>Somebody would be admitted, or a view formed, once all consumers have handled what there is.</summary>
    public bool AwaitsConsumers { get; private init; }

    /// <summary>A view would be formed once others were waited for.</summary>
    public bool AwaitsOthers { get; private init; }

    /// <summary>The member that holds the quorum disk for this view, which needs it; null: it does without.</summary>
    public Voice? Holder { get; private init; }

    /// <summary>What is seen of the quorum disk decides: another look at it may change this.</summary>
    public bool AwaitsDisk { get; private init; }

    /// <summary>The quorum disk does not count in this view, and may in the next.</summary>
    public bool RegainsDisk { get; private init; }

    /// <summary>It is not known yet whether those who had quorum keep it by the quorum disk.</summary>
    public bool IsSuspended { get; private init; }

    /// <summary>The quorum disk tells of what none of these logs has.</summary>
    public bool IsOlderThanDisk { get; private init; }

    /// <summary>There is no quorum, and the next round can form a view.</summary>
    public bool FormsNext { get; private init; }

    /// <summary>Who sees a quorum disk sees the same one.</summary>
    public bool SeesOneDisk => Alive.Select(v => v.Hello.Disk?.Disk).OfType<UInt128>().Distinct().Count() <= 1;

    /// <summary>The log of the members has all that the quorum disk tells of.</summary>
    public bool MayClaim(DiskSight? sight) => sight is not null && IsAtLeast(Source!.Hello.Last, sight.Written);

    public static ViewPlan Of(IReadOnlyCollection<Voice> voices)
    {
        var over = new Dictionary<Peer, string>();
        List<Voice> alive = [];
        foreach (Voice voice in voices)
        {
            if (voices.Any(other => other.Node == voice.Node
                && (other.Hello.Self.Incarnation, other.Peer).CompareTo((voice.Hello.Self.Incarnation, voice.Peer)) > 0))
            {
                over.Add(voice.Peer, "a later daemon of the node took its place");
            }
            else if (voice.Hello.WasMember && voices.Any(other => GoesOnWithout(other.Hello, voice.Hello)))
            {
                over.Add(voice.Peer, "a view without it was formed");
            }
            else
            {
                alive.Add(voice);
            }
        }

        alive.Sort((a, b) => string.CompareOrdinal(a.Node, b.Node));
        return alive.Count == 0 ? new ViewPlan { Over = over } : Decide(alive) with { Over = over, Alive = alive };
    }

    /// <summary>A log that ends so holds what was committed at a place.</summary>
    internal static bool IsAtLeast(LogPosition last, LogPosition written) => last == written || last.CompareTo(written) > 0;

    /// <summary>The log of one holds a view that was opened after what the other's ends with, and that it was not in.</summary>
    private static bool GoesOnWithout(Hello one, Hello other) =>
        one.Last.Epoch > other.Last.Epoch
        && one.Spans.Any(span => span.Epoch > other.Last.Epoch && span.Members?.Contains(other.Self) == false);

    private static ViewPlan Decide(List<Voice> alive)
    {
        Voice best = Best(alive);
        VoteTable votes = best.Hello.Votes;
        HashSet<string> barred = [.. alive.SelectMany(v => v.Hello.Barred)];
        long inView = alive.Max(v => v.Hello.InView);
        List<Voice> present = inView == 0 ? [] : [.. alive.Where(v => v.Hello.InView == inView)];
        List<Voice> joiners =
        [
            .. alive.Where(v => !present.Contains(v) && votes.Votes.ContainsKey(v.Node) && !barred.Contains(v.Node)),
        ];
        bool idle = (present.Count > 0 ? present : joiners).TrueForAll(v => v.Hello.IsIdle);
        Side? holding = present.Count > 0 ? new Side(present, alive, best, best.Hello.Superseded) : null;
        if (alive.Find(v => v.Hello.Opening is not null) is { } opener)
        {
            List<Voice> all = [.. alive.Where(v => v == opener || present.Contains(v) || joiners.Contains(v))];
            IReadOnlySet<string> superseded = holding?.HasQuorum == true
                ? best.Hello.Superseded
                : votes.Votes.Keys.Append(VoteTable.DeviceName).ToHashSet();
            Voice? held = holding?.Standing == Standing.ByDisk ? holding.Holder : null;
            return View(all, best, present.Count > 0 || opener.Hello.IsContested, superseded, held) with
            {
                Opener = opener,
                RegainsDisk = votes.Device is not null && held is null,
            };
        }

        if (holding?.HasQuorum == true)
        {
            IReadOnlyList<Member> before = best.Hello.Spans.LastOrDefault(s => s.Epoch == inView)?.Members ?? [];
            // A new life of a member is first the loss of the old one: it is told before anybody lets the new one in.
            List<Voice> admitted = idle ? [.. joiners.Where(v => before.All(m => m.Node != v.Node))] : [];
            ViewPlan next = View(
                [.. present, .. admitted], best, continuous: true, best.Hello.Superseded, holding.ClaimsDisk ? holding.Holder : null);
            // An epoch that was about to be opened is not gone back from: who has parted meanwhile may have opened it, and its log would
            // outdo all that went on in the earlier one.
            bool same = admitted.Count == 0 && before.Count == present.Count && best.Hello.Last.Epoch == inView
                && present.TrueForAll(v => before.Contains(v.Hello.Self) && v.Hello.Last == best.Hello.Last && v.Hello.Promised == inView)
                && (next.Holder is null || holding.IsHeldIn(inView))
                && next.Superseded.SetEquals(best.Hello.Superseded) && present.TrueForAll(v => v.Hello.Device == next.Count!.Device);
            return next with
            {
                GoesOn = same,
                AwaitsConsumers = joiners.Count > admitted.Count,
                AwaitsDisk = next.Superseded.Contains(VoteTable.DeviceName),
            };
        }

        // A majority of all votes forms a view where there is none, one of the last epoch's line in it.
        List<Voice> forming = [.. alive.Where(v => votes.Votes.ContainsKey(v.Node) && !barred.Contains(v.Node))];
        bool complete = votes.Votes.All(v => v.Value == 0 || forming.Exists(f => f.Node == v.Key));
        // Who has lost its disk proves nothing of what was committed, not even once it has been given part of it, unless all are here.
        List<Voice> knowing = [.. forming.Where(v => complete || !v.Hello.IsNew)];
        var anew = new Side(knowing.Count > 0 ? knowing : forming, alive, best, new HashSet<string>());
        // Where nobody knows anything a cluster begins; one alone may have lost its disk, however many votes it has.
        bool mayForm = knowing.Count > 0
            || (anew.Standing == Standing.ByVotes && forming.Count > 1 && alive.TrueForAll(v => v.Hello.IsNew));
        var none = new ViewPlan
        {
            Count = votes.Majority(best.Hello.Superseded, deviceIsHere: false).Count(Fit(alive)),
            AwaitsDisk = anew.Standing >= Standing.WithDisk || holding?.Standing >= Standing.WithDisk,
            IsSuspended = holding?.Standing == Standing.Waits,
            IsOlderThanDisk = anew.Standing == Standing.Older,
        };
        if (none.IsSuspended || !anew.HasQuorum || !mayForm
            || votes.Majority(best.Hello.Superseded).Present(Fit(forming)) == 0)
        {
            return none;
        }

        if (present.Count > 0)
        {
            // Those who have just lost quorum are told so first.
            return none with { FormsNext = true };
        }

        return !complete && !forming.TrueForAll(v => v.Hello.HasWaited) ? none with { AwaitsOthers = true }
            : !idle ? none with { AwaitsConsumers = true }
            : View(
                forming, best, continuous: false, best.Hello.Superseded, anew.Standing == Standing.ByDisk ? anew.Holder : null);
    }

    private static IEnumerable<string> Fit(IEnumerable<Voice> voices) => voices.Where(v => v.Hello.IsFit).Select(v => v.Node);

    /// <summary>The best log; of equal ones the first node's.</summary>
    private static Voice Best(IEnumerable<Voice> voices) =>
        voices.OrderBy(v => v.Node, StringComparer.Ordinal).MaxBy(v => v.Hello.Last)!;

    private static ViewPlan View(
        List<Voice> members, Voice best, bool continuous, IReadOnlySet<string> superseded, Voice? holder)
    {
        // Whom an epoch against the arithmetic supersedes still counts in the arithmetic that it was opened against.
        IReadOnlySet<string> counted = Best(members).Hello.Superseded;
        members.Sort((a, b) => string.CompareOrdinal(a.Node, b.Node));
        IReadOnlyList<string> with = [.. members.Select(v => v.Node), .. holder is null ? [] : new[] { VoteTable.DeviceName }];
        var side = new Side(members, members, Best(members), new HashSet<string>());
        return new ViewPlan
        {
            Members = members,
            Continuous = continuous,
            Superseded = superseded.Except(with).ToHashSet(),
            Source = Best(members),
            Holder = holder,
            Epoch = members.Max(v => Math.Max(v.Hello.Promised, Math.Max(v.Hello.Last.Epoch, v.Hello.Disk?.Epoch ?? 0))) + 1,
            Count = best.Hello.Votes.Majority(counted.Except(with).ToHashSet(), holder is not null || side.MayHaveDisk).Count(Fit(members)),
        };
    }
}
