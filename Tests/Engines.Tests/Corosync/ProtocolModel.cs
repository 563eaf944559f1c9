using System.Text;
using ClusterTools.Engines.Corosync;
using ClusterTools.Engines.Corosync.QuorumDisk;

namespace ClusterTools.Engines.Tests.Corosync;

/// <summary>
/// The protocol of several nodes over a ring and disks that do all that real ones may do, at random from a seed; and checkers that look at
/// what comes out alone.
/// </summary>
internal sealed class ProtocolModel
{
    private const int AnswerLimit = 3_000;
    private const int FormDelay = 200;
    private const int PresenceInterval = 800;
    private const int MostOpen = 8;
    private static readonly DiskTimes Times = new("/dev/quorum", Interval: 200, Silence: 2_000);

    private readonly PlantedFault planted;
    private readonly Random random;
    private readonly ModelNode[] nodes;
    private readonly VoteTable votes;
    private readonly ModelDisk? disk;
    private readonly bool hasArbiter;
    private readonly Random? losingSources;
    private readonly SortedDictionary<long, string> committed = [];
    private readonly Dictionary<long, string> epochs = [];
    private readonly Dictionary<long, UInt128> opened = [];
    private readonly Dictionary<long, string> proposed = [];
    private readonly List<string> trace = [];
    private int slowness;
    private bool isCalm;
    private bool proposesNothing;
    private int[] side;
    private List<ModelRing> rings = [];
    private ulong ringSequence;
    private uint processes;
    private long proposals;
    private long now = 1_000;
    private long highestEpoch;

    public ProtocolModel(int seed, PlantedFault planted)
    {
        this.planted = planted;
        random = new Random(seed);
        int count = random.Next(2, 6);
        slowness = 1 << random.Next(6);
        string[] names = [.. Enumerable.Range(0, count).Select(i => $"{(char)('a' + i)}")];
        disk = random.Next(2) == 0 ? new ModelDisk() : null;
        votes = new VoteTable(names.ToDictionary(n => n, _ => 1), count, TwoNode: count == 2 && disk is null)
        {
            Device = disk is null ? null : new DeviceVotes(Times.Name, random.Next(1, count)),
        };
        hasArbiter = votes.TwoNode && seed % 3 == 1;
        // By a chance of its own, and in some: what went wrong in a seed once must stay what it was.
        losingSources = seed % 5 == 0 ? new Random(seed + 1) : null;
        var start = new LogBase(new SnapshotDelivered(0, 0, default), 0, votes, new HashSet<string>());
        nodes = [.. names.Select((name, i) => new ModelNode(name, (uint)i + 1, start))];
        side = new int[count];
    }

    public IEnumerable<string> Trace => trace;

    /// <summary>How often something has come about that a run is worth nothing without.</summary>
    public SortedDictionary<Reached, int> Reached { get; } = [];

    public int Commits => committed.Count;

    public int Acknowledged { get; private set; }

    public int Epochs => epochs.Count;

    /// <summary>Faults at random, then none any more: all must come together and go on.</summary>
    /// <param name="steps">As many.</param>
    /// <param name="calm">One step of so many is a fault.</param>
    public void Run(int steps, int calm)
    {
        foreach (ModelNode node in nodes)
        {
            Boot(node, node.Read());
        }

        for (int i = 0; i < steps; i++)
        {
            if (random.Next(calm) == 0)
            {
                Fault();
            }
            else
            {
                Work();
            }
        }

        Heal();
        isCalm = true;
        slowness = 1;
        for (int i = 0; i < 60_000 && !IsWhole(); i++)
        {
            BootAll();
            Work();
        }

        Require(IsWhole(), $"not all nodes come together: {string.Join("; ", nodes.Select(Describe))}");
        long before = committed.Keys.LastOrDefault();
        Propose(nodes[0].Process!);
        for (int i = 0; i < 20_000 && !nodes.All(n => n.Process?.Protocol.Commit > before); i++)
        {
            // A life may end still, of what went wrong before.
            BootAll();
            Work();
        }

        Require(
            nodes.All(n => n.Process?.Protocol.Commit > before),
            $"nothing is committed any more: {string.Join("; ", nodes.Select(Describe))}");
        Survive();
    }

    /// <summary>Those whom the quorum disk can carry go on when all others lose power.</summary>
    private void Survive()
    {
        proposesNothing = true;
        for (int i = 0; i < 20_000 && disk is not null && !nodes.All(IsAtRest); i++)
        {
            Work();
        }

        if (disk is null || !nodes.All(IsAtRest))
        {
            return;
        }

        ModelNode[] left = [.. nodes.Where(_ => random.Next(2) == 0)];
        string[] names = [.. left.Select(n => n.Name)];
        VoteTable inForce = nodes[0].Process!.Protocol.Log.Votes;
        bool AreHeld(bool withDisk) => inForce.Majority(new HashSet<string>(), withDisk).IsHeldBy(names);
        if (left.Length == 0 || !AreHeld(withDisk: true) || AreHeld(withDisk: false))
        {
            return;
        }

        Say($"only {string.Join(", ", names)} stay");
        long epoch = highestEpoch;
        foreach (ModelNode node in nodes.Except(left))
        {
            Kill(node);
            node.Lose(random);
        }

        for (int i = 0; i < 60_000 && !left.All(n => n.Process?.Protocol is { Phase: Phase.Open } p && p.Log.Last.Epoch > epoch); i++)
        {
            Work();
        }

        Require(
            left.All(n => n.Process is { Quorum: ViewQuorum.Quorate, Protocol.Phase: Phase.Open } p && p.Members == left.Length),
            $"those who are left do not go on by the quorum disk: {string.Join("; ", nodes.Select(Describe))}");
        Reach(Corosync.Reached.SurvivedByQuorumDisk);
    }

    private static bool IsAtRest(ModelNode node) => node.Process is { Protocol.Sight.IsKnowing: true } process
        && process.Outbox.Count == 0 && process.Position == process.Ring?.Sequence.Count
        && process.Protocol.Commit == process.Protocol.Log.Last.Index;

    private static string Describe(ModelNode node) => node.Process is not { } process ? $"{node.Name} off"
        : $"{process} {process.Protocol.Phase} ends with {process.Protocol.Log.Last.Index} of {process.Protocol.Log.Last.Epoch}, "
            + $"{process.Protocol.Commit} committed, {process.Outbox.Count} to say";

    private bool IsWhole() => nodes.All(n => n.Process is { Protocol.Phase: Phase.Open, IsOver: false } p && p.Quorum == ViewQuorum.Quorate
        && p.Members == nodes.Length);

    private void Fault()
    {
        ModelNode node = nodes[random.Next(nodes.Length)];
        if (disk is not null && random.Next(4) == 0)
        {
            DiskFault(disk, node);
            return;
        }

        switch (random.Next(13))
        {
            case 0 or 1:
                Reach(Corosync.Reached.Cut);
                Cut([.. nodes.Select(_ => random.Next(2))]);
                break;
            case 2 or 3:
                Heal();
                break;
            case 4 when node.Process is not null:
                Reach(Corosync.Reached.PowerLost);
                Say($"{node.Name} loses power");
                Kill(node);
                Boot(node, node.Lose(random));
                break;
            case 5 when node.Process is not null:
                Reach(Corosync.Reached.DaemonKilled);
                Say($"the daemon of {node.Name} is killed");
                Kill(node);
                Boot(node, node.Read());
                break;
            case 6 when node.Process is not null:
                Say($"{node.Name} goes off");
                Kill(node);
                node.Lose(random);
                break;
            case 7 when node.Process is { } process:
                Reach(Corosync.Reached.DaemonStalled);
                process.IsStalled = !process.IsStalled;
                Say($"{process} {(process.IsStalled ? "stalls" : "wakes")}");
                break;
            case 8:
                Reach(Corosync.Reached.AllPowerLost);
                Say("the power of all goes");
                foreach (ModelNode each in nodes)
                {
                    if (each.Process is not null)
                    {
                        Kill(each);
                    }

                    each.Lose(random);
                }

                break;
            case 9:
                Reach(Corosync.Reached.DiskHung);
                node.IsHeld = !node.IsHeld;
                Say($"the disk of {node.Name} {(node.IsHeld ? "takes nothing" : "goes on")}");
                break;
            case 12 when node.Process is not null && MayLoseItsDisk(node):
                Reach(Corosync.Reached.DiskReplaced);
                Say($"the disk of {node.Name} is replaced");
                Kill(node);
                Boot(node, node.Replace());
                LeaveAloneWithThoseBehind(node);
                break;
            case 11 when node.Process is { } hanging:
                Reach(Corosync.Reached.ConsumerHung);
                hanging.IsConsumerHung = !hanging.IsConsumerHung;
                Say($"the consumer of {hanging} {(hanging.IsConsumerHung ? "hangs" : "goes on")}");
                break;
            case 10 when node.Process is { } orphan:
                Reach(Corosync.Reached.RingLost);
                Say($"{orphan} loses the ring below it");
                orphan.Protocol.OnApart(now);
                Do(orphan);
                LetGo(orphan);
                break;
            default:
                if (node.Process is null)
                {
                    Boot(node, node.Read());
                }

                break;
        }
    }

    /// <summary>
    /// One disk at a time may be lost, when what is committed and what was promised is on another one, and those that lack something
    /// committed are no majority.
    /// </summary>
    private bool MayLoseItsDisk(ModelNode node)
    {
        ModelNode[] others = [.. nodes.Where(n => n != node)];
        string[] behind = [.. Behind().Where(n => n != node).Select(n => n.Name)];
        return Array.TrueForAll(others, n => !n.IsNew) && behind.Length < others.Length
            && Array.Exists(others, n => n.Promised >= node.Promised && (disk is null
                || disk.Slots.Values.All(s => ViewPlan.IsAtLeast(n.Durable.Last, s.Mark.Written))))
            && Array.TrueForAll(nodes, n => !n.Durable.Votes.Majority(new HashSet<string>(), deviceIsHere: true).IsHeldBy(behind));
    }

    /// <summary>Those whose disks lack something that is committed.</summary>
    private IEnumerable<ModelNode> Behind() => nodes.Where(n => n.Durable.Last.Index < committed.Keys.LastOrDefault());

    /// <summary>
    /// Those who could tell a node with a new disk what was committed are off; only who does not know it either is there.
    /// </summary>
    private void LeaveAloneWithThoseBehind(ModelNode node)
    {
        ModelNode[] behind = [.. Behind()];
        if (behind.Length < 2 || random.Next(2) == 0)
        {
            return;
        }

        Reach(Corosync.Reached.DiskReplacedAmongThoseBehind);
        Say($"{node.Name} is left alone with those who are behind");
        foreach (ModelNode other in nodes.Except(behind).Where(n => n.Process is not null))
        {
            Kill(other);
            other.Lose(random);
        }

        foreach (ModelNode other in behind.Where(n => n.Process is null))
        {
            Boot(other, other.Read());
        }

        side = new int[nodes.Length];
        Reconnect();
    }

    private void DiskFault(ModelDisk shared, ModelNode node)
    {
        switch (random.Next(5))
        {
            case 0 or 1:
                Reach(Corosync.Reached.QuorumDiskCutOff);
                node.IsCutFromDisk = !node.IsCutFromDisk;
                Say($"{node.Name} {(node.IsCutFromDisk ? "can't get at" : "gets at")} the quorum disk");
                break;
            case 2:
                Reach(Corosync.Reached.QuorumDiskHung);
                shared.IsHeld = !shared.IsHeld;
                Say($"the quorum disk {(shared.IsHeld ? "hangs" : "goes on")}");
                break;
            case 3 when node.Process is { } process:
                Reach(Corosync.Reached.Unfit);
                process.IsUnfit = !process.IsUnfit;
                Say($"{process} is {(process.IsUnfit ? "not " : "")}fit");
                process.Protocol.OnFitness(!process.IsUnfit, now);
                Do(process);
                break;
            case 4 when IsWhole():
                // While all have everything, the disk may lose it all.
                Reach(Corosync.Reached.QuorumDiskReplaced);
                Say("the quorum disk is replaced");
                shared.Replace();
                break;
        }
    }

    private void Heal()
    {
        Say("all is well");
        disk?.IsHeld = false;
        side = new int[nodes.Length];
        foreach (ModelNode node in nodes)
        {
            node.IsHeld = false;
            node.IsCutFromDisk = false;
            if (node.Process is { } process)
            {
                process.IsUnfit = false;
                process.Protocol.OnFitness(true, now);
                Do(process);
                process.IsStalled = false;
                process.IsConsumerHung = false;
            }
        }

        Reconnect();
    }

    private void Boot(ModelNode node, LogImage log)
    {
        node.Incarnation++;
        var peer = new Peer(node.Id, ++processes);
        var protocol = new Protocol(
            new ProtocolOptions
            {
                Self = new Member(node.Name, node.Incarnation), AnswerLimit = AnswerLimit, FormDelay = FormDelay,
                PresenceInterval = PresenceInterval, TransferSize = 64,
            },
            new StoredLog(log, node.Promised, node.Committed, !node.IsNew));
        node.Process = new ModelProcess(node, protocol, peer)
        {
            Disk = disk is null ? null : new ModelDiskAccess(disk, protocol.Self, Times.Interval),
        };
        protocol.UseDisk(disk is null ? null : Times, now);
        protocol.UseArbiter(hasArbiter, now);
        Say($"{node.Process} starts with {log.Last}");
        Do(node.Process);
        Reconnect();
    }

    private void BootAll()
    {
        foreach (ModelNode node in nodes.Where(n => n.Process is null))
        {
            Boot(node, node.Read());
        }
    }

    private void LetGo(ModelProcess process)
    {
        process.Ring = null;
        process.Position = 0;
        process.Outbox.Clear();
        Reconnect();
    }

    private void Kill(ModelNode node)
    {
        node.Process!.IsOver = true;
        node.Process = null;
        Reconnect();
    }

    /// <summary>Rings are cut where the network is; a side that notices it agrees on a new ring later.</summary>
    private void Reconnect()
    {
        List<ModelRing> forks = [];
        foreach (ModelRing ring in rings)
        {
            foreach (var part in ring.Processes.Where(p => !p.IsOver && p.Ring == ring).GroupBy(p => side[p.Node.Id - 1]))
            {
                ModelRing fork = ring.Fork([.. part]);
                foreach (ModelProcess process in part)
                {
                    process.Ring = fork;
                }

                forks.Add(fork);
            }
        }

        rings = forks;
    }

    /// <summary>A side whose ring is not what it could be agrees on a new one: who moves together has delivered the same.</summary>
    private bool Regroup()
    {
        ModelProcess[][] sides =
        [
            .. nodes.Select(n => n.Process).OfType<ModelProcess>().Where(p => !p.IsOver).GroupBy(p => side[p.Node.Id - 1])
                .Select(g => g.ToArray())
                .Where(s => s[0].Ring is not { } ring || !ring.Made.SetEquals(s.Select(p => p.Peer)) || !s.All(p => p.Ring == ring)),
        ];
        if (sides.Length == 0)
        {
            return false;
        }

        ModelProcess[] chosen = sides[random.Next(sides.Length)];
        foreach (var together in chosen.Where(p => p.Ring is not null).GroupBy(p => p.Ring!))
        {
            int least = together.Max(p => p.Position);
            int upTo = random.Next(least, together.Key.Sequence.Count + 1);
            foreach (ModelProcess process in together)
            {
                while (process.Position < upTo && !process.IsOver)
                {
                    DeliverNext(process);
                }
            }
        }

        var ring = new ModelRing(new RingId(++ringSequence), [.. chosen.Where(p => !p.IsOver)]);
        Say($"ring {ringSequence}: {string.Join(", ", ring.Processes)}");
        foreach (ModelProcess process in ring.Processes)
        {
            process.Ring = ring;
            process.Position = 0;
            process.Protocol.OnRing(ring.Id, process.Peer, [.. ring.Processes.Select(p => p.Peer)], now);
            Do(process);
        }

        rings = [.. rings.Where(r => r.Processes.Any(p => p.Ring == r)), ring];
        return true;
    }

    private void Work()
    {
        now += random.Next(0, 4);
        ModelProcess[] alive = [.. nodes.Select(n => n.Process).OfType<ModelProcess>().Where(p => !p.IsOver && !p.IsStalled)];
        if (alive.Length == 0)
        {
            now += 50;
            Regroup();
            return;
        }

        if (!isCalm && Array.Find(alive, p => p.Protocol.Phase == Phase.Opening && p.Protocol.Plan.Holder?.Peer == p.Peer) is { } holder
            && random.Next(40) == 0)
        {
            // Others may take the quorum disk over before it goes on with what it is doing.
            Reach(Corosync.Reached.HolderStalled);
            CutOff(holder.Node);
            holder.IsStalled = true;
            Say($"{holder} stalls");
            return;
        }

        if (!isCalm && losingSources is not null
            && Array.Find(alive, p => p.Protocol.Phase == Phase.Transferring && p.Protocol.Plan.Source?.Peer == p.Peer) is { } source
            && losingSources.Next(20) == 0)
        {
            // The others know that their logs are to become as its own, and have not been sent it yet.
            Reach(Corosync.Reached.SourceLost);
            Say($"{source} is gone");
            Kill(source.Node);
            source.Node.Lose(losingSources);
            return;
        }

        ModelProcess process = alive[random.Next(alive.Length)];
        if (disk is not null && random.Next(4) == 0)
        {
            DiskWork(process);
            return;
        }

        switch (random.Next(20))
        {
            case 0:
                if (!Regroup())
                {
                    now += 20;
                }

                break;
            case 1 when process.Protocol.Phase == Phase.Open:
                if (random.Next(20) == 0 && process.Protocol.Commit > process.Protocol.Log.Start.Snapshot.Index)
                {
                    long index = random.NextInt64(process.Protocol.Log.Start.Snapshot.Index + 1, process.Protocol.Commit + 1);
                    process.Protocol.OfferSnapshot(index, Encoding.UTF8.GetBytes(committed[index]), now);
                    Do(process);
                }
                else if (!isCalm || (!proposesNothing && process.Outbox.Count == 0
                    && process.Protocol.Log.Last.Index - process.Protocol.Commit < MostOpen))
                {
                    // In the end whoever proposes waits for it: these rings are slow, and what they can't carry is no calm.
                    Propose(process);
                }

                break;
            case 2 or 3:
                if (process.Protocol.Due is { } due && alive.All(IsQuiet))
                {
                    long next = alive.Where(Reaches).Select(p => p.Disk!.Due).Append(due).Min();
                    now = Math.Max(now, next);
                }

                process.Protocol.OnTime(now);
                Do(process);
                break;
            case 4 or 5 or 6 or 7:
                if (!process.Node.IsHeld && process.Node.HasWrites && random.Next(slowness) == 0)
                {
                    long stored = process.Node.Sync(random.Next(1, 6));
                    process.Node.Committed = Math.Max(process.Node.Committed, random.Next(2) == 0 ? 0 : process.Protocol.Commit);
                    process.Protocol.OnStored(stored, now);
                    Do(process);
                }

                break;
            case 8 or 9:
                if (process.IsConsumerHung)
                {
                    break;
                }

                process.Handled = process.Events;
                process.Protocol.OnHandled(process.Events, now);
                if (process.IsBarring ? isCalm || random.Next(20) == 0 : !isCalm && random.Next(100) == 0)
                {
                    // As the log would have it where a node is lost, and proven off a little later.
                    Reach(Corosync.Reached.Barred);
                    process.IsBarring = !process.IsBarring;
                    string other = nodes.Where(n => n != process.Node).ElementAt(random.Next(nodes.Length - 1)).Name;
                    process.Protocol.Bar(process.IsBarring ? new HashSet<string> { other } : [], now);
                }

                Do(process);
                break;
            case 10 when process.Question is { } question && random.Next(3) == 0:
                // Whatever it says, and to both at once: it decides who fences, and proves nothing.
                Reach(Corosync.Reached.ArbiterHeard);
                process.Protocol.OnArbiter(question, (ArbiterWord)random.Next(3), now);
                Do(process);
                break;
            case 10 when process.Quorum == ViewQuorum.Contested:
                WinContest(process);
                break;
            case 11 or 12 or 13 or 14:
                if (process.Ring is { } ring && process.Outbox.TryDequeue(out Message? message))
                {
                    ring.Sequence.Add((process.Peer, message));
                }

                break;
            default:
                if (process.Position < (process.Ring?.Sequence.Count ?? 0))
                {
                    DeliverNext(process);
                }

                break;
        }
    }

    /// <summary>Its slot and then those of all, a step at a time.</summary>
    private void DiskWork(ModelProcess process)
    {
        if (!Reaches(process) || process.Disk!.Step(now) is not { } read)
        {
            return;
        }

        DiskSlot Altered(DiskSlot slot) => slot.Owner.Node == process.Node.Name ? slot : planted switch
        {
            PlantedFault.DoesNotReadTheDiskBack when process.Protocol.Phase is Phase.Open or Phase.Opening =>
                slot with { Mark = slot.Mark with { Claim = 0 } },
            PlantedFault.FormsThoughOlder when slot.Mark.Written.Index > 0 =>
                slot with { Mark = slot.Mark with { Written = new LogPosition(0, 1, 0) } },
            _ => slot,
        };
        string? holder = process.Protocol.Sight?.Holder;
        process.Protocol.OnDisk(read with { Slots = [.. read.Slots.Select(Altered)] }, now);
        if (holder is not null && process.Protocol.Sight?.Holder is { } taken && taken != holder)
        {
            Reach(holder == process.Node.Name ? Corosync.Reached.QuorumDiskLostToAnother : Corosync.Reached.QuorumDiskTaken);
        }

        Do(process);
    }

    private bool Reaches(ModelProcess process) => disk is { IsHeld: false } && !process.Node.IsCutFromDisk && !process.IsOver;

    private bool IsQuiet(ModelProcess process) => process.Outbox.Count == 0
        && !(Reaches(process) && (process.Disk!.IsUnderWay || process.Disk.Due <= now))
        && (process.IsConsumerHung || process.Handled == process.Events)
        && process.Position == (process.Ring?.Sequence.Count ?? 0) && (process.Node.IsHeld || !process.Node.HasWrites);

    /// <summary>One of two fences the other, and goes on.</summary>
    private void WinContest(ModelProcess process)
    {
        ModelNode peer = nodes.Single(n => n != process.Node);
        if (peer.Process is not null)
        {
            Say($"{process} fences {peer.Name}");
            Kill(peer);
            peer.Lose(random);
        }

        Reach(Corosync.Reached.OpenedAgainstTheArithmetic);
        long number = ++proposals;
        proposed[number] = $"opened by {process} {number}";
        process.Protocol.OpenEpoch(number, Encoding.UTF8.GetBytes(proposed[number]), now);
        Do(process);
    }

    private void Propose(ModelProcess process)
    {
        long number = ++proposals;
        proposed[number] = $"{process} {number}";
        VoteTable? changed = null;
        if (nodes.Length > 2 && random.Next(20) == 0)
        {
            var each = votes.Votes.ToDictionary(v => v.Key, _ => random.Next(1, 4));
            changed = new VoteTable(each, each.Values.Sum(), TwoNode: false)
            {
                Device = disk is null || random.Next(3) == 0 ? null : new DeviceVotes(Times.Name, random.Next(1, nodes.Length)),
            };
        }

        bool isCut = changed is not null && !isCalm && random.Next(3) == 0;
        if (isCut)
        {
            // By the new votes alone it would be a majority.
            changed = changed! with
            {
                Votes = votes.Votes.ToDictionary(v => v.Key, v => v.Key == process.Node.Name ? nodes.Length : 1),
                Expected = (2 * nodes.Length) - 1,
            };
        }

        process.Protocol.Propose(number, Encoding.UTF8.GetBytes(proposed[number]), changed, now);
        Do(process);
        if (isCut)
        {
            Reach(Corosync.Reached.CutWhileVotesChange);
            CutOff(process.Node);
        }
    }

    private void CutOff(ModelNode node) => Cut([.. nodes.Select(n => n == node ? 0 : 1)]);

    private void Cut(int[] sides)
    {
        side = sides;
        Say($"cut: {string.Concat(side)}");
        Reconnect();
    }

    private void DeliverNext(ModelProcess process)
    {
        (Peer from, Message message) = process.Ring!.Sequence[process.Position++];
        ReachBy(message);
        process.Protocol.OnMessage(from, message, now);
        if (planted == PlantedFault.CommitsBeforeTheLast && message is Stored)
        {
            Peer[] peers = [.. process.Ring.Made.Order()];
            process.Protocol.OnMessage(peers[(Array.IndexOf(peers, from) + 1) % peers.Length], message, now);
        }

        Do(process);
        if (process.Protocol.Plan is { IsSuspended: true })
        {
            Reach(Corosync.Reached.WaitedForQuorumDisk);
        }
        else if (process.Protocol.Plan is { IsOlderThanDisk: true })
        {
            Reach(Corosync.Reached.OlderThanQuorumDisk);
        }
    }

    private void Do(ModelProcess process)
    {
        foreach (Deed deed in process.Protocol.TakeDeeds())
        {
            switch (deed)
            {
                case Multicast { Message: SnapshotSent } when planted == PlantedFault.SendsNoSnapshot:
                case CutLog when planted == PlantedFault.KeepsTheTail:
                    break;
                case Multicast { Message: Hello said } when planted == PlantedFault.ReusesEpochs:
                    process.Outbox.Enqueue(said with { Promised = 0 });
                    break;
                case Multicast { Message: Hello said } when planted == PlantedFault.HidesThatItsDiskIsNew:
                    process.Outbox.Enqueue(said with { IsNew = false });
                    break;
                case Multicast { Message: Stored said } when planted == PlantedFault.SaysStoredTooEarly:
                    process.Outbox.Enqueue(said with { Index = process.Protocol.Log.Last.Index });
                    break;
                case Multicast { Message: Hello said } when planted == PlantedFault.ForgetsTheVotesBefore:
                    process.Outbox.Enqueue(said with { VotesBefore = [] });
                    break;
                case Multicast said:
                    process.Outbox.Enqueue(said.Message);
                    break;
                case DiskWrite write:
                    ReachBy(write);
                    CheckEpoch(process, write);
                    process.Node.Write(deed);
                    break;
                case Deliver given:
                    process.Events++;
                    Check(process, given.Event);
                    break;
                case ProposalCommitted done:
                    Acknowledged++;
                    Require(
                        committed.GetValueOrDefault(done.Index)?.EndsWith(proposed[done.Number], StringComparison.Ordinal) == true,
                        $"{process} was told that '{proposed[done.Number]}' is committed at {done.Index}: "
                            + $"{committed.GetValueOrDefault(done.Index)}");
                    break;
                case ProposalFailed failed:
                    Reach(failed.Error switch
                    {
                        UnknownOutcomeException => Corosync.Reached.OutcomeUnknown,
                        VotesRefusedException => Corosync.Reached.VotesRefused,
                        _ => Corosync.Reached.ProposalRefused,
                    });
                    break;
                case AskArbiter question:
                    Reach(Corosync.Reached.ArbiterAsked);
                    process.Question = question.Number;
                    break;
                case WriteMark mark:
                    process.Disk!.Want(mark);
                    break;
                case EndLife end:
                    Say($"{process} ends: {end.Reason}");
                    if (Reaches(process) && random.Next(2) == 0)
                    {
                        process.Disk!.Leave();
                    }

                    process.IsOver = true;
                    process.Node.Process = null;
                    process.Node.Read();
                    Reconnect();
                    break;
                case LeaveRing:
                    Reach(Corosync.Reached.NothingHeardOfItself);
                    Say($"{process} hears nothing of itself");
                    LetGo(process);
                    break;
                case LogDiffers differs:
                    Require(false, $"{process}: {differs.Reason}");
                    break;
            }
        }
    }

    private void Check(ModelProcess process, EngineEvent happening)
    {
        switch (happening)
        {
            case SnapshotDelivered { Index: > 0 } snapshot:
                Require(
                    committed[snapshot.Index] == Encoding.UTF8.GetString(snapshot.State.Span),
                    $"{process} begins with a snapshot at {snapshot.Index} of what is not committed");
                break;
            case Committed entry:
                Agree(process, entry.Index, entry.Epoch, $"{entry.Epoch} {Encoding.UTF8.GetString(entry.Payload.Span)}");
                break;
            case ViewChanged { Quorum: ViewQuorum.Quorate } view:
                (process.Quorum, process.Members) = (view.Quorum, view.Members.Count);
                if (process.Protocol.Plan.Holder is not null)
                {
                    Reach(Corosync.Reached.HeldByQuorumDisk);
                }

                string members = string.Join(", ", view.Members.Select(m => $"{m.Node}:{m.Incarnation}"));
                Agree(process, view.Index, view.Epoch, $"{view.Epoch} view {members}");
                Require(epochs.TryAdd(view.Epoch, members) || epochs[view.Epoch] == members, $"epoch {view.Epoch} is opened twice");
                break;
            case ViewChanged view:
                process.Quorum = view.Quorum;
                break;
        }
    }

    /// <summary>No two views ever open one epoch, whether they come to commit anything or not.</summary>
    private void CheckEpoch(ModelProcess process, DiskWrite write)
    {
        if (write is WriteEntry { Entry: ViewEntry view } entry)
        {
            Require(
                opened.TryAdd(view.Epoch, entry.Digest) || opened[view.Epoch] == entry.Digest,
                $"{process} opens epoch {view.Epoch} another time");
        }
    }

    private void Agree(ModelProcess process, long index, long epoch, string what)
    {
        if (committed.TryGetValue(index, out string? known))
        {
            Require(known == what, $"{process} is given '{what}' at {index}, where '{known}' is committed");
            return;
        }

        Say($"{process} commits {index}: {what}");
        Require(index == committed.Keys.LastOrDefault() + 1, $"{process} commits {index} behind {committed.Keys.LastOrDefault()}");
        Require(epoch >= highestEpoch, $"{process} commits in epoch {epoch}, and {highestEpoch} is open");
        highestEpoch = Math.Max(highestEpoch, epoch);
        committed.Add(index, what);
    }

    private void Reach(Reached what) => Reached[what] = Reached.GetValueOrDefault(what) + 1;

    private void ReachBy(Message message)
    {
        if (message is Expel)
        {
            Reach(Corosync.Reached.Expelled);
        }
        else if (message is SnapshotSent)
        {
            Reach(Corosync.Reached.SnapshotSent);
        }
        else if (message is Proposal { Votes: not null })
        {
            Reach(Corosync.Reached.VotesProposed);
        }
        else if (message is Hello { IsIdle: false })
        {
            Reach(Corosync.Reached.ConsumerBusy);
        }
    }

    private void ReachBy(DiskWrite write)
    {
        if (write is CutLog)
        {
            Reach(Corosync.Reached.TailTakenBack);
        }
        else if (write is WriteStart { KeepsRest: false })
        {
            Reach(Corosync.Reached.SnapshotTakenOver);
        }
        else if (write is WriteStart)
        {
            Reach(Corosync.Reached.SnapshotOffered);
        }
    }

    private void Say(string text) => trace.Add($"{now} {text}");

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
