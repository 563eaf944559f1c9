using System.Collections.Immutable;
using System.Text.Json;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Simulation;

/// <summary>What the engine has told a node of quorum.</summary>
internal enum Standing
{
    Nothing,
    None,
    Contested,
    Quorate,
}

/// <summary>One life of a node's daemon: the Core's replica with a simulated engine endpoint, executors and clock around it.</summary>
internal sealed partial class Daemon : IFolding
{
    private readonly World world;
    private readonly Queue<Action> inbox = new();
    private readonly HashSet<string> monitoring = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImmutableArray<ResourceConfiguration>> monitors = new(StringComparer.Ordinal);
    private long timer = long.MaxValue;
    private bool working;
    private bool configurationSent;
    private ClusterState? settled;

    public Daemon(World world, Machine machine, long incarnation)
    {
        this.world = world;
        Machine = machine;
        Incarnation = incarnation;
        Replica = new Replica(machine.Name, incarnation, this);
        LastConfirmed = long.MinValue / 2;
    }

    public Machine Machine { get; }

    public long Incarnation { get; }

    public Replica Replica { get; }

    public Disk Disk => Machine.Disk;

    public bool Dead { get; private set; }

    public bool Stalled { get; private set; }

    /// <summary>It stops between the look at the view and the next spawn.</summary>
    public bool StallsAtSpawn { get; set; }

    // What the engine keeps of it.
    public Primary? Primary { get; set; }

    public Standing Told { get; set; }

    public long Delivered { get; set; }

    public long Acked { get; set; }

    public bool SnapshotDelivered { get; set; }

    public bool Receiving { get; set; }

    public bool Delivering { get; set; }

    public bool Expelled { get; set; }

    public bool ExpelledTold { get; set; }

    /// <summary>Does not acknowledge: left out of views.</summary>
    public bool Mute { get; set; }

    public bool Leaving { get; private set; }

    public bool SeenPeer { get; set; }

    /// <summary>Was told that quorum is lost since its last quorate view.</summary>
    public bool Stopped { get; set; }

    public ImmutableSortedSet<string> Barred { get; private set; } = Names.None;

    /// <summary>Why the engine may leave it out, for whoever looks into a seed.</summary>
    public string Standing =>
        $"{(Expelled ? ", expelled" : "")}{(ExpelledTold ? ", told so" : "")}{(Mute ? ", mute" : "")}{(Leaving ? ", leaving" : "")}"
            + (Dead ? ", dead" : "");

    /// <summary>True time at which it last saw itself in the view, unless it does now.</summary>
    public long LastConfirmed { get; set; }

    /// <summary>After waking it has seen nothing new before then.</summary>
    public long ResumedUntil { get; private set; }

    /// <summary>Since when it has been without quorum, in true time; -1: it is not.</summary>
    public long WithoutQuorumSince { get; private set; } = -1;

    public long WokeAt { get; private set; } = -1;

    public override string ToString() => $"{Machine.Name}#{Incarnation}";

    /// <summary>Runs in the daemon: at once, or when it wakes, or never when it is dead.</summary>
    public void Do(Action what)
    {
        if (Dead)
        {
            return;
        }

        if (Stalled || working)
        {
            inbox.Enqueue(what);
            return;
        }

        working = true;
        what();
        FollowUp();
        while (!Dead && !Stalled && inbox.TryDequeue(out Action? next))
        {
            next();
            FollowUp();
        }

        working = false;
    }

    public void Stall()
    {
        if (Dead || Stalled)
        {
            return;
        }

        world.Engine.ReachWillChange();
        Stalled = true;
        world.Trace?.Write($"{this} stalls");
        world.Engine.ReachChanged();
    }

    public void Resume()
    {
        if (Dead || !Stalled)
        {
            return;
        }

        Stalled = false;
        WokeAt = world.Now;
        ResumedUntil = world.Now + world.Random.Below(100);
        world.Trace?.Write($"{this} wakes");
        if (Expelled)
        {
            world.Tally.Count(Fault.WokeAfterLoss);
        }

        world.Engine.ReachChanged();
        Do(static () => { });
    }

    /// <summary>The process is gone.</summary>
    public void End(string why)
    {
        if (Dead)
        {
            return;
        }

        world.Engine.ReachWillChange();
        Dead = true;
        inbox.Clear();
        Machine.Daemon = null;
        world.Trace?.Write($"{this} ends: {why}");
        world.OnDaemonEnded(this);
        foreach (Lane lane in Machine.Lanes.Values)
        {
            lane.Waiting.Clear();
        }

        world.Engine.ReachChanged();
    }

    /// <summary>Leaves the view and ends; its machine goes on.</summary>
    public void Leave(string why, long away)
    {
        Leaving = true;
        Machine machine = Machine;
        End(why);
        world.Engine.Left(this);
        long boot = machine.Boot;
        world.Schedule.In(away, () =>
        {
            if (machine.On && machine.Boot == boot && machine.Daemon is null && !machine.DaemonHeld)
            {
                world.StartDaemon(machine);
            }
        });
    }

    ClusterState IFolding.Apply(ClusterState state, long epoch, long index, EventEnvelope envelope)
    {
        Entry? entry = Shared(state, index);
        return entry?.Result ?? world.Sabotage.Apply(state, epoch, index, envelope);
    }

    ClusterState IFolding.Apply(ClusterState state, long index, ViewEvent view)
    {
        Entry? entry = view.Quorum == Quorum.Quorate ? Shared(state, index) : null;
        return entry?.Result ?? world.Sabotage.Apply(state, index, view);
    }

    ImmutableArray<ClusterAction> IFolding.Plan(ClusterState state)
    {
        if (world.Unshared || state.Index < 1 || state.Index > world.Engine.Committed.Count)
        {
            return world.Sabotage.Plan(state);
        }

        Entry entry = world.Engine.Committed[(int)state.Index - 1];
        if (!ReferenceEquals(entry.Result, state))
        {
            return world.Sabotage.Plan(state);
        }

        if (entry.Plan.IsDefault)
        {
            entry.Plan = world.Sabotage.Plan(state);
        }

        return entry.Plan;
    }

    // Nodes that stand at the same state need not each compute the same next one; some runs do, and compare.
    private Entry? Shared(ClusterState state, long index)
    {
        if (world.Unshared || index < 1 || index > world.Engine.Committed.Count)
        {
            return null;
        }

        Entry entry = world.Engine.Committed[(int)index - 1];
        return ReferenceEquals(entry.From, state) ? entry : null;
    }

    private long Clock => Machine.Local(world.Now);

    // ---- what the engine delivers

    public void TakeSnapshot(ClusterState state, long index)
    {
        if (world.Unshared && index > 0)
        {
            byte[] json = JsonSerializer.SerializeToUtf8Bytes(state, CoreJson.Options);
            ClusterState read = JsonSerializer.Deserialize<ClusterState>(json, CoreJson.Options)!;
            world.Tally.Count(Premise.SnapshotThroughJson);
            world.Checkers.Same(state, read, "a snapshot written and read");
            state = read;
        }

        Delivered = Math.Max(Delivered, index);
        Replica.OnSnapshot(state, Clock);
    }

    public void Take(Entry entry)
    {
        if (entry.View is { } view)
        {
            if (WithoutQuorumSince >= 0)
            {
                WithoutQuorumSince = -1;
            }

            Replica.OnView(entry.Index, view, Clock);
        }
        else
        {
            Replica.OnCommitted(entry.Epoch, entry.Index, entry.Envelope!, Clock);
            if (entry.Envelope!.Event is MonitorUnknown { Message: not null } unanswered && unanswered.Node == Machine.Name)
            {
                AnsweredLater(unanswered.Group, unanswered.Resource);
            }
        }

        Disk.Applied = entry.Index;
        world.Checkers.OnApplied(this, entry);
    }

    public void TakeView(ViewEvent view)
    {
        if (!SnapshotDelivered)
        {
            SnapshotDelivered = true;
            long index = Math.Min(Disk.Applied, world.Engine.Committed.Count);
            Delivered = index;
            TakeSnapshot(index == 0 ? ClusterState.Empty : world.Engine.Committed[(int)index - 1].Result!, index);
        }

        world.Trace?.Write($"{this} is told: {view.Quorum}");
        if (view.Quorum == Quorum.None)
        {
            Stopped = true;
            WithoutQuorum();
        }
        else
        {
            WithoutQuorumSince = -1;
        }

        Replica.OnView(Replica.State.Index, view, Clock);
    }

    public void TakeExpelled(string reason)
    {
        world.Trace?.Write($"{this} is told: expelled");
        WithoutQuorum();
        Replica.OnExpelled(reason, Clock);
    }

    private void WithoutQuorum()
    {
        if (WithoutQuorumSince < 0)
        {
            WithoutQuorumSince = world.Now;
            world.Checkers.OnQuorumLost(this);
        }
    }

    // ---- what the replica asks for

    private void FollowUp()
    {
        if (!ReferenceEquals(Replica.Acting, Replica.State) && !ReferenceEquals(Replica.Acting, settled))
        {
            settled = Replica.Acting;
            world.Checkers.Settled(settled, $"{this} acts alone");
        }

        for (int round = 0; ; round++)
        {
            Effects();
            if (Dead || Stalled)
            {
                return;
            }

            long next = Replica.OnTime(Clock);
            ImmutableArray<Effect> more = Replica.TakeEffects();
            if (more.IsEmpty)
            {
                Wake(next);
                return;
            }

            if (round > 1000)
            {
                throw new InvariantBrokenException("8", $"{this} does not come to rest: {string.Join("; ", more)}");
            }

            Carry(more);
            if (Dead || Stalled)
            {
                return;
            }
        }
    }

    private void Effects() => Carry(Replica.TakeEffects());

    private void Wake(long local)
    {
        long at = Math.Max(Machine.FromLocal(local), world.Now + 1);
        if (at >= timer && timer > world.Now)
        {
            return;
        }

        timer = at;
        world.Schedule.At(at, () =>
        {
            if (timer == at)
            {
                timer = long.MaxValue;
            }

            Do(static () => { });
        });
    }

    private void Carry(ImmutableArray<Effect> effects)
    {
        foreach (Effect effect in effects)
        {
            if (Dead)
            {
                return;
            }

            switch (effect)
            {
                case Propose propose:
                    Propose(propose.Event);
                    break;
                case RunResource { Action.Id.Operation: ActionOperation.FinalScript } last:
                    world.Checkers.OnAction(this, last.Action.Id);
                    RunFinalScript(last.Action);
                    break;
                case RunEventScript script:
                    world.Checkers.OnAction(this, script.Action.Id);
                    Run(script.Action);
                    break;
                case RunResource run:
                    world.Checkers.OnAction(this, run.Action.Id);
                    Enqueue(run.Action.Group, new Job
                    {
                        Kind = run.Action.Id.Operation == ActionOperation.Start ? JobKind.Start
                            : JobKind.Stop, Daemon = this, Action = run.Action, Known = Replica.State.Index,
                    });
                    break;
                case RunMigration migrate:
                    world.Checkers.OnAction(this, migrate.Action.Id);
                    Enqueue(
                        migrate.Action.Group,
                        new Job { Kind = JobKind.Migrate, Daemon = this, Move = migrate.Action, Known = Replica.State.Index });
                    break;
                case EndMigration end:
                    EndMove(end.Id);
                    break;
                case RunProbe probe:
                    world.Checkers.OnAction(this, probe.Action.Id);
                    Probe(probe);
                    break;
                case RunFence fence:
                    world.Checkers.OnAction(this, fence.Action.Id);
                    Fence(fence);
                    break;
                case MonitorGroup monitor:
                    Monitor(monitor);
                    break;
                case BarNodes bar:
                    Barred = bar.Nodes;
                    world.Engine.ReconsiderSoon(world.Random.Between(1, 50));
                    break;
                case OpenEpoch open:
                    world.Trace?.Write($"{this} opens an epoch: {(open.First as FenceProven)?.Target} is off");
                    world.Engine.OpenEpoch(this, Envelope(open.First));
                    break;
                case ChangeVotes e:
                    // As the node does: who is refused, or not heard, tells it again with what comes next.
                    world.Engine.Propose(this, Envelope(new Tick()), Votes.Of(e.Configuration, e.Without), Replica.OnVotesUntold);
                    break;
                case LeaveCluster { Cause: LeaveCause.Left }:
                    world.Tally.Count(Premise.LeftClean);
                    world.Schedule.In(world.Random.Between(1, 30), () => Do(() => Leave("left", world.Random.Between(3000, 20_000))));
                    break;
                case LeaveCluster:
                    // A planned restart takes its time (RestartLater).
                    break;
                case TellSilence or ConfigurationInForce:
                    break;
                case NeedConfiguration:
                    if (!configurationSent)
                    {
                        configurationSent = true;
                        ProposeFirst();
                    }

                    break;
                case ResetSelf reset:
                    world.Checkers.OnReset(this, reset.Reason);
                    world.Tally.Count(Premise.QuorumLossReset);
                    Machine.Reset($"resets itself: {reset.Reason}");
                    break;
                case StoppedAll:
                    Machine machine = Machine;
                    long boot = machine.Boot;
                    End("expelled and stopped");
                    world.Schedule.In(world.Random.Between(100, 3000), () =>
                    {
                        if (machine.On && machine.Boot == boot && machine.Daemon is null && !machine.DaemonHeld)
                        {
                            world.StartDaemon(machine);
                        }
                    });
                    break;
                case Journalled:
                    break;
                default:
                    throw new InvalidOperationException($"Unknown effect {effect}.");
            }
        }
    }

    private void ProposeFirst() => Submit(new ConfigurationRequest("bootstrap", "init", world.First, "first"), () =>
    {
        if (Replica.State.Configuration.Version == 0)
        {
            ProposeFirst();
        }
    });

    private EventEnvelope Envelope(ClusterEvent e)
    {
        long time = Replica.TimeAt(Clock);
        if (world.JumpingClock == Machine.Index && world.Random.Chance(300))
        {
            time += world.Random.Between(-5_000_000, 5_000_000);
        }

        return new EventEnvelope { Origin = Machine.Name, Incarnation = Incarnation, Time = time, Event = e };
    }

    private void Propose(ClusterEvent e) => world.Engine.Propose(this, Envelope(e), null, () =>
    {
        if (e is NodeLeft)
        {
            if (!Replica.Expelled)
            {
                Propose(e);
            }
        }
        else
        {
            Replica.OnProposalFailed(e);
        }
    });

    /// <summary>Passes on what an operator asks for.</summary>
    public void Submit(Request request, Action? failed = null) =>
        world.Engine.Propose(this, Envelope(request), null, failed ?? (static () => { }));
}
