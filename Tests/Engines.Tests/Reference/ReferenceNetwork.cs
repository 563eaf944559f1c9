using ClusterTools.Voting;

namespace ClusterTools.Engines.Tests.Reference;

/// <summary>
/// The contract as plainly as it can be kept: several nodes in one process, with a network that a test cuts, disks that it holds up, and
/// a quorum device. A cut is noticed at once; only a hung consumer is told by a clock.
/// </summary>
internal sealed class ReferenceNetwork
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, ReferenceDisk> disks = [];
    private readonly List<ReferenceEngine> engines = [];
    private readonly Dictionary<(Member By, Member Of), long> heard = [];
    private readonly HashSet<string> heldDisks = [];
    private readonly List<(ReferenceEntry Entry, TaskCompletionSource<long> Outcome)> open = [];
    private ReferenceEngine[] primary = [];
    private string[][]? sides;
    private (int Votes, string? Side) device;

    /// <summary>An engine of a node in one of its lives.</summary>
    public ReferenceEngine Create(EngineSetup setup, int limit)
    {
        ReferenceEngine engine = new(this, setup, limit);
        Under(() => engines.Add(engine));
        return engine;
    }

    /// <summary>From now on only the nodes of one side hear each other; no sides: all do.</summary>
    public void Cut(params string[][] into)
    {
        Under(() =>
        {
            sides = into.Length == 0 ? null : into;
        });
        Changed();
    }

    /// <summary>The disk of a node takes nothing until it is let go.</summary>
    public void HoldDisk(string node, bool held)
    {
        Under(() => held ? heldDisks.Add(node) : heldDisks.Remove(node));
        Under(Write);
    }

    /// <summary>A quorum device, with the side that this node is on; null: with nobody.</summary>
    public void SetDevice(int votes, string? side)
    {
        Under(() => device = (votes, side));
        Changed();
    }

    public ReferenceDisk DiskOf(EngineSetup setup) => Under(() =>
    {
        if (!disks.TryGetValue(setup.Self.Node, out ReferenceDisk? disk))
        {
            disks.Add(setup.Self.Node, disk = new ReferenceDisk(setup.Votes));
        }

        return disk;
    });

    public T Under<T>(Func<T> work)
    {
        lock (gate)
        {
            return work();
        }
    }

    public void Under(Action work)
    {
        lock (gate)
        {
            work();
        }
    }

    public bool IsMember(ReferenceEngine engine) => primary.Contains(engine);

    public long? LastHeard(ReferenceEngine by, Member of) => Under<long?>(() =>
        engines.Exists(engine => engine.Self == of && engine.IsRunning && Hears(by, engine)) ? BootClock.Now
        : heard.TryGetValue((by.Self, of), out long last) ? last : null);

    /// <summary>The others go on without a member that does not keep up, if they can.</summary>
    public void Lose(ReferenceEngine engine, string reason)
    {
        Under(() =>
        {
            ReferenceEngine[] rest = [.. primary.Where(member => member != engine)];
            if (IsMember(engine) && MajorityOf(rest) is { } majority && majority.IsHeldBy(NamesOf(rest)))
            {
                engine.Lose(reason);
            }
        });
        Changed();
    }

    public Task<long> ProposeAsync(ReferenceEngine engine, ReadOnlyMemory<byte> payload, VoteTable? votes) => Under(() =>
    {
        EngineLimits.CheckPayload(payload);
        if (!IsMember(engine) || engine.IsOver)
        {
            return Task.FromException<long>(new NotQuorateException($"{engine.Self.Node} is in no quorate view. Nothing was changed."));
        }

        if (votes is not null && !Allows(votes))
        {
            return Task.FromException<long>(new VotesRefusedException("The members hold no majority of both the old and the new votes."));
        }

        long epoch = engine.Disk.Epoch;
        long index = (open.Count > 0 ? open[^1].Entry.Index : primary.Max(member => member.Disk.Last.Index)) + 1;
        TaskCompletionSource<long> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ReferenceEntry entry = new(new Committed(index, epoch, engine.Self, payload.ToArray()), epoch, votes);
        open.Add((entry, outcome));
        if (Write() > 0)
        {
            _ = ExpelWhoLacksAsync(entry);
        }

        return outcome.Task;
    });

    private async Task ExpelWhoLacksAsync(ReferenceEntry entry)
    {
        ReferenceEngine[] members = primary;
        await Task.Delay(members.Min(member => member.Limit));
        foreach (ReferenceEngine late in Under(() => members.Where(m => IsMember(m) && m.Disk.At(entry.Index) != entry).ToArray()))
        {
            Lose(late, "its disk does not take what the others have");
        }
    }

    public long Open(ReferenceEngine engine, ReadOnlyMemory<byte> payload) => Under(() =>
    {
        EngineLimits.CheckPayload(payload);
        List<ReferenceEngine> here = [.. SideOf(engine).Where(other => !other.IsOver && !engine.Barred.Contains(other.Self.Node))];
        if (!engine.IsRunning || engine.IsOver || (primary.Length > 0 && !IsMember(engine) && here.Exists(IsMember)))
        {
            throw new NotQuorateException($"{engine.Self.Node} can't go on alone. Nothing was changed.");
        }

        bool continuous = engine.Told is null or { Quorum: ViewQuorum.Contested };
        Form(here, continuous, IsMember(engine) ? engine.Disk.Superseded : engine.Disk.Votes.Votes.Keys.ToHashSet());
        Committed first = new(engine.Disk.Last.Index + 1, engine.Disk.Epoch, engine.Self, payload.ToArray());
        foreach (ReferenceEngine member in primary)
        {
            member.Disk.Append(new ReferenceEntry(first, first.Epoch, null));
            Deliver(member, first.Index);
        }

        return first.Index;
    });

    /// <summary>Who hears whom, who lives or who is barred has changed, or a consumer has caught up.</summary>
    public void Changed() => Under(() =>
    {
        NoteWhoWasHeard();
        while (Step())
        {
        }
    });

    private static IEnumerable<string> NamesOf(IEnumerable<ReferenceEngine> members) => members.Select(member => member.Self.Node);

    private bool Hears(ReferenceEngine one, ReferenceEngine other) => sides is null
        || Array.Exists(sides, side => side.Contains(one.Self.Node) && side.Contains(other.Self.Node));

    private IEnumerable<ReferenceEngine> SideOf(ReferenceEngine engine) =>
        engines.Where(other => other.IsRunning && (other == engine || Hears(engine, other))).OrderBy(other => other.Self.Node);

    private void NoteWhoWasHeard()
    {
        foreach (ReferenceEngine member in primary)
        {
            foreach (ReferenceEngine other in primary.Where(other => other != member))
            {
                heard[(member.Self, other.Self)] = BootClock.Now;
            }
        }
    }

    /// <summary>The majority by the best log of these, and of a device with them.</summary>
    private Majority? MajorityOf(IReadOnlyCollection<ReferenceEngine> members, IReadOnlySet<string>? superseded = null)
    {
        if (members.Count == 0)
        {
            return null;
        }

        ReferenceDisk best = BestOf(members);
        return best.Votes.Majority(superseded ?? best.Superseded) with
        {
            Device = new QuorumDevice(device.Votes, IsHere: device.Side is { } side && NamesOf(members).Contains(side)),
        };
    }

    private bool Allows(VoteTable votes)
    {
        Majority old = MajorityOf(primary)!;
        return new JointMajority(old, votes.Majority(old.Superseded) with { Device = old.Device }).IsHeldBy([.. NamesOf(primary)]);
    }

    private static ReferenceDisk BestOf(IEnumerable<ReferenceEngine> members) =>
        members.Select(member => member.Disk).MaxBy(disk => disk.Last)!;

    /// <summary>One change of the membership, if one is due.</summary>
    private bool Step()
    {
        foreach (ReferenceEngine old in engines.Where(e => e.IsRunning && !e.IsOver))
        {
            if (SideOf(old).Any(later => later.Self.Node == old.Self.Node && later.Self.Incarnation > old.Self.Incarnation))
            {
                old.Lose("a later daemon took its place");
                return true;
            }
        }

        ReferenceEngine[] left = [.. primary.Where(member => member.IsRunning && !member.IsOver)];
        if (primary.Length > 0 && (left.Length < primary.Length || left.Any(member => !left.All(other => Hears(member, other)))))
        {
            return Shrink(left);
        }

        return primary.Length > 0 ? ExpelTheLost() || Admit() || TellOthers() : FormAnew() || TellOthers();
    }

    /// <summary>Members are gone: the side that keeps the majority goes on, or none does.</summary>
    private bool Shrink(ReferenceEngine[] left)
    {
        foreach (ReferenceEngine member in left)
        {
            List<ReferenceEngine> side = [.. left.Where(other => Hears(member, other))];
            if (MajorityOf(side)!.IsHeldBy(NamesOf(side)))
            {
                Form(side, continuous: true, BestOf(side).Superseded);
                return true;
            }
        }

        primary = [];
        Settle([]);
        return true;
    }

    /// <summary>Who was declared lost by those who went on learns it as soon as it hears them.</summary>
    private bool ExpelTheLost()
    {
        ReferenceEngine? lost = engines.Find(e => e is { IsRunning: true, IsOver: false, WasMember: true }
            && !IsMember(e) && Array.Exists(primary, member => Hears(member, e)));
        lost?.Lose("a view without it was formed");
        return lost is not null;
    }

    private bool Admit()
    {
        if (!Array.TrueForAll(primary, member => member.IsIdle))
        {
            // Who is barred is known when what was decided is handled.
            return false;
        }

        VoteTable votes = primary[0].Disk.Votes;
        ReferenceEngine[] joiners =
        [
            .. SideOf(primary[0]).Where(e => !e.IsOver && !IsMember(e) && votes.Votes.ContainsKey(e.Self.Node)
                && !Array.Exists(primary, member => member.Barred.Contains(e.Self.Node))),
        ];
        if (joiners.Length == 0)
        {
            return false;
        }

        Form([.. primary, .. joiners], continuous: true, primary[0].Disk.Superseded);
        return true;
    }

    /// <summary>There is no quorate view: a majority of all votes forms one, with one of the last epoch's line in it.</summary>
    private bool FormAnew()
    {
        foreach (ReferenceEngine engine in engines.Where(e => e.IsRunning && !e.IsOver))
        {
            List<ReferenceEngine> side = [.. SideOf(engine).Where(e => !e.IsOver)];
            long last = side.Max(e => e.Disk.Epoch);
            if (side.Find(e => e.WasMember && e.Disk.Epoch < last) is { } lost)
            {
                lost.Lose("a view without it was formed");
                return true;
            }

            HashSet<string> barred = [.. side.SelectMany(e => e.Barred)];
            VoteTable votes = BestOf(side).Votes;
            side.RemoveAll(e => barred.Contains(e.Self.Node) || !votes.Votes.ContainsKey(e.Self.Node));
            if (side.TrueForAll(e => e.IsIdle) && MajorityOf(side, new HashSet<string>()) is { } all && all.IsHeldBy(NamesOf(side))
                && MajorityOf(side)!.Present(NamesOf(side)) > 0)
            {
                Form(side, continuous: false, BestOf(side).Superseded);
                return true;
            }
        }

        return false;
    }

    /// <summary>Who is in no quorate view is told whom it sees.</summary>
    private bool TellOthers()
    {
        foreach (ReferenceEngine engine in engines.Where(e => e.IsRunning && !e.IsOver && !IsMember(e)))
        {
            List<ReferenceEngine> side = [.. SideOf(engine).Where(e => !e.IsOver)];
            if (side.Exists(IsMember))
            {
                continue;
            }

            Majority majority = MajorityOf(side)!;
            bool contested = engine.Disk.Votes.TwoNode && engine.HasSeenPeer && side.Count == 1 && majority.Sum(NamesOf(side)) > 0;
            Begin(engine);
            ViewChanged view = new(
                engine.Delivered, engine.Disk.Epoch, [.. side.Select(e => e.Self)],
                contested ? ViewQuorum.Contested : ViewQuorum.NotQuorate, Continuous: false, majority.Count(NamesOf(side)));
            if (engine.Told?.Quorum != view.Quorum || !engine.Told.Members.SequenceEqual(view.Members))
            {
                engine.Told = view;
                engine.Deliver(view);
                return true;
            }
        }

        return false;
    }

    /// <summary>All of these become as the best of them, and a new epoch is on their disks before anything is committed in it.</summary>
    private void Form(IEnumerable<ReferenceEngine> of, bool continuous, IReadOnlySet<string> superseded)
    {
        ReferenceEngine[] members = [.. of.OrderBy(member => member.Self.Node, StringComparer.Ordinal)];
        ReferenceDisk best = BestOf(members);
        VoteCount count = MajorityOf(members, best.Superseded.Except(NamesOf(members)).ToHashSet())!.Count(NamesOf(members));
        long epoch = members.Max(member => member.Disk.Epoch) + 1;
        ViewChanged view = new(
            best.Last.Index + 1, epoch, [.. members.Select(member => member.Self)], ViewQuorum.Quorate, continuous, count);
        bool isPair = members.Count(member => best.Votes.Votes.ContainsKey(member.Self.Node)) > 1;
        ReferenceEntry entry = new(view, epoch, null) { Superseded = superseded.Except(NamesOf(members)).ToHashSet() };
        foreach (ReferenceEngine member in members)
        {
            member.Disk.BecomeAs(best);
        }

        foreach (ReferenceEngine member in members)
        {
            member.Disk.Append(entry);
            member.WasMember = true;
            member.HasSeenPeer |= isPair;
            member.Told = null;
        }

        primary = members;
        Settle(best.Log);
        foreach (ReferenceEngine member in members)
        {
            Deliver(member, view.Index);
        }
    }

    /// <summary>A view has ended: what went into the next one is committed, and of the rest nobody knows.</summary>
    private void Settle(IEnumerable<ReferenceEntry> log)
    {
        HashSet<ReferenceEntry> kept = [.. log];
        foreach ((ReferenceEntry entry, TaskCompletionSource<long> outcome) in open)
        {
            if (kept.Contains(entry))
            {
                outcome.SetResult(entry.Index);
            }
            else
            {
                outcome.SetException(new UnknownOutcomeException("The view changed while the entry was under way."));
            }
        }

        open.Clear();
    }

    /// <summary>Open entries go to the disks that take them; what is on all members' disks is committed.</summary>
    private int Write()
    {
        foreach (ReferenceEngine member in primary.Where(member => !heldDisks.Contains(member.Self.Node)))
        {
            foreach ((ReferenceEntry entry, _) in open.Where(one => one.Entry.Index > member.Disk.Last.Index))
            {
                member.Disk.Append(entry);
            }
        }

        while (open.Count > 0 && Array.TrueForAll(primary, member => member.Disk.Last.Index >= open[0].Entry.Index))
        {
            foreach (ReferenceEngine member in primary)
            {
                Deliver(member, open[0].Entry.Index);
            }

            open[0].Outcome.SetResult(open[0].Entry.Index);
            open.RemoveAt(0);
        }

        return open.Count;
    }

    private static void Begin(ReferenceEngine engine)
    {
        if (engine.Delivered < 0)
        {
            engine.Deliver(engine.Disk.Snapshot);
        }
    }

    private static void Deliver(ReferenceEngine engine, long upTo)
    {
        Begin(engine);
        while (engine.Delivered < upTo && !engine.IsOver)
        {
            if (engine.Disk.At(engine.Delivered + 1) is { } entry)
            {
                engine.Deliver(entry.Event);
            }
            else
            {
                engine.Lose($"the log after {engine.Delivered} was dropped before it had read it");
            }
        }
    }
}
