using System.Collections.Immutable;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Voting;

namespace ClusterTools.Simulation;

/// <summary>An entry of the log: an event, or a quorate view.</summary>
internal sealed class Entry
{
    public required long Index { get; init; }

    public required long Epoch { get; init; }

    public EventEnvelope? Envelope { get; init; }

    public ViewEvent? View { get; init; }

    /// <summary>Votes in force from here on; null: as before.</summary>
    public Votes? Votes { get; init; }

    public long OrderedAt { get; init; }

    /// <summary>
    /// The state it was first applied to, and what came of it; other nodes that stand at the same state take it from here.
    /// </summary>
    public ClusterState? From { get; set; }

    public ClusterState? Result { get; set; }

    /// <summary>What the result asks for; default: not computed yet.</summary>
    public ImmutableArray<ClusterAction> Plan { get; set; }

    /// <summary>The votes in force after it, once committed.</summary>
    public Votes? VotesAfter { get; set; }

    public override string ToString() => $"{Envelope?.Event ?? View}";
}

/// <summary>Who has how many votes, as the engine counts.</summary>
internal sealed record Votes(ImmutableSortedDictionary<string, int> ByNode, int Expected, bool TwoNode)
{
    public int Majority => Expected / 2 + 1;

    /// <param name="configuration">Who has how many.</param>
    /// <param name="without">Who has none for now, by the Core's word, which its checker does not take.</param>
    public static Votes Of(ClusterConfiguration configuration, IReadOnlySet<string>? without = null)
    {
        // Recomputed here, apart from the Core's own arithmetic.
        int sum = 0;
        ImmutableSortedDictionary<string, int>.Builder votes = ImmutableSortedDictionary.CreateBuilder<string, int>(StringComparer.Ordinal);
        foreach (NodeConfiguration node in configuration.Nodes.Values)
        {
            int counted = without?.Contains(node.Name) == true ? 0 : node.Votes;
            votes.Add(node.Name, counted);
            sum += counted;
        }

        return new Votes(votes.ToImmutable(), configuration.ExpectedVotes ?? sum, configuration.TwoNode);
    }

    public int Count(IEnumerable<Daemon> members) => members.Sum(m => ByNode.GetValueOrDefault(m.Machine.Name));
}

/// <summary>The quorate view in force.</summary>
internal sealed class Primary(long epoch, Daemon[] members)
{
    public long Epoch { get; } = epoch;

    public Daemon[] Members { get; } = members;

    /// <summary>Ordered, not yet on every member's disk.</summary>
    public List<Entry> Open { get; } = [];

    /// <summary>The age of what is open is being watched.</summary>
    public bool Watched { get; set; }

    public bool Has(Daemon daemon) => Array.IndexOf(Members, daemon) >= 0;
}

/// <summary>
/// Keeps the engine contract (DESIGN) over a network that breaks, with stalled members and disks that lose writes, and no
/// more than the contract: in every freedom it leaves, the dice decide.
/// </summary>
internal sealed class Engine
{
    private readonly World world;
    private readonly bool[,] link = new bool[RandomConfiguration.MostNodes, RandomConfiguration.MostNodes];
    private readonly bool[,] raw = new bool[RandomConfiguration.MostNodes, RandomConfiguration.MostNodes];
    private readonly bool[,] effective = new bool[RandomConfiguration.MostNodes, RandomConfiguration.MostNodes];
    private readonly int[,] generation = new int[RandomConfiguration.MostNodes, RandomConfiguration.MostNodes];
    private readonly bool continuousAfterContest;
    private readonly Votes firstVotes;
    private bool reconsidering;
    private Daemon[]? forming;
    private List<Daemon> lastQuorate = [];

    public Engine(World world, ClusterConfiguration first)
    {
        this.world = world;
        firstVotes = Votes.Of(first);
        Token = first.Timing.Token;
        continuousAfterContest = world.Random.Chance(500);
        for (int i = 0; i < RandomConfiguration.MostNodes; i++)
        {
            for (int j = 0; j < RandomConfiguration.MostNodes; j++)
            {
                link[i, j] = true;
            }
        }
    }

    /// <summary>What can't be done now is tried again after so long; well within any token time.</summary>
    private const int Retry = 60;

    public int Token { get; }

    /// <summary>The one log that was ever committed; entry i at i - 1.</summary>
    public List<Entry> Committed { get; } = [];

    public Primary? Primary { get; private set; }

    /// <summary>What the committed log amounts to.</summary>
    public ClusterState Canonical => Committed.Count == 0 ? ClusterState.Empty : Committed[^1].Result!;

    public Votes VotesInForce => Committed.Count == 0 ? firstVotes : Committed[^1].VotesAfter!;

    /// <summary>Added to each message.</summary>
    public int ExtraDelay { get; set; }

    /// <summary>So many of a thousand proposals are lost.</summary>
    public int Loss { get; set; }

    private RandomSource Random => world.Random;

    public bool Linked(int from, int to) => link[from, to];

    public void SetLink(int from, int to, bool up) => link[from, to] = up;

    public bool Reaches(Daemon a, Daemon b) => a == b || (raw[a.Machine.Index, b.Machine.Index] && !a.Dead && !b.Dead);

    /// <summary>To be called before something changes in who hears whom: who saw itself in the view until now remembers it.</summary>
    public void ReachWillChange()
    {
        foreach (Machine machine in world.Machines)
        {
            if (machine.Daemon is { } daemon && ConfirmsNow(daemon))
            {
                daemon.LastConfirmed = world.Now;
            }
        }
    }

    /// <summary>Links, stalls or lives have changed: who hears whom is looked at again, and noticed after the token time.</summary>
    public void ReachChanged()
    {
        IReadOnlyList<Machine> machines = world.Machines;
        for (int i = 0; i < machines.Count; i++)
        {
            for (int j = i + 1; j < machines.Count; j++)
            {
                bool now = link[i, j] && link[j, i] && machines[i].Daemon is { Stalled: false } && machines[j].Daemon is { Stalled: false };
                if (now == raw[i, j])
                {
                    continue;
                }

                raw[i, j] = raw[j, i] = now;
                int mine = ++generation[i, j];
                long delay = now ? Random.Between(30, 400) : Token + Random.Below(Token / 3 + 1);
                (int x, int y) = (i, j);
                world.Schedule.In(delay, () =>
                {
                    // A cut too short to be noticed may have kept from a node that it was expelled; it hears that now.
                    if (generation[x, y] == mine && (effective[x, y] != now || WaitsForWord(x) || WaitsForWord(y)))
                    {
                        effective[x, y] = effective[y, x] = now;
                        Reconsider();
                    }
                });
            }
        }
    }

    private bool WaitsForWord(int machine) => world.Machines[machine].Daemon is { Expelled: true, ExpelledTold: false };

    /// <summary>Who belongs together is decided again, soon.</summary>
    public void ReconsiderSoon(int delay)
    {
        if (reconsidering)
        {
            return;
        }

        reconsidering = true;
        world.Schedule.In(delay, () =>
        {
            reconsidering = false;
            Reconsider();
        });
    }

    /// <summary>When the node last saw itself in the current view, as true time.</summary>
    public bool ConfirmsNow(Daemon daemon)
    {
        if (daemon.Dead || daemon.Stalled || world.Now < daemon.ResumedUntil || Primary is not { } primary || daemon.Primary != primary)
        {
            return false;
        }

        foreach (Daemon member in primary.Members)
        {
            if (!Reaches(daemon, member))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Takes a proposal; <paramref name="failed"/> is called when it was not appended or its fate is unknown.</summary>
    public void Propose(Daemon daemon, EventEnvelope envelope, Votes? votes, Action failed)
    {
        Primary? primary = daemon.Primary;
        if (primary is null || daemon.Expelled)
        {
            Fail();
            return;
        }

        if (Random.Chance(Loss))
        {
            world.Tally.Count(Fault.ProposalLost);
            Fail();
            return;
        }

        world.Schedule.In(Random.Between(0, 3) + ExtraDelay, Arrive);

        void Arrive()
        {
            if (daemon.Dead)
            {
                return;
            }

            if (Primary != primary)
            {
                Fail();
                return;
            }

            if (!Reaches(daemon, primary.Members[0]))
            {
                world.Schedule.In(Retry, Arrive);
                return;
            }

            if (votes is not null && votes.Count(primary.Members) < votes.Majority && !votes.TwoNode)
            {
                world.Tally.Count(Premise.VoteChangeUnderBoth);
                Fail();
                return;
            }

            Order(primary, new Entry
            {
                Index = Committed.Count + primary.Open.Count + 1,
                Epoch = primary.Epoch,
                Envelope = envelope,
                Votes = votes,
                OrderedAt = world.Now,
            });
        }

        void Fail() => world.Schedule.In(Random.Between(50, 300), () => daemon.Do(failed));
    }

    /// <summary>An epoch against the arithmetic: the peer of a contested node is proven off.</summary>
    public void OpenEpoch(Daemon daemon, EventEnvelope proof)
    {
        world.Schedule.In(Random.Between(1, 10), () => daemon.Do(() =>
        {
            if (daemon.Told != Standing.Contested || Primary is not null || forming is not null || daemon.Expelled)
            {
                return;
            }

            world.Tally.Count(Premise.ContestedEpochOpened);
            foreach (Daemon other in lastQuorate)
            {
                if (other != daemon)
                {
                    other.Expelled = true;
                }
            }

            // Who has stopped its work meanwhile returns only by a view after which all are probed.
            // A change of votes that was not committed is taken back: the epoch is opened under the old ones alone.
            List<Entry> log = BestOf([daemon]);
            int change = log.FindIndex(Committed.Count, e => e.Votes is not null);
            Install([daemon], continuousAfterContest && !daemon.Stopped, change < 0 ? log : log[..change]);
            Primary primary = Primary!;
            var entry = new Entry { Index = Committed.Count + 1, Epoch = primary.Epoch, Envelope = proof, OrderedAt = world.Now };
            daemon.Disk.Log.Add(entry);
            daemon.Disk.Synced = daemon.Disk.Log.Count;
            daemon.Acked = entry.Index;
            Commit(entry);
            Deliver(daemon);
        }));
    }

    public void Left(Daemon daemon)
    {
        daemon.Primary = null;
        for (int i = 0; i < world.Machines.Count; i++)
        {
            int me = daemon.Machine.Index;
            generation[Math.Min(i, me), Math.Max(i, me)]++;
            effective[i, me] = effective[me, i] = false;
            raw[i, me] = raw[me, i] = false;
        }

        ReconsiderSoon(Random.Between(5, 50));
    }

    private void Order(Primary primary, Entry entry)
    {
        primary.Open.Add(entry);
        foreach (Daemon member in primary.Members)
        {
            Receive(primary, member);
        }

        if (!primary.Watched)
        {
            primary.Watched = true;
            world.Schedule.In(Token * 2, () => ExpelSilent(primary));
        }
    }

    private void Receive(Primary primary, Daemon member)
    {
        if (member.Receiving)
        {
            return;
        }

        member.Receiving = true;
        world.Schedule.In(Random.Between(0, 2) + ExtraDelay, Write);

        void Write()
        {
            if (Primary != primary || member.Dead)
            {
                ReceiveAgain(member);
                return;
            }

            if (!Reaches(member, primary.Members[0]) || member.Stalled || member.Machine.DiskDead)
            {
                world.Schedule.In(Retry, Write);
                return;
            }

            CopyLog(primary, member);
            int written = member.Disk.Log.Count;
            world.Schedule.In(Random.Between(0, 3) + (member.Machine.DiskDelay > 0 ? Random.Below(member.Machine.DiskDelay) : 0), Sync);

            void Sync()
            {
                if (member.Dead || Primary != primary)
                {
                    if (!member.Dead && member.Disk.Log.Count >= written)
                    {
                        member.Disk.Synced = Math.Max(member.Disk.Synced, Math.Min(written, member.Disk.Log.Count));
                    }

                    ReceiveAgain(member);
                    return;
                }

                if (member.Stalled || !Reaches(member, primary.Members[0]) || member.Machine.DiskDead)
                {
                    world.Schedule.In(Retry, Sync);
                    return;
                }

                member.Disk.Synced = Math.Max(member.Disk.Synced, written);
                member.Acked = member.Disk.Synced;
                member.Receiving = false;
                TryCommit(primary);
                if (Primary == primary && member.Disk.Log.Count < Committed.Count + primary.Open.Count)
                {
                    Receive(primary, member);
                }
            }
        }
    }

    private void ReceiveAgain(Daemon member)
    {
        member.Receiving = false;
        if (Primary is { Open.Count: > 0 } now && now.Has(member) && !member.Dead)
        {
            Receive(now, member);
        }
    }

    private void CopyLog(Primary primary, Daemon member)
    {
        List<Entry> log = member.Disk.Log;
        while (log.Count < Committed.Count)
        {
            log.Add(Committed[log.Count]);
        }

        while (log.Count - Committed.Count < primary.Open.Count)
        {
            log.Add(primary.Open[log.Count - Committed.Count]);
        }
    }

    private void TryCommit(Primary primary)
    {
        long acked = long.MaxValue;
        foreach (Daemon member in primary.Members)
        {
            acked = Math.Min(acked, member.Acked);
        }

        bool any = false;
        while (primary.Open.Count > 0 && primary.Open[0].Index <= acked)
        {
            Entry entry = primary.Open[0];
            primary.Open.RemoveAt(0);
            Commit(entry);
            any = true;
        }

        if (any)
        {
            foreach (Daemon member in primary.Members)
            {
                Deliver(member);
            }
        }
    }

    private void Commit(Entry entry)
    {
        if (entry.Index != Committed.Count + 1)
        {
            throw new InvalidOperationException($"The simulated engine commits {entry.Index} after {Committed.Count}.");
        }

        Votes votes = VotesInForce;
        entry.VotesAfter = entry.Votes ?? votes;
        entry.From = Canonical;
        entry.Result = entry.View is { } view
            ? world.Sabotage.Apply(entry.From, entry.Index, view)
            : world.Sabotage.Apply(entry.From, entry.Epoch, entry.Index, entry.Envelope!);
        Committed.Add(entry);
        if (entry.View is not null)
        {
            world.Trace?.Write(
                $"  [{entry.Index}] view, epoch {entry.Epoch}: "
                    + $"{string.Join(' ', entry.View.Members.Keys)}{(entry.View.Continuous ? "" : " (new)")}");
        }
        else
        {
            world.Trace?.Write($"  [{entry.Index}] {entry.Envelope!.Origin}: {Words(entry.Envelope.Event)}");
        }

        if (world.Trace is not null)
        {
            foreach (JournalEntry told in entry.Result.Journal)
            {
                world.Trace.Write($"        {told.Kind}: {told.Message}");
            }
        }

        world.Checkers.OnCommitted(entry);
    }

    private static string Words(ClusterEvent e) => e switch
    {
        Probed p => $"Probed {p.Id} found {string.Join(',', p.Found.Select(f => $"{f.Group}/{f.Resource} {f.Answer}"))}",
        ConfigurationRequest c => $"Configuration {c.RequestId} version {c.Configuration.Version} {c.Reason}",
        _ => e.ToString(),
    };

    private void Deliver(Daemon member)
    {
        if (member.Delivering || member.Dead)
        {
            return;
        }

        member.Delivering = true;
        world.Schedule.In(Random.Between(0, 3) + ExtraDelay, Pump);

        void Pump()
        {
            if (member.Dead || member.Primary is not { } primary || primary != Primary)
            {
                member.Delivering = false;
                return;
            }

            if (!Reaches(member, primary.Members[0]))
            {
                world.Schedule.In(Retry, Pump);
                return;
            }

            member.Delivering = false;
            while (member.Delivered < Committed.Count)
            {
                Entry entry = Committed[(int)member.Delivered];
                member.Delivered++;
                member.Do(() => member.Take(entry));
            }
        }
    }

    /// <summary>Who has not acknowledged within the limit is expelled, if the others are still quorate.</summary>
    private void ExpelSilent(Primary primary)
    {
        primary.Watched = false;
        if (Primary != primary || primary.Open.Count == 0)
        {
            return;
        }

        Entry entry = primary.Open[0];
        if (world.Now < entry.OrderedAt + (Token * 2) || forming is not null)
        {
            primary.Watched = true;
            world.Schedule.At(Math.Max(world.Now + 50, entry.OrderedAt + (Token * 2)), () => ExpelSilent(primary));
            return;
        }

        List<Daemon> rest = [];
        List<Daemon> silent = [];
        foreach (Daemon member in primary.Members)
        {
            (member.Acked < entry.Index ? silent : rest).Add(member);
        }

        Votes votes = VotesInForce;
        if (silent.Count == 0 || votes.TwoNode || votes.Count(rest) < votes.Majority)
        {
            primary.Watched = true;
            world.Schedule.In(Token, () => ExpelSilent(primary));
            return;
        }

        foreach (Daemon member in silent)
        {
            world.Trace?.Write($"{member} has not acknowledged {entry.Index} in time");
            member.Mute = true;
        }

        Reconsider();
    }

    private void Reconsider()
    {
        if (forming is not null)
        {
            return;
        }

        bool primaryLives = false;
        foreach (List<Daemon> clique in Cliques())
        {
            foreach (Daemon daemon in clique)
            {
                if (daemon.Expelled && !daemon.ExpelledTold)
                {
                    Expel(daemon, "a view without it was formed");
                }
            }

            ImmutableSortedSet<string> barred = Names.None;
            foreach (Daemon daemon in clique)
            {
                if (!daemon.Expelled)
                {
                    barred = barred.Union(daemon.Barred);
                }
            }

            List<Daemon> members =
                [
                    .. clique.Where(d => !d.Expelled && !d.Mute && !d.Leaving
                        && (Primary?.Has(d) == true || !barred.Contains(d.Machine.Name)))];
            (Standing quorum, Entry? last) = Judge(members);
            if (quorum == Standing.Quorate)
            {
                primaryLives = true;
                if (Primary is null || Primary.Members.Length != members.Count
                    || members.Exists(m => !Primary.Has(m) || m.Told != Standing.Quorate))
                {
                    Form(members);
                }

                foreach (Daemon left in clique)
                {
                    if (!members.Contains(left) && !left.Expelled)
                    {
                        Tell(left, Standing.None, [left]);
                    }
                }

                continue;
            }

            foreach (Daemon daemon in clique)
            {
                if (!daemon.Expelled)
                {
                    bool contested = quorum == Standing.Contested && members.Contains(daemon)
                        && VotesInForce.ByNode.ContainsKey(daemon.Machine.Name);
                    Tell(daemon, contested ? Standing.Contested : Standing.None, contested ? [daemon] : members);
                }
            }
        }

        if (!primaryLives && Primary is not null)
        {
            world.Trace?.Write($"epoch {Primary.Epoch} ends without a successor");
            ReachWillChange();
            Primary = null;
        }
    }

    private List<List<Daemon>> Cliques()
    {
        List<Daemon> left = [];
        foreach (Machine machine in world.Machines)
        {
            if (machine.Daemon is { Dead: false } daemon)
            {
                left.Add(daemon);
            }
        }

        Random.Shuffle(left);
        List<List<Daemon>> cliques = [];
        while (left.Count > 0)
        {
            // Members of the present view first: what holds together stays together.
            Daemon first = left.Find(d => Primary?.Has(d) == true) ?? left[0];
            List<Daemon> clique = [first];
            left.Remove(first);
            for (int pass = 0; pass < 2; pass++)
            {
                for (int i = 0; i < left.Count; i++)
                {
                    Daemon next = left[i];
                    if ((pass == 1 || Primary?.Has(next) == true) && clique.TrueForAll(c => effective[c.Machine.Index, next.Machine.Index]))
                    {
                        clique.Add(next);
                        left.RemoveAt(i--);
                    }
                }
            }

            cliques.Add(clique);
        }

        return cliques;
    }

    /// <summary>Whether these may go on, by the votes that stand in the best of their logs.</summary>
    private (Standing Quorum, Entry? Last) Judge(List<Daemon> members)
    {
        if (members.Count == 0)
        {
            return (Standing.None, null);
        }

        List<Entry> log = BestOf(members);
        int known = Math.Min(log.Count, Committed.Count);
        while (known > 0 && !ReferenceEquals(log[known - 1], Committed[known - 1]))
        {
            known--;
        }

        Votes votes = known == 0 ? firstVotes : Committed[known - 1].VotesAfter!;
        Votes[] coming = [.. log.Skip(known).Select(e => e.Votes).OfType<Votes>()];

        if (votes.TwoNode)
        {
            // A node that the votes do not know yet may be in the view; it counts for nothing.
            Daemon? voter = members.Find(m => votes.ByNode.ContainsKey(m.Machine.Name));
            bool lone = voter is not null && Primary is not null && Primary.Has(voter) && votes.Count(Primary.Members) == 1;
            int present = votes.Count(members);
            return (present >= 2 || lone ? Standing.Quorate : voter is { SeenPeer: true } ? Standing.Contested
                : Standing.None, log.LastOrDefault());
        }

        // What stands in the log and is not known to be committed: both must hold.
        bool enough = votes.Count(members) >= votes.Majority
            && Array.TrueForAll(coming, next => next.TwoNode || next.Count(members) >= next.Majority);
        return (enough ? Standing.Quorate : Standing.None, log.LastOrDefault());
    }

    /// <summary>The log of the highest (epoch, index).</summary>
    private static List<Entry> BestOf(List<Daemon> members)
    {
        List<Entry> best = members[0].Disk.Log;
        foreach (Daemon member in members)
        {
            List<Entry> log = member.Disk.Log;
            if (log.Count > 0 && (best.Count == 0 || (log[^1].Epoch, log[^1].Index).CompareTo((best[^1].Epoch, best[^1].Index)) > 0))
            {
                best = log;
            }
        }

        return best;
    }

    private void Form(List<Daemon> members)
    {
        forming = [.. members];
        Primary? before = Primary;
        world.Schedule.In(Random.Between(5, 80) + ExtraDelay, () =>
        {
            Daemon[] chosen = forming!;
            forming = null;
            bool agreed = Primary == before
                && Array.TrueForAll(chosen, m => !m.Dead && !m.Stalled && !m.Expelled && !m.Machine.DiskDead && !m.Leaving);
            for (int i = 0; agreed && i < chosen.Length; i++)
            {
                for (int j = i + 1; agreed && j < chosen.Length; j++)
                {
                    agreed = Reaches(chosen[i], chosen[j]);
                }
            }

            if (!agreed)
            {
                // Some have written the epoch down already.
                long tried = chosen.Max(m => m.Disk.Epoch) + 1;
                foreach (Daemon member in chosen)
                {
                    if (Random.Chance(300))
                    {
                        member.Disk.Epoch = Math.Max(member.Disk.Epoch, tried);
                    }
                }

                foreach (Daemon member in chosen)
                {
                    if (member.Machine.DiskDead && before is not null)
                    {
                        member.Mute = true;
                    }
                }

                ReconsiderSoon(Random.Between(20, 100));
                return;
            }

            List<Daemon> list = [.. chosen];
            List<Entry> best = BestOf(list);
            // Who was told that quorum is lost has stopped its work, whatever the others saw.
            bool continuous = before is not null && list.Exists(before.Has)
                && list.TrueForAll(m => !before.Has(m) || m.Told == Standing.Quorate);
            if (continuous && before!.Open.Count > 0)
            {
                // What every survivor lacks is gone; of the rest, any part may be taken over.
                int longest = list.Max(m => m.Disk.Log.Count);
                int kept = Random.Between(Committed.Count, Math.Max(Committed.Count, longest));
                world.Tally.Count(kept > Committed.Count ? Premise.UncommittedCarried : Premise.UncommittedTakenBack);
                best = [.. Committed, .. before.Open.Take(kept - Committed.Count)];
            }

            foreach (Daemon other in lastQuorate)
            {
                if (!list.Contains(other))
                {
                    other.Expelled = true;
                    world.Checkers.OnDeclaredLost(other);
                }
            }

            Install(list, continuous, best);
            ReconsiderSoon(Random.Between(0, 300));
        });
    }

    private void Install(List<Daemon> members, bool continuous, List<Entry> best)
    {
        if (best.Count < Committed.Count
            || !ReferenceEquals(best.Count == 0 ? null : best[Committed.Count - 1], Committed.Count == 0 ? null : Committed[^1]))
        {
            throw new InvariantBrokenException(
                "4",
                $"a quorate view forms that lacks committed entries (its log has {best.Count}, committed are {Committed.Count}): the "
                    + $"votes do not intersect");
        }

        members.Sort((x, y) => string.CompareOrdinal(x.Machine.Name, y.Machine.Name));
        best = [.. best];
        long epoch = Math.Max(members.Max(m => m.Disk.Epoch), best.Count == 0 ? 0 : best[^1].Epoch) + 1;
        var view = new Entry
        {
            Index = best.Count + 1,
            Epoch = epoch,
            View = new ViewEvent(
                epoch,
                members.ToImmutableSortedDictionary(m => m.Machine.Name, m => m.Incarnation, StringComparer.Ordinal),
                Quorum.Quorate,
                continuous,
                new VoteCount(VotesInForce.Count(members), VotesInForce.Expected)),
        };
        if (!continuous)
        {
            world.Tally.Count(Committed.Count == 0 || members.TrueForAll(m => !lastQuorate.Contains(m)) ? Premise.ColdStart
                : Premise.Reformed);
        }

        foreach (Daemon member in members)
        {
            List<Entry> log = member.Disk.Log;
            int common = Math.Min(log.Count, best.Count);
            while (common > 0 && !ReferenceEquals(log[common - 1], best[common - 1]))
            {
                common--;
            }

            if (common < log.Count)
            {
                world.Tally.Count(Premise.UncommittedTakenBack);
                log.RemoveRange(common, log.Count - common);
            }

            for (int i = common; i < best.Count; i++)
            {
                log.Add(best[i]);
            }

            log.Add(view);
            member.Disk.Synced = log.Count;
            member.Disk.Epoch = epoch;
            member.Acked = log.Count;
            member.SeenPeer |= VotesInForce.Count(members) > 1;
            member.Told = Standing.Quorate;
            member.Stopped = false;
        }

        ReachWillChange();
        var primary = new Primary(epoch, [.. members]);
        Primary = primary;
        lastQuorate = members;
        if (Committed.Count < best.Count && !continuous)
        {
            world.Tally.Count(Premise.UncommittedCarried);
        }

        while (Committed.Count < best.Count)
        {
            Commit(best[Committed.Count]);
        }

        Commit(view);
        foreach (Daemon member in members)
        {
            member.Primary = primary;
            if (!member.SnapshotDelivered)
            {
                member.SnapshotDelivered = true;
                long index = Random.Chance(500) ? Committed.Count - 1 : Math.Min(member.Disk.Applied, Committed.Count - 1);
                member.Delivered = index;
                ClusterState state = index == 0 ? ClusterState.Empty : Committed[(int)index - 1].Result!;
                member.Do(() => member.TakeSnapshot(state, index));
            }

            Deliver(member);
        }
    }

    private void Tell(Daemon daemon, Standing what, List<Daemon> members)
    {
        if (forming is not null && Array.IndexOf(forming, daemon) >= 0)
        {
            return;
        }

        if (daemon.Told == what && (what == Standing.Contested || Random.Chance(700)))
        {
            return;
        }

        daemon.Told = what;
        world.Schedule.In(Random.Below(Token / 4 + 1), () =>
        {
            if (daemon.Told == what && !daemon.Expelled)
            {
                daemon.Primary = null;
                ImmutableSortedDictionary<string,
                    long> names = members.ToImmutableSortedDictionary(m => m.Machine.Name, m => m.Incarnation, StringComparer.Ordinal);
                daemon.Do(
                    () =>
                    daemon.TakeView(
                        new ViewEvent(daemon.Replica.State.Epoch, names, what == Standing.Contested ? Quorum.Contested
                            : Quorum.None, false)));
            }
        });
    }

    private void Expel(Daemon daemon, string reason)
    {
        // Told only by someone of the view it is not in, or by a later life of one, whose disk has that view's epoch.
        bool told = Primary is { } primary
            ? Array.Exists(primary.Members, m => Reaches(m, daemon))
            : world.Machines.Exists(m => m.Daemon is { Stalled: false } other && other != daemon && other.Disk.Epoch > daemon.Disk.Epoch
                && Reaches(other, daemon));
        if (!told)
        {
            if (daemon.Primary is not null || daemon.Told is Standing.Contested)
            {
                Tell2(daemon);
            }

            return;
        }

        daemon.ExpelledTold = true;
        world.Schedule.In(Random.Below(300), () =>
        {
            daemon.Primary = null;
            daemon.Do(() => daemon.TakeExpelled(reason));
        });
    }

    /// <summary>Silence is noticed by the node itself, without anyone telling it.</summary>
    private void Tell2(Daemon daemon)
    {
        if (daemon.Told == Standing.None)
        {
            return;
        }

        daemon.Told = Standing.None;
        world.Schedule.In(Random.Below(Token / 4 + 1), () =>
        {
            daemon.Primary = null;
            ImmutableSortedDictionary<string,
                long> names = ClusterConfiguration.Sorted<long>().Add(daemon.Machine.Name, daemon.Incarnation);
            daemon.Do(() =>
            {
                if (!daemon.Replica.Expelled)
                {
                    daemon.TakeView(new ViewEvent(daemon.Replica.State.Epoch, names, Quorum.None, false));
                }
            });
        });
    }
}
