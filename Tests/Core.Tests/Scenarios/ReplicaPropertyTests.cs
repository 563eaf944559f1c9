using System.Collections.Immutable;
using ClusterTools.Core.Configuration;
using Xunit;

namespace ClusterTools.Core.Tests.Scenarios;

/// <summary>
/// Three replicas over one ordered log, driven by random choices from a seed: nodes are cut off, expelled, restarted, fenced;
/// quorum is lost and gained; answers are late, lost and bad. The simulation goes further; this one is small enough to read.
/// </summary>
public sealed class ReplicaPropertyTests
{
    private const int Steps = 400;

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 200)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_happens_no_action_is_issued_twice_and_without_quorum_nothing_is_started(int seed)
    {
        var cluster = new SmallCluster(seed);
        for (int step = 0; step < Steps; step++)
        {
            cluster.Step();
        }

        cluster.Heal();
        Assert.True(cluster.Issued > 5, "Too little happened to show anything.");
    }

    [Fact]
    public void The_random_runs_reach_what_they_are_about()
    {
        var reached = new SortedSet<string>(StringComparer.Ordinal);
        foreach (int seed in Enumerable.Range(1, 40))
        {
            var cluster = new SmallCluster(seed);
            for (int step = 0; step < Steps; step++)
            {
                cluster.Step();
            }

            reached.UnionWith(cluster.Reached);
        }

        Assert.Equal(["expelled", "fenced", "private stop", "proposal failed", "reset", "stopped all", "views without quorum"], reached);
    }

    /// <summary>An engine and executors in one thread.</summary>
    private sealed class SmallCluster
    {
        private static readonly string[] Names = ["n1", "n2", "n3"];

        private static readonly ClusterConfiguration Configuration = ScenarioConfiguration.Change(
            new ClusterConfiguration { Name = "random" },
            """
            nodes n1 n2 n3
            timing post_join_delay=1000 retry_delay=1000 quorum_loss_deadline=5000
            domain d ordered: n1=1 n2=2
            group web domain=d
              fs:data
                script:web
            group db max_restarts=1 restart_expire_time=60
            group batch recovery=relocate
            """.ReplaceLineEndings("\n").Split('\n'));

        private readonly Random random;
        private readonly List<Entry> log = [];
        private readonly Dictionary<string, Machine> machines = [];
        private readonly HashSet<ActionId> issued = [];
        private ImmutableSortedDictionary<string, long> members = ClusterConfiguration.Sorted<long>();
        private bool quorate;
        private bool healing;
        private long epoch;
        private long now;

        public SmallCluster(int seed)
        {
            random = new Random(seed);
            foreach (string name in Names)
            {
                machines.Add(name, new Machine(name));
                Boot(machines[name]);
            }

            Form(Names, continuous: false);
        }

        public SortedSet<string> Reached { get; } = new(StringComparer.Ordinal);

        public int Issued => issued.Count;

        public void Step()
        {
            now += random.Next(200);
            Machine machine = machines[Names[random.Next(Names.Length)]];
            switch (random.Next(healing ? 60 : 100))
            {
                case < 30:
                    Deliver(machine);
                    break;
                case < 55:
                    Answer(machine);
                    break;
                case < 60:
                    Tick(machine);
                    break;
                case < 64:
                    CutOff(machine);
                    break;
                case < 66:
                    LoseQuorum();
                    break;
                case < 75:
                    Return();
                    break;
                case < 85:
                    MonitorFails(machine);
                    break;
                default:
                    Ask();
                    break;
            }
        }

        /// <summary>No more faults: everything must come to run, once.</summary>
        public void Heal()
        {
            healing = true;
            for (int i = 0; i < 20_000 && !AllWell(); i++)
            {
                if (i % 50 == 0)
                {
                    Return();
                }

                Step();
            }

            Assert.True(AllWell(), $"After healing: {string.Join("; ", StateText.Summary(Latest()))}");
            foreach (GroupState group in Latest().Groups.Values.Where(g => g.Goal == GroupGoal.Run))
            {
                Assert.Equal([group.Owner], machines.Values.Where(m => m.Running.Any(r => r.Group == group.Name)).Select(m => m.Name));
            }
        }

        private bool AllWell() =>
            quorate && members.Count == Names.Length
            && machines.Values.All(m => m.Replica is not null && m.Next == log.Count && m.Work.Count == 0)
            && Latest().Groups.Values.All(g => g.Phase is GroupPhase.Started or GroupPhase.Disabled or GroupPhase.Failed);

        private ClusterState Latest() => machines.Values.Where(m => m.Replica is not null).MaxBy(m => m.Next)!.Replica!.State;

        // Only members of the quorate view hear what is committed.
        private bool InView(Machine machine) =>
            quorate && members.TryGetValue(machine.Name, out long life) && machine.Replica?.Incarnation == life;

        private void Deliver(Machine machine)
        {
            if (machine.Replica is not { } replica || !InView(machine) || machine.Next >= log.Count)
            {
                return;
            }

            Entry entry = log[machine.Next++];
            if (entry.View is { } view)
            {
                replica.OnView(machine.Next, view, now);
            }
            else
            {
                replica.OnCommitted(entry.Epoch, machine.Next, entry.Envelope!, now);
            }

            Take(machine);
        }

        private void Answer(Machine machine)
        {
            if (machine.Work.Count == 0)
            {
                return;
            }

            ClusterAction action = machine.Work.Dequeue();
            ClusterEvent answer = Execute(machine, action);
            machine.Replica?.OnResult(answer, now);
            Take(machine);
        }

        private ClusterEvent Execute(Machine machine, ClusterAction action)
        {
            bool fails = !healing && random.Next(12) == 0;
            switch (action)
            {
                case ResourceAction a:
                    var key = (a.Group, a.Resource.Id);
                    if (a.Id.Operation == ActionOperation.Start)
                    {
                        Assert.DoesNotContain(machines.Values, m => m != machine && m.Running.Contains(key));
                        machine.Running.Add(key);
                        return new ActionCompleted(a.Id, !fails, "");
                    }

                    // Stops fail rarely, and then the machine goes.
                    if (fails && random.Next(4) == 0)
                    {
                        return new ActionCompleted(a.Id, false, "it hangs.");
                    }

                    machine.Running.Remove(key);
                    return new ActionCompleted(a.Id, true, "");
                case ProbeNodeAction a:
                    return new Probed(a.Id, 1, [.. machine.Running.Select(r => new FoundResource(r.Group, r.Resource, FoundAnswer.Runs))]);
                case FenceDeviceAction a:
                    if (!fails && a.Id.Operation == ActionOperation.FenceOff)
                    {
                        Reached.Add("fenced");
                        PowerOff(machines[a.Target]);
                    }

                    return new FenceCompleted(a.Id, !fails, "");
                default:
                    throw new InvalidOperationException($"Unknown action {action.GetType().Name}.");
            }
        }

        private void Tick(Machine machine)
        {
            machine.Replica?.OnTime(now);
            Take(machine);
        }

        private void CutOff(Machine machine)
        {
            if (!InView(machine) || members.Count < 3)
            {
                return;
            }

            Form([.. members.Keys.Where(m => m != machine.Name)], continuous: true);
            NoQuorum(machine);
            machine.Lost = true;
        }

        private void LoseQuorum()
        {
            if (!quorate || members.Count < 2)
            {
                return;
            }

            quorate = false;
            foreach (string name in members.Keys)
            {
                NoQuorum(machines[name]);
            }
        }

        private void NoQuorum(Machine machine)
        {
            if (machine.Replica is { } replica)
            {
                Reached.Add("views without quorum");
                replica.OnView(
                    0,
                    new ViewEvent(
                        0, ImmutableSortedDictionary<string, long>.Empty.Add(machine.Name, replica.Incarnation), Quorum.None, false), now);
                Take(machine);
            }
        }

        private void Return()
        {
            foreach (Machine machine in machines.Values)
            {
                if (machine is { Lost: true, Replica: { Expelled: false } replica } && (healing || random.Next(2) == 0))
                {
                    Reached.Add("expelled");
                    replica.OnExpelled("silent", now);
                    Take(machine);
                }
                else if (machine.Replica is null && (healing || random.Next(2) == 0))
                {
                    Boot(machine);
                }
            }

            if (machines.Values.All(m => m.Replica is null))
            {
                return;
            }

            // A node that is being fenced is not readmitted.
            ImmutableSortedDictionary<string, FenceState> fences = Latest().Fences;
            string[] able = [.. machines.Values
                .Where(m => m is { Lost: false, Replica: not null }
                    && !(fences.TryGetValue(m.Name, out FenceState? f) && !f.Proven && quorate))
                .Select(m => m.Name)];
            if (able.Length >= 2 && (!quorate || able.Any(a => !InView(machines[a]))))
            {
                Form(able, continuous: quorate);
            }
        }

        private void Form(IEnumerable<string> names, bool continuous)
        {
            members = names.ToImmutableSortedDictionary(n => n, n => machines[n].Replica!.Incarnation, StringComparer.Ordinal);
            quorate = true;
            log.Add(new Entry(++epoch, null, new ViewEvent(epoch, members, Quorum.Quorate, continuous)));
        }

        private void Boot(Machine machine)
        {
            machine.Replica = new Replica(machine.Name, ++machine.Life);
            machine.Lost = false;
            machine.Work.Clear();

            // The log is replayed, views included; what it asks of former lives is none of this one's business.
            ClusterState state = ClusterState.Empty;
            for (machine.Next = 0; machine.Next < log.Count; machine.Next++)
            {
                Entry entry = log[machine.Next];
                state = entry.View is { } view
                    ? Cluster.Apply(state, machine.Next + 1, view)
                    : Cluster.Apply(state, entry.Epoch, machine.Next + 1, entry.Envelope!);
            }

            machine.Replica.OnSnapshot(state, now);
            Take(machine);
        }

        private void PowerOff(Machine machine)
        {
            machine.Running.Clear();
            machine.Work.Clear();
            machine.Replica = null;
            if (InViewByName(machine))
            {
                // Two remain, or quorum is gone.
                string[] rest = [.. members.Keys.Where(m => m != machine.Name)];
                if (rest.Length >= 2)
                {
                    Form(rest, continuous: true);
                }
                else
                {
                    LoseQuorum();
                }
            }
        }

        private bool InViewByName(Machine machine) => quorate && members.ContainsKey(machine.Name);

        private void MonitorFails(Machine machine)
        {
            if (machine.Replica is { } replica && machine.Running.Count > 0)
            {
                (string group, string resource) = machine.Running.ElementAt(random.Next(machine.Running.Count));
                replica.OnMonitorFailed(group, resource, "it does not answer.");
                Take(machine);
            }
        }

        private void Ask()
        {
            if (quorate)
            {
                string group = Configuration.Groups.Keys.ElementAt(random.Next(Configuration.Groups.Count));
                GroupOperation operation = random.Next(4) switch
                {
                    0 => GroupOperation.Restart,
                    1 => GroupOperation.Relocate,
                    2 => GroupOperation.Disable,
                    _ => GroupOperation.Enable,
                };
                Append(new GroupRequest($"r{log.Count}", "admin", group, operation, ConfirmReleased: false), now);
            }
        }

        private void Append(ClusterEvent e, long time) =>
            log.Add(new Entry(epoch, new EventEnvelope { Origin = "n1", Incarnation = 1, Time = time, Event = e }, null));

        private void Take(Machine machine)
        {
            if (machine.Replica is not { } replica)
            {
                return;
            }

            foreach (Effect effect in replica.TakeEffects())
            {
                switch (effect)
                {
                    case Propose propose:
                        Assert.False(replica.Acting.Quorum == Quorum.None
                            && replica.State.Epoch > 0, $"{machine.Name} proposes {propose.Event} without quorum.");
                        Assert.False(replica.Expelled, $"{machine.Name} is expelled and proposes {propose.Event}.");
                        if (InView(machine) && (healing || random.Next(10) > 0))
                        {
                            Append(propose.Event, replica.TimeAt(now));
                        }
                        else
                        {
                            machine.Failed.Enqueue(propose.Event);
                        }

                        break;
                    case RunResource run:
                        Issue(machine, replica, run.Action);
                        break;
                    case RunProbe run:
                        Issue(machine, replica, run.Action);
                        break;
                    case RunFence run:
                        Issue(machine, replica, run.Action);
                        break;
                    case NeedConfiguration when log.TrueForAll(e => e.Envelope?.Event is not ConfigurationRequest):
                        Append(new ConfigurationRequest("first", "init", Configuration), now);
                        break;
                    case ResetSelf:
                        Reached.Add("reset");
                        PowerOff(machine);
                        return;
                    case StoppedAll:
                        Reached.Add("stopped all");
                        Assert.Empty(machine.Running);
                        machine.Replica = null;
                        return;
                }
            }

            while (machine.Failed.TryDequeue(out ClusterEvent? failed))
            {
                Reached.Add("proposal failed");
                replica.OnProposalFailed(failed);
                foreach (Effect effect in replica.TakeEffects())
                {
                    ClusterEvent again = Assert.IsType<Propose>(effect).Event;
                    if (InView(machine))
                    {
                        Append(again, replica.TimeAt(now));
                    }
                }
            }
        }

        private void Issue(Machine machine, Replica replica, ClusterAction action)
        {
            Assert.True(issued.Add(action.Id), $"{action.Id} was issued twice.");
            Assert.Equal((machine.Name, replica.Incarnation), (action.Node, action.Id.Incarnation));
            if (replica.Acting.Quorum == Quorum.None)
            {
                Reached.Add("private stop");
                Assert.True(
                    action is ResourceAction { Id.Operation: ActionOperation.Stop, Id.Epoch: < 0 },
                    $"{machine.Name} does {action.Id} without quorum.");
            }
            else
            {
                Assert.True(action.Id.Epoch > 0, $"{action.Id} was never committed.");
            }

            machine.Work.Enqueue(action);
        }

        private sealed record Entry(long Epoch, EventEnvelope? Envelope, ViewEvent? View);

        private sealed class Machine(string name)
        {
            public string Name { get; } = name;

            public Replica? Replica { get; set; }

            public long Life { get; set; }

            public bool Lost { get; set; }

            public int Next { get; set; }

            public SortedSet<(string Group, string Resource)> Running { get; } = [];

            public Queue<ClusterAction> Work { get; } = [];

            public Queue<ClusterEvent> Failed { get; } = [];
        }
    }
}
