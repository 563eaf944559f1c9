using System.Collections.Immutable;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Simulation;

/// <summary>What happened, in order, for a person to read.</summary>
internal sealed class Trace(TextWriter writer)
{
    public Func<long> Clock { get; set; } = () => 0;

    public void Write(string line) => writer.WriteLine($"{Clock(),9} {line}");
}

/// <summary>One simulated cluster with all that is done to it; everything follows from the seed.</summary>
internal sealed partial class World
{
    private const int LeastCommitted = 500;
    private const int LeastFaults = 12;

    // A cluster that has not settled so long after the last fault never will.
    private const long SettlingLimit = 40 * 60_000;
    private const long Quiet = 15_000;

    private readonly RandomConfiguration configurations;
    private readonly RandomSource hands;
    private long injected;

    public World(ulong seed, Tally tally, Trace? trace, Sabotage? sabotage = null)
    {
        Sabotage = sabotage ?? Sabotage.None;
        Random = new RandomSource(seed);
        // Dice of their own: until somebody first takes a machine out the story is the one without.
        hands = new RandomSource(seed ^ 0xC8);
        works = new RandomSource(seed ^ 0xD15A);
        machines = new RandomSource(seed ^ 0xA11);
        Tally = tally;
        Trace = trace;
        if (trace is not null)
        {
            trace.Clock = () => Schedule.Now;
        }

        // Two seeds of ten; the others play as they did before groups could depend on each other.
        Linked = seed % 10 is 5 or 6;
        Doubtful = seed % 10 is 2 or 3 or 7 or 8 || (Linked && seed / 10 % 3 == 2);
        Moving = seed % 10 is 0 or 1 || (seed % 10 is 5 or 6 or 7 or 8 && seed / 10 % 8 == 1);
        silence = new RandomSource(seed ^ 0x5113_4CE5);
        others = new RandomSource(seed ^ 0x60E5_7);
        configurations = new RandomConfiguration(
            Random, Linked, Moving, new RandomSource(seed ^ 0xF1A9), new RandomSource(seed ^ 0xA11C7), new RandomSource(seed ^ 0x1A57));
        First = configurations.First();
        Unshared = Random.Chance(10);
        Engine = new Engine(this, First);
        Checkers = new Checkers(this);
        foreach (string name in First.Nodes.Keys)
        {
            AddMachine(name);
        }
    }

    public RandomSource Random { get; }

    /// <summary>A fault planted into what the Core computes, to see it caught.</summary>
    public Sabotage Sabotage { get; }

    public Schedule Schedule { get; } = new();

    public Tally Tally { get; }

    public Trace? Trace { get; }

    public Engine Engine { get; }

    public Checkers Checkers { get; }

    public ClusterConfiguration First { get; }

    /// <summary>In this run every node computes for itself, snapshots go through JSON, and the states are compared.</summary>
    public bool Unshared { get; }

    /// <summary>Groups depend on each other, resources have limits, and scripts decide.</summary>
    public bool Linked { get; }

    /// <summary>Some groups are guests that move while they run, by the cluster's order and by others.</summary>
    public bool Moving { get; }

    /// <summary>The seed of the world of that number, from 1, among those whose groups depend on each other.</summary>
    public static ulong LinkedSeed(long number) => (ulong)(((number - 1) / 2 * 10) + 5 + ((number - 1) % 2));

    /// <summary>The same among those whose guests move.</summary>
    public static ulong MovingSeed(long number) => (ulong)(((number - 1) / 2 * 10) + ((number - 1) % 2));

    public List<Machine> Machines { get; } = [];

    public long Now => Schedule.Now;

    /// <summary>No more faults.</summary>
    public bool Calm { get; private set; }

    /// <summary>Index of the machine whose clock jumps; -1: none.</summary>
    public int JumpingClock { get; private set; } = -1;

    public Dictionary<string, AgentFault> AgentFaults { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, long> DeviceDeadUntil { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, long> DeviceSlowUntil { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, long> DeviceLiesUntil { get; } = new(StringComparer.Ordinal);

    /// <summary>Fence calls under way.</summary>
    public int FenceCalls { get; set; }

    /// <summary>Runs to the end; throws <see cref="InvariantBrokenException"/>.</summary>
    public void Run()
    {
        foreach (Machine machine in Machines)
        {
            Schedule.In(Random.Between(0, 3000), () => machine.PowerChanged("first boot"));
        }

        FindSomething();
        BeginSilences();
        BeginMoves();
        Schedule.In(Random.Between(5000, 15_000), Trouble);
        Schedule.In(Random.Between(8000, 15_000), Ask);
        Schedule.In(10_000, Tend);
        Schedule.In(works.Between(20_000, 60_000), Work);
        while (injected < LeastFaults || Engine.Committed.Count < LeastCommitted)
        {
            if (!Schedule.Step() || Now > 3 * 3_600_000)
            {
                throw new InvariantBrokenException(
                    "simulation", $"only {Engine.Committed.Count} entries and {injected} faults in {Now} ms");
            }
        }

        Settle();
        Tally.Seeds++;
        Tally.Committed += Engine.Committed.Count;
        Tally.MinCommitted = Math.Min(Tally.MinCommitted, Engine.Committed.Count);
        Tally.Injected += injected;
        Tally.MinInjected = Math.Min(Tally.MinInjected, injected);
        Tally.Steps += Schedule.Done;
        Tally.SimulatedMilliseconds += Now;
    }

    /// <summary>Before there is a cluster some of its services may run already, whole or in part.</summary>
    private void FindSomething()
    {
        if (!Random.Chance(200))
        {
            return;
        }

        foreach (GroupConfiguration group in First.Groups.Values)
        {
            if (Random.Chance(100))
            {
                Machine machine = Random.Pick(Machines);
                if (!Simulation.Checkers.Allowed(First, group, machine.Name))
                {
                    // Who may not have it is not asked before it is started.
                    continue;
                }

                Lane lane = machine.Lane(group.Name);
                bool whole = Random.Chance(700);
                AddAll(group.Resources, null);

                void AddAll(ImmutableArray<ResourceConfiguration> resources, string? parent)
                {
                    foreach (ResourceConfiguration resource in resources)
                    {
                        if (whole || Random.Chance(600))
                        {
                            lane.Add(new Running(resource.Id, parent));
                        }

                        AddAll(resource.Children, resource.Id);
                    }
                }
            }
        }
    }

    public void StartDaemon(Machine machine)
    {
        machine.Incarnations++;
        // A new life ends what is left of agents that the old one started.
        foreach (Lane lane in machine.Lanes.Values)
        {
            if (lane.Current is { } left)
            {
                left.Killed = true;
                if (left.Spawned && Random.Chance(500))
                {
                    if (left.Kind == JobKind.Start && lane.Find(left.Action!.Resource.Id) is null)
                    {
                        lane.Add(new Running(left.Action.Resource.Id, Checkers.ParentOf(lane.Group, left.Action.Resource)));
                        Checkers.OnActive(machine, lane, left.Action.Resource.Id);
                    }
                    else if (left.Kind == JobKind.Stop)
                    {
                        OnStopped(machine, lane.Group);
                        lane.Remove(left.Action!.Resource.Id);
                    }
                }

                lane.Current = null;
                if (left.Spawned && left.Kind != JobKind.Probe)
                {
                    Checkers.OnAgentEnded(machine, lane, left.Action!, left.Kind == JobKind.Start, false);
                }
            }

            lane.Waiting.Clear();
        }

        // The disk of a machine that did not lose power has what was written, synced or not.
        machine.Disk.Synced = machine.Disk.Log.Count;
        machine.Daemon = new Daemon(this, machine, machine.Incarnations);
        Trace?.Write($"{machine.Daemon} starts");
        Engine.ReachChanged();
        Engine.ReconsiderSoon(Random.Between(50, 500));
    }

    public void Die(Machine machine, long boot, Lane lane, string resource)
    {
        if (machine.On && machine.Boot == boot && lane.Remove(resource))
        {
            Trace?.Write($"   {machine.Name}: {lane.Group}/{resource} DIES");
            Checkers.OnDied(lane.Group);
            machine.Daemon?.Died(lane.Group, resource);
            Changed(machine, lane.Group);
        }
    }

    public static void Switch(Machine? target, string device, bool on, string who)
    {
        if (target is null)
        {
            return;
        }

        switch (device)
        {
            case "pdu1":
                target.Supply[0] = on;
                break;
            case "pdu2":
                target.Supply[1] = on;
                break;
            default:
                target.Board = on;
                break;
        }

        target.PowerChanged($"{device} {(on ? "on" : "off")}, {who}");
    }

    private Machine AddMachine(string name)
    {
        var machine = new Machine(this, Machines.Count, name) { Drift = Random.Between(-2000, 2000) };
        Machines.Add(machine);
        return machine;
    }

    /// <summary>All faults end and operators mend what only they can; then everything that can run must come up.</summary>
    private void Settle()
    {
        Calm = true;
        Trace?.Write("---- no more faults");
        EndFaults();
        Checkers.ChooseDisabled();
        long limit = Now + SettlingLimit;
        long quietSince = Now;
        long index = Engine.Committed.Count;
        Tick();
        while (Schedule.Step())
        {
            if (Engine.Committed.Count != index)
            {
                // The clock's own entries and refused retries disturb nobody.
                bool moved = Simulation.Checkers.Moved(Engine.Committed[^1]);
                index = Engine.Committed.Count;
                if (moved)
                {
                    quietSince = Now;
                }
            }

            if (Now - quietSince > Quiet + Engine.Canonical.Configuration.Timing.RetryDelay && FenceCalls == 0
                // A try that waits since before the delay was changed waits as long as it was told.
                && !Engine.Canonical.Groups.Values.Any(g => g.Order.RetryAt > Engine.Canonical.Time) && Checkers.AtRest())
            {
                break;
            }

            if (Now > limit)
            {
                throw new InvariantBrokenException(
                    "8", $"the cluster has not settled {SettlingLimit / 60_000} min after the last fault: {Checkers.Unsettled()}");
            }
        }

        Checkers.Final();

        void Tick()
        {
            if (Mend())
            {
                quietSince = Now;
            }

            Schedule.In(2000, Tick);
        }
    }

    private void EndFaults()
    {
        Engine.ReachWillChange();
        for (int i = 0; i < RandomConfiguration.MostNodes; i++)
        {
            for (int j = 0; j < RandomConfiguration.MostNodes; j++)
            {
                Engine.SetLink(i, j, true);
            }
        }

        Engine.ExtraDelay = 0;
        Engine.Loss = 0;
        JumpingClock = -1;
        AgentFaults.Clear();
        DeviceDeadUntil.Clear();
        DeviceSlowUntil.Clear();
        DeviceLiesUntil.Clear();
        EndSilences();
        foreach (Machine machine in Machines)
        {
            Repair(machine);
            machine.DiskDelay = 0;
            machine.DaemonHeld = false;
            if (machine.Daemon is { } daemon)
            {
                daemon.StallsAtSpawn = false;
                daemon.Resume();
            }
        }

        Engine.ReachChanged();
    }

    /// <summary>
    /// What operators do by and by whether asked or not: power on what lies dead, start daemons, confirm what is surely down.
    /// </summary>
    private void Tend()
    {
        if (Calm)
        {
            return;
        }

        TakeOut();
        foreach (Machine machine in Machines)
        {
            if (Random.Chance(100))
            {
                PowerOn(machine);
            }

            if (Random.Chance(150))
            {
                machine.DaemonHeld = false;
                StartIdle(machine);
            }
        }

        ConfirmDown();
        Schedule.In(Random.Between(3000, 8000), Tend);
    }

    private void StartIdle(Machine machine)
    {
        if (machine.On && machine.Daemon is null && Random.Chance(500))
        {
            StartDaemon(machine);
        }
    }

    /// <summary>Nobody switches on what the cluster is switching off.</summary>
    private bool PowerOn(Machine machine)
    {
        if (machine.On || Now < machine.BrokenUntil || (!Calm && Now < machine.HandsUntil) || FenceCalls > 0
            || (Engine.Primary is not null && Engine.Canonical.Fences.ContainsKey(machine.Name))
            || Machines.Exists(m => m.Daemon?.Replica.Acting is { Quorum: not Quorum.None } acting && m.Daemon.Told != Standing.None
                && acting.Fences.ContainsKey(machine.Name)))
        {
            return false;
        }

        machine.Supply[0] = machine.Supply[1] = machine.Board = true;
        foreach (string device in Devices)
        {
            Checkers.OnDeviceOn(machine.Name, device);
        }

        machine.HandsUntil = 0;
        Checkers.OnGivenBack(machine);
        machine.PowerChanged("operator");
        return true;
    }

    /// <summary>Somebody switches off what was emptied and taken out, and works on it.</summary>
    private void TakeOut()
    {
        if (Engine.Primary is null || FenceCalls > 0)
        {
            return;
        }

        ClusterState state = Engine.Canonical;
        foreach (Machine machine in Machines)
        {
            if (machine.On && state.Nodes.TryGetValue(machine.Name, out NodeState? node) && node.Groups.IsEmpty
                && !state.Fences.ContainsKey(machine.Name)
                && ((node is { Phase: NodePhase.Maintenance, Member: true } && node.ProbedVersion >= state.ProbeCounter)
                    || (node is { Phase: NodePhase.Down, Member: false, Drain.AtLeave: FinalAction.Default }
                        && node.Why.Kind == CauseKind.HasLeft && machine.Daemon is null))
                && hands.Chance(150))
            {
                Tally.Count(node.Member ? Fault.SwitchedOffInMaintenance : Fault.SwitchedOffAfterLeaving);
                machine.HandsUntil = Now + hands.Between(5_000, 120_000);
                Checkers.OnTakenOut(machine, Engine.Canonical.Index);
                machine.Supply[0] = machine.Supply[1] = false;
                machine.PowerChanged("somebody's hands");
            }
        }
    }

    private void ConfirmDown()
    {
        ClusterState state = Engine.Canonical;
        foreach (Machine machine in Machines)
        {
            if (!machine.On && state.Nodes.TryGetValue(machine.Name, out NodeState? node) && !node.Member
                && (node.Phase == NodePhase.LeftCluster || (node.Phase is NodePhase.Lost or NodePhase.Fencing && Random.Chance(60)))
                && Spokesman() is { } daemon)
            {
                Tally.Count(Fault.OperatorConfirmedDown);
                Checkers.OnConfirmed(machine);
                Submit(daemon, new NodeRequest(RequestId(), "operator", machine.Name, NodeOperation.ConfirmDown));
            }
        }
    }

    private Daemon? Spokesman()
    {
        List<Daemon> able = [];
        foreach (Machine machine in Machines)
        {
            if (machine.Daemon is { Dead: false, Stalled: false, Primary: not null } daemon)
            {
                able.Add(daemon);
            }
        }

        return able.Count == 0 ? null : Random.Pick(able);
    }
}
