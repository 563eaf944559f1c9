using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>
/// One node's share of the cluster, without I/O: takes what the engine delivers and what executors answer, and says what
/// this node must do now. The daemon and the simulation run the same class. Not thread-safe.
/// </summary>
public sealed class Replica
{
    // Ranks propose a Tick one after the other, so that one stalled node stops nothing (DESIGN, "Core").
    private const long RankDelay = 250;

    private readonly Dictionary<ActionId, ClusterEvent?> actions = [];
    private readonly Dictionary<string, Monitoring> monitored = new(StringComparer.Ordinal);
    private readonly List<Effect> effects = [];
    private readonly IFolding? folding;
    private ClusterState? alone;
    private long privateIndex;
    private long appliedAt;
    private long tickedFor = long.MinValue;
    private long tickAgainAt;
    private long? stopBy;
    private ImmutableSortedDictionary<string, long>? rankedIn;
    private int rank;
    private bool expelled;
    private bool opening;
    private bool monitorAll = true;
    private bool leaving;
    private bool gaveUp;
    private bool wasWithCluster;
    private long announcedVersion;
    private ImmutableSortedSet<string> barred = Names.None;

    /// <summary>A node in one of its lives.</summary>
    /// <param name="node">Its name.</param>
    /// <param name="incarnation">Its life.</param>
    /// <param name="folding">How what is committed is folded in; null:
    /// <see cref="Cluster.Apply(ClusterState, long, long, EventEnvelope)"/>.</param>
    public Replica(string node, long incarnation, IFolding? folding = null)
    {
        Node = node;
        Incarnation = incarnation;
        this.folding = folding;
    }

    public string Node { get; }

    public long Incarnation { get; }

    /// <summary>What is committed.</summary>
    public ClusterState State { get; private set; } = ClusterState.Empty;

    /// <summary>What this node acts by: the committed state, or the private copy of a node without quorum.</summary>
    public ClusterState Acting => alone ?? State;

    /// <summary>This node may not act on the cluster any more.</summary>
    public bool Expelled => expelled;

    /// <summary>
    /// Why this machine has reset itself in an earlier life, and was not with the cluster since: nothing was started here, and another
    /// reset for the same cause would help nobody. Null: it has not, or it was.
    /// </summary>
    public string? ResetBefore { get; init; }

    /// <summary>
    /// By when, in local monotonic milliseconds, a node without quorum must have stopped its work; null: it has quorum, or nothing runs.
    /// </summary>
    public long? StopBy => stopBy;

    /// <summary>Cluster time as this node reckons it.</summary>
    /// <param name="now">Local monotonic milliseconds.</param>
    public long TimeAt(long now) => Acting.Time + Math.Max(0, now - appliedAt);

    /// <summary>Effects since the last call, in order.</summary>
    public ImmutableArray<Effect> TakeEffects()
    {
        ImmutableArray<Effect> taken = [.. effects];
        effects.Clear();
        return taken;
    }

    /// <summary>Starts from a state; the first thing that the engine delivers.</summary>
    public void OnSnapshot(ClusterState state, long now)
    {
        State = state;
        appliedAt = now;
        Report(State);
    }

    /// <summary>An entry was committed.</summary>
    public void OnCommitted(long epoch, long index, EventEnvelope envelope, long now)
    {
        if (expelled)
        {
            return;
        }

        long before = State.Time;
        State = folding?.Apply(State, epoch, index, envelope) ?? Cluster.Apply(State, epoch, index, envelope);
        if (State.Time != before)
        {
            appliedAt = now;
        }

        if (opening && alone is null)
        {
            // The first entry of an epoch that this node opened says that its peer is proven down.
            opening = false;
        }

        effects.Add(new Journalled(State.Journal));
        Follow(now);
    }

    /// <summary>The membership changed.</summary>
    public void OnView(long index, ViewEvent view, long now)
    {
        if (expelled)
        {
            return;
        }

        if (view.Quorum == Quorum.Quorate && alone is { Quorum: Quorum.None } && !BringsBack(view))
        {
            State = folding?.Apply(State, index, view) ?? Cluster.Apply(State, index, view);
            effects.Add(new Journalled(State.Journal));
            return;
        }

        if (view.Quorum == Quorum.Quorate)
        {
            // What went by without quorum went by for the cluster, too.
            long reckoned = TimeAt(now);
            alone = null;
            stopBy = null;
            opening &= view.Members.Count == 1;
            monitorAll = true;
            State = folding?.Apply(State, index, view) ?? Cluster.Apply(State, index, view);
            appliedAt = now - Math.Max(0, reckoned - State.Time);
            effects.Add(new Journalled(State.Journal));
            if (State.Configuration.Version == 0)
            {
                effects.Add(new NeedConfiguration());
            }

            wasWithCluster |= view.Members.TryGetValue(Node, out long life) && life == Incarnation;
            leaving = false;
            Follow(now);
            ReproposeResults();
            return;
        }

        if (view.Quorum == Quorum.None && alone is { Quorum: Quorum.None })
        {
            // It is stopping already; another such view gives it no more time, but it may see others.
            alone = alone with { Members = view.Members };
            Report(alone);
            return;
        }

        ClusterState from = State with { Time = TimeAt(now) };
        appliedAt = now;
        privateIndex = Math.Max(privateIndex, State.Index);
        opening = false;
        if (view.Quorum == Quorum.Contested)
        {
            stopBy = null;
            alone = Cluster.Apply(from, ++privateIndex, view);
        }
        else
        {
            BeginStopping(from, view.Members, now);
        }

        effects.Add(new Journalled(alone!.Journal));
        FoldResultsAlone(now);
        Follow(now);
    }

    /// <summary>
    /// A node that stops its work for want of quorum returns by joining, or by a view after which all are probed. Another view
    /// is one of the past, handed on late: what stands in its state is no longer so here.
    /// </summary>
    private bool BringsBack(ViewEvent view)
    {
        bool here = view.Members.TryGetValue(Node, out long now) && now == Incarnation;
        bool before = State.Members.TryGetValue(Node, out long then) && then == Incarnation;
        return here && (!before || !view.Continuous);
    }

    /// <summary>This life was declared lost: everything stops, nothing is proposed.</summary>
    public void OnExpelled(string reason, long now)
    {
        if (expelled)
        {
            return;
        }

        effects.Add(new Journalled(
            [Local(JournalSeverity.Error, "node.expelled", $"This node was declared lost: {reason}. It stops everything.")]));
        StopForGood(now);
    }

    /// <summary>
    /// This life can't follow the cluster any more (an event could not be handled, the engine failed): everything stops, nothing is
    /// proposed.
    /// </summary>
    public void OnFailed(long now) => StopForGood(now);

    private void StopForGood(long now)
    {
        expelled = true;
        if (alone is not { Quorum: Quorum.None })
        {
            privateIndex = Math.Max(privateIndex, State.Index);
            BeginStopping(State with { Time = TimeAt(now) }, members: null, now);
            effects.Add(new Journalled(alone!.Journal));
            FoldResultsAlone(now);
        }

        Follow(now);
    }

    /// <summary>An executor has answered. The answer is proposed, or folded into the private copy.</summary>
    /// <param name="result">A <see cref="Probed"/>, <see cref="ActionCompleted"/> or <see cref="FenceCompleted"/>.</param>
    /// <param name="now">Local monotonic milliseconds.</param>
    public void OnResult(ClusterEvent result, long now)
    {
        ActionId id = IdOf(result);
        if (!actions.TryGetValue(id, out ClusterEvent? known) || known is not null)
        {
            return;
        }

        actions[id] = result;
        if (alone is null)
        {
            effects.Add(new Propose(result));
        }
        else
        {
            FoldAlone(result, now);
            Follow(now);
        }
    }

    /// <summary>A status check failed.</summary>
    public void OnMonitorFailed(string group, string resource, string message)
    {
        if (alone is null && monitored.ContainsKey(group))
        {
            effects.Add(new Propose(new MonitorFailed(group, resource, Node, Incarnation, message)));
        }
    }

    /// <summary>A status check was not answered: neither that the resource runs nor that it does not.</summary>
    public void OnMonitorUnknown(string group, string resource, int depth, string message)
    {
        if (alone is null && monitored.ContainsKey(group))
        {
            effects.Add(new Propose(new MonitorUnknown(
                group, resource, Node, Incarnation, depth, (Unanswered(group, resource, depth)?.Asked ?? 0) + 1, message)));
        }
    }

    /// <summary>A status check was answered: the resource runs. Of use only where an earlier one was not.</summary>
    public void OnMonitorAnswered(string group, string resource, int depth)
    {
        if (alone is null && monitored.ContainsKey(group) && Unanswered(group, resource, depth) is { } check)
        {
            effects.Add(new Propose(new MonitorUnknown(group, resource, Node, Incarnation, depth, check.Asked, null)));
        }
    }

    private UnansweredCheck? Unanswered(string group, string resource, int depth) =>
        State.Groups.TryGetValue(group, out GroupState? known)
            ? known.Instance.Checks.GetValueOrDefault(Description.Check(resource, depth))
            : null;

    /// <summary>Time has gone on: proposes a Tick when one is due by this node's rank, and watches the deadline without quorum.</summary>
    /// <returns>When to be called again, in local monotonic milliseconds.</returns>
    public long OnTime(long now)
    {
        if (stopBy is { } limit && now >= limit)
        {
            stopBy = null;
            GiveUp("work could not be stopped in time after quorum was lost");
        }

        long next = stopBy ?? now + Cluster.ClockInterval;
        if (Acting.Deadlines.IsEmpty || (expelled && alone is null))
        {
            return next;
        }

        long due = Acting.Deadlines.Min.At;
        if (alone is not null)
        {
            if (TimeAt(now) >= due)
            {
                FoldAlone(new Tick(), now);
                Follow(now);
                return now;
            }

            return Math.Min(next, appliedAt + due - alone.Time);
        }

        long mine = appliedAt + (due - State.Time) + Rank() * RankDelay;
        if (now < mine)
        {
            return Math.Min(next, mine);
        }

        if (tickedFor != due || now >= tickAgainAt)
        {
            tickedFor = due;
            tickAgainAt = now + RankDelay * Math.Max(4, State.Members.Count);
            effects.Add(new Propose(new Tick()));
        }

        return Math.Min(next, tickAgainAt);
    }

    private static ActionId IdOf(ClusterEvent result) => result switch
    {
        Probed e => e.Id,
        ActionCompleted e => e.Id,
        FenceCompleted e => e.Id,
        EventScriptCompleted e => e.Id,
        _ => throw new ArgumentException($"{result.GetType().Name} does not answer an action.", nameof(result)),
    };

    private int Rank()
    {
        if (ReferenceEquals(rankedIn, State.Members))
        {
            return rank;
        }

        rankedIn = State.Members;
        rank = 0;
        foreach (string member in State.Members.Keys)
        {
            if (member == Node)
            {
                break;
            }

            rank++;
        }

        return rank;
    }

    private void BeginStopping(ClusterState from, ImmutableSortedDictionary<string, long>? members, long now)
    {
        alone = Cluster.WithoutQuorum(from, Node, Incarnation, ++privateIndex, members);
        appliedAt = now;
        stopBy = now + State.Configuration.Timing.QuorumLossDeadline;
    }

    private void FoldAlone(ClusterEvent e, long now)
    {
        var envelope = new EventEnvelope { Origin = Node, Incarnation = Incarnation, Time = TimeAt(now), Event = e };
        alone = Cluster.Apply(alone!, alone!.Epoch, ++privateIndex, envelope);
        appliedAt = now;
        effects.Add(new Journalled(alone.Journal));
    }

    private void FoldResultsAlone(long now)
    {
        foreach (ClusterEvent result in actions.Values.OfType<ClusterEvent>().ToArray())
        {
            FoldAlone(result, now);
        }
    }

    /// <summary>A new epoch: answers whose proposal may have been lost are given again; applied twice they change nothing.</summary>
    private void ReproposeResults()
    {
        foreach (ClusterEvent result in actions.Values.OfType<ClusterEvent>())
        {
            effects.Add(new Propose(result));
        }
    }

    /// <summary>An answer could not be committed: it is given again as long as it is asked for.</summary>
    public void OnProposalFailed(ClusterEvent e)
    {
        if (alone is null && e is Probed or ActionCompleted or FenceCompleted or EventScriptCompleted && actions.ContainsKey(IdOf(e)))
        {
            effects.Add(new Propose(e));
        }
        else if (alone is null && e is NodeLeft && leaving)
        {
            effects.Add(new Propose(e));
        }
    }

    private void Follow(long now)
    {
        Report(Acting);
        if (opening)
        {
            monitorAll = true;
            return;
        }

        Dispatch(now);
        Monitor();
        if (alone is { Quorum: Quorum.None })
        {
            WatchStopping();
        }
        else if (alone is null && State.Nodes.TryGetValue(Node, out NodeState? self) && self.Member && self.Incarnation == Incarnation)
        {
            if (self.Drain.Goal != DrainGoal.Leave)
            {
                // The order may have been taken back, and may come again.
                leaving &= self.Phase == NodePhase.Down;
            }
            else if (!leaving && self.Groups.IsEmpty)
            {
                leaving = true;
                effects.Add(new Propose(new NodeLeft(Node, Incarnation)));
            }
        }
    }

    private void Report(ClusterState state)
    {
        ImmutableSortedSet<string> next = Names.None;
        foreach (FenceState fence in state.Fences.Values)
        {
            // Without quorum nobody can be fenced, and who comes back may be what brings quorum back.
            if (state.Quorum != Quorum.None && fence is { Proven: false, OnlyOn: false })
            {
                next = next.Add(fence.Target);
            }
        }

        if (!next.SetEquals(barred))
        {
            barred = next;
            effects.Add(new BarNodes(next));
        }

        // A snapshot brings one as well as an event does.
        if (state.Configuration.Version != announcedVersion)
        {
            announcedVersion = state.Configuration.Version;
            effects.Add(new ConfigurationInForce(state.Configuration));
        }
    }

    private void Dispatch(long now)
    {
        ClusterState state = Acting;
        if (alone is { Quorum: Quorum.Contested })
        {
            // Switching the peer on again is for the epoch that its proof opens.
            OpenIfProven(state);
            if (opening)
            {
                return;
            }
        }

        ImmutableArray<ClusterAction> plan = folding is null ? Cluster.Plan(state) : folding.Plan(state);
        int mine = 0;
        foreach (ClusterAction action in plan)
        {
            if (action.Node != Node || action.Id.Incarnation != Incarnation)
            {
                continue;
            }

            // The private copy carries the committed actions under way; it starts none of them.
            mine++;
            if (actions.ContainsKey(action.Id) || (alone is not null && action.Id.Epoch > 0))
            {
                continue;
            }

            actions.Add(action.Id, null);
            effects.Add(action switch
            {
                ResourceAction run => new RunResource(run, state.Groups.GetValueOrDefault(run.Group)?.Instance.Final?.Action),
                ProbeNodeAction probe => new RunProbe(probe, Asked(state, probe)),
                FenceDeviceAction fence => new RunFence(
                    fence, state.Configuration.FenceDevices.GetValueOrDefault(fence.Call.Device), state.Configuration.Timing.FenceTimeout,
                    state.Quorum),
                EventScriptAction script => new RunEventScript(script, state),
                _ => throw new InvalidOperationException($"Unknown action {action.GetType().Name}."),
            });
        }

        if (alone is null && actions.Count > mine)
        {
            Forget(plan);
        }

    }

    /// <summary>What is no longer asked for needs no answer.</summary>
    private void Forget(ImmutableArray<ClusterAction> plan)
    {
        var wanted = new HashSet<ActionId>();
        foreach (ClusterAction action in plan)
        {
            wanted.Add(action.Id);
        }

        foreach (ActionId done in actions.Keys.Where(id => !wanted.Contains(id)).ToArray())
        {
            actions.Remove(done);
        }
    }

    /// <summary>A lone node of two: the proof that the peer is off opens its epoch.</summary>
    private void OpenIfProven(ClusterState state)
    {
        foreach (NodeState node in state.Nodes.Values)
        {
            if (node.Name != Node && node is { Phase: NodePhase.Down, Member: false } && State.Nodes[node.Name].Phase != NodePhase.Down)
            {
                opening = true;
                if (node.TakenOut)
                {
                    // It was empty as far as this node knows; what its log has beyond that is judged by the epoch, which fences it if need
                    // be.
                    effects.Add(new OpenEpoch(new Tick()));
                    continue;
                }

                FenceRecord? record = state.FenceHistory.LastOrDefault(r => r.Target == node.Name && r.Success);
                effects.Add(new OpenEpoch(new FenceProven(
                    node.Name, node.Incarnation, Node, node.Why, record?.Method,
                    Took: record is null ? 0 : record.Ended - record.Started)));
            }
        }
    }

    private ImmutableArray<ProbedGroup> Asked(ClusterState state, ProbeNodeAction probe)
    {
        NodeState self = state.Nodes[Node];
        IEnumerable<GroupState> asked = probe.Id.Operation == ActionOperation.Ask
            ? self.Ask!.Groups.Where(state.Groups.ContainsKey).Select(name => state.Groups[name])
            : state.Groups.Values.Where(g => g.ProbeVersion > self.ProbedVersion && g.ProbeVersion <= probe.Covers);
        return
        [
            .. asked
                .Select(g => new ProbedGroup(
                    g.Name,
                    [
                        .. ResourceTree.Of(g.Definition).StartOrder,
                        .. g.OldDefinition is null
                            ? []
                            : ResourceTree.Of(g.OldDefinition).StartOrder.Where(r => ResourceTree.Of(g.Definition).Find(r.Id) is null),
                    ])),
        ];
    }

    private void Monitor()
    {
        ClusterState state = Acting;
        if (!monitorAll && alone is null && !state.Touched.Configuration)
        {
            foreach (string name in state.Touched.Groups)
            {
                Monitor(state, name);
            }

            return;
        }

        // What was touched while this node acted by another state, or by none, was not looked at.
        monitorAll = alone is not null;
        IEnumerable<string> here = state.Nodes.TryGetValue(Node, out NodeState? self) ? self.Groups : Names.None;
        foreach (string name in here.Concat(monitored.Keys).Distinct(StringComparer.Ordinal).ToArray())
        {
            Monitor(state, name);
        }
    }

    private void Monitor(ClusterState state, string name)
    {
        Monitoring? want = state.Groups.TryGetValue(name, out GroupState? group)
            && group is { Phase: GroupPhase.Started, Frozen: false, Pending: null, OldDefinition: null }
            && group.Owner == Node && group.OwnerIncarnation == Incarnation && state.Quorum != Quorum.None
            ? new Monitoring(group.Definition, group.Instance.Resources)
            : null;
        if (want is null)
        {
            if (monitored.Remove(name))
            {
                effects.Add(new MonitorGroup(name, []));
            }
        }
        else if (!monitored.TryGetValue(name, out Monitoring? have) || !have.Same(want))
        {
            monitored[name] = want;
            effects.Add(new MonitorGroup(
                name,
                [
                    .. ResourceTree.Of(want.Definition).StartOrder.Where(
                        r => (r.MonitorInterval > 0 || !r.StatusChecks.IsDefaultOrEmpty) && want.Resources.ContainsKey(r.Id)),
                ]));
        }
    }

    private void WatchStopping()
    {
        ImmutableSortedSet<string> all = alone!.Nodes.TryGetValue(Node, out NodeState? self) ? self.Groups : Names.None;
        ImmutableArray<GroupState> here = [.. all.Select(name => alone.Groups[name]).Where(g => !g.Frozen)];
        if (here.IsEmpty)
        {
            stopBy = null;
            if (expelled && !gaveUp)
            {
                gaveUp = true;
                effects.Add(new StoppedAll());
            }
        }
        else if (here.FirstOrDefault(g => g.Phase == GroupPhase.Failed && g.Pending is null) is { } failed)
        {
            stopBy = null;
            GiveUp($"group '{failed.Name}' can't be stopped after quorum was lost: {failed.Why}");
        }
    }

    private void GiveUp(string why)
    {
        if (!gaveUp)
        {
            gaveUp = true;
            if (ResetBefore is { } before && !wasWithCluster)
            {
                effects.Add(new Journalled([Local(
                    JournalSeverity.Error, "node.stuck",
                    $"{why}. This node does not reset itself again: it did for \"{before}\", and nothing was started here since. "
                        + "Check by hand what runs here; it takes part again when the others are back.")]));
                return;
            }

            effects.Add(new ResetSelf(why));
        }
    }

    private JournalEntry Local(JournalSeverity severity, string kind, string message) => new()
    {
        Index = State.Index,
        Time = State.Time,
        Severity = severity,
        Kind = kind,
        Message = message,
        Node = Node,
    };

    private sealed record Monitoring(GroupConfiguration Definition, ImmutableSortedDictionary<string, ResourcePhase> Resources)
    {
        public bool Same(Monitoring other) => ReferenceEquals(Definition, other.Definition) && ReferenceEquals(Resources, other.Resources);
    }
}

/// <summary>
/// Folds in what is committed, with the same outcome as <see cref="Cluster"/>: a simulation of many nodes in one process
/// computes each step once.
/// </summary>
public interface IFolding
{
    ClusterState Apply(ClusterState state, long epoch, long index, EventEnvelope envelope);

    ClusterState Apply(ClusterState state, long index, ViewEvent view);

    ImmutableArray<ClusterAction> Plan(ClusterState state);
}
