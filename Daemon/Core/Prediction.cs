using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>
/// What would happen (FEATURES G6): the same Apply and Plan as in a running cluster, with agents and fence devices that
/// all do what they are asked at once. Touches nothing.
/// </summary>
public sealed class Prediction
{
    // Far above what a configuration within its limits needs; a prediction that does not settle by then is broken off.
    private const int MaxRounds = 100_000;
    private const long FirstIncarnation = 1;

    // Waits longer than this are told as they stand: nobody asks what happens in a day.
    private const long Horizon = 3_600_000;

    private readonly ImmutableList<JournalEntry>.Builder journal = ImmutableList.CreateBuilder<JournalEntry>();
    private readonly HashSet<(string Node, string Group, string Resource)> running = [];
    private readonly HashSet<(string Node, string Group)> hopeless = [];
    private readonly List<PredictedStep> steps = [];
    private readonly long horizon;
    private readonly CancellationToken cancel;

    private Prediction(ClusterState state, long horizon, CancellationToken cancel)
    {
        State = state;
        this.horizon = horizon;
        this.cancel = cancel;
    }

    /// <summary>The state that was reached.</summary>
    public ClusterState State { get; private set; }

    /// <summary>Every decision on the way, oldest first.</summary>
    public ImmutableList<JournalEntry> Journal => journal.ToImmutable();

    /// <summary>What is done to resources and nodes on the way, in order.</summary>
    public IReadOnlyList<PredictedStep> Steps => steps;

    /// <summary>Those present have no quorum: nothing is started, and what runs is stopped.</summary>
    public bool QuorumLost { get; private set; }

    /// <summary>A cluster that forms for the first time, nothing running anywhere.</summary>
    /// <param name="configuration">A valid one.</param>
    /// <param name="absent">Nodes that are not there.</param>
    public static Prediction Form(ClusterConfiguration configuration, IReadOnlySet<string> absent)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(absent);
        var prediction = new Prediction(ClusterState.Empty, Horizon, CancellationToken.None);
        prediction.Form(configuration, configuration.Nodes.Keys.Where(n => !absent.Contains(n)));
        return prediction;
    }

    private void Form(ClusterConfiguration configuration, IEnumerable<string> present)
    {
        ImmutableSortedDictionary<string, long> members = present.ToImmutableSortedDictionary(
            n => n, _ => FirstIncarnation, StringComparer.Ordinal);
        // With two nodes a first start waits for both (votequorum's wait_for_all).
        bool quorate = !members.IsEmpty && QuorumArithmetic.Holds(configuration, members.Keys)
            && (!configuration.TwoNode || members.Count == configuration.Nodes.Count);
        QuorumLost = !quorate;
        See(members, quorate ? Quorum.Quorate : Quorum.None, continuous: false);
        Commit(new ConfigurationRequest("prediction", "prediction", configuration));
        if (quorate)
        {
            Settle();
        }
    }

    /// <summary>A cluster with all its nodes, whose groups were found running where they are said to run.</summary>
    /// <param name="configuration">A valid one.</param>
    /// <param name="absent">Nodes that are down, proven.</param>
    /// <param name="owners">By group: the node it runs on; null: it runs nowhere and is not to be started. The others are placed by the
    /// rules.</param>
    /// <param name="frozen">Groups that are frozen.</param>
    public static Prediction Found(
        ClusterConfiguration configuration, IReadOnlyCollection<string> absent, IReadOnlyDictionary<string, string?> owners,
        IEnumerable<string> frozen)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(absent);
        ArgumentNullException.ThrowIfNull(owners);
        ArgumentNullException.ThrowIfNull(frozen);
        // Nothing moves back or starts before everything is where it is said to be.
        ClusterConfiguration still = configuration with
        {
            FailoverDomains = configuration.FailoverDomains.SetItems(
                configuration.FailoverDomains.Select(d => KeyValuePair.Create(d.Key, d.Value with { NoFailback = true }))),
            Groups = configuration.Groups.SetItems(
                configuration.Groups.Where(g => owners.TryGetValue(g.Key, out string? owner) && owner is null)
                    .Select(g => KeyValuePair.Create(g.Key, g.Value with { Autostart = false }))),
        };
        var found = new Prediction(ClusterState.Empty, Horizon, CancellationToken.None);
        foreach ((string group, string? owner) in owners)
        {
            if (owner is not null && configuration.Groups.TryGetValue(group, out GroupConfiguration? definition))
            {
                found.running.UnionWith(ResourceTree.Of(definition).StartOrder.Select(r => (owner, group, r.Id)));
            }
        }

        found.Form(still, configuration.Nodes.Keys);
        if (found.QuorumLost)
        {
            return found;
        }

        foreach ((string group, string? owner) in owners)
        {
            if (owner is not null && found.State.Groups.TryGetValue(group, out GroupState? now) && now.Owner != owner)
            {
                found.Ask(new GroupRequest($"found {group}", "prediction", group, GroupOperation.Relocate, owner));
            }
        }

        foreach (string group in frozen.Where(found.State.Groups.ContainsKey))
        {
            found.Ask(new GroupRequest($"frozen {group}", "prediction", group, GroupOperation.Freeze));
        }

        found.State = found.State with
        {
            Configuration = configuration,
            Groups = found.State.Groups.SetItems(
                found.State.Groups.Select(g => KeyValuePair.Create(g.Key, Stood(g.Value, configuration.Groups[g.Key])))),
        };
        if (absent.Count > 0)
        {
            found.Lose(absent);
        }

        return found;
    }

    private static GroupState Stood(GroupState group, GroupConfiguration definition) =>
        group.Definition.Autostart == definition.Autostart
            ? group with { Definition = definition }
            : group with { Definition = definition, Reason = CauseKind.WasDown.With() };

    /// <summary>
    /// A cluster as it is, with all that is under way in it. What is only due later than a loss is fenced is not waited for.
    /// </summary>
    /// <param name="state">A quorate one.</param>
    /// <param name="cancel">Breaks it off.</param>
    public static Prediction From(ClusterState state, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(state);
        ClusterTiming timing = state.Configuration.Timing;
        var prediction = new Prediction(
            state, timing.PostFailDelay + (state.Configuration.TwoNode ? timing.TwoNodeDelay : 0) + 1, cancel);
        foreach (GroupState group in state.Groups.Values)
        {
            foreach (string resource in group.Owner is null ? [] : group.Instance.Resources.Keys)
            {
                prediction.running.Add((group.Owner!, group.Name, resource));
            }
        }

        return prediction;
    }

    /// <summary>Something is asked for.</summary>
    /// <returns>What became of it.</returns>
    public OperationState Ask(Request request)
    {
        ArgumentNullException.ThrowIfNull(request);
        Commit(request);
        Settle();
        return State.Operations[request.RequestId];
    }

    /// <summary>A group fails where it runs: its first resource that is neither given up nor restarted by itself.</summary>
    /// <param name="group">A group.</param>
    /// <param name="forGood">It can't be started on that node again either.</param>
    /// <returns>False: it does not run, is frozen, or is in the middle of something, so that nothing follows.</returns>
    public bool Fail(string group, bool forGood)
    {
        if (!State.Groups.TryGetValue(group, out GroupState? now)
            || now is not { Phase: GroupPhase.Started, Frozen: false, Owner: { } owner } || State.Quorum != Quorum.Quorate)
        {
            return false;
        }

        ResourceConfiguration[] candidates =
        [
            .. ResourceTree.Of(now.Definition).StartOrder.Where(r => now.Instance.Resources.ContainsKey(r.Id)),
        ];
        ResourceTree tree = ResourceTree.Of(now.Definition);
        if ((candidates.FirstOrDefault(r => !tree.WithAncestors(r.Id).Any(l => l.IndependentSubtree || l.NonCritical))
            ?? candidates.FirstOrDefault()) is not { } failing)
        {
            return false;
        }

        if (forGood)
        {
            hopeless.Add((owner, group));
        }

        Commit(new MonitorFailed(group, failing.Id, owner, now.OwnerIncarnation, "it is taken to have failed"));
        Settle();
        return true;
    }

    /// <summary>A member falls silent.</summary>
    /// <exception cref="ArgumentException">It is not a member.</exception>
    public void Lose(string node) => Lose([node]);

    /// <summary>Members fall silent together.</summary>
    /// <exception cref="ArgumentException">One is not a member.</exception>
    public void Lose(IReadOnlyCollection<string> nodes)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        foreach (string node in nodes)
        {
            if (!State.Members.ContainsKey(node))
            {
                throw new ArgumentException($"'{node}' is not a member.", nameof(nodes));
            }
        }

        ImmutableSortedDictionary<string, long> left = State.Members.RemoveRange(nodes);
        running.RemoveWhere(r => nodes.Contains(r.Node));
        if (State.Configuration.TwoNode && left.Count == 1)
        {
            WinContest(nodes.First(), left);
        }
        else
        {
            GoOn(left);
        }
    }

    /// <summary>A node that was asked to leave, or to go into maintenance, goes: nobody takes it for lost.</summary>
    public void Depart(string node)
    {
        if (!State.Nodes.TryGetValue(node, out NodeState? leaving) || !State.Members.ContainsKey(node))
        {
            throw new ArgumentException($"'{node}' is not a member.", nameof(node));
        }

        if (leaving.Drain.Goal == DrainGoal.Leave)
        {
            Commit(new NodeLeft(node, leaving.Incarnation));
        }

        GoOn(State.Members.Remove(node));
    }

    /// <summary>Those that are left go on, or stop what they run when they have no quorum.</summary>
    private void GoOn(ImmutableSortedDictionary<string, long> left)
    {
        if (!left.IsEmpty && QuorumArithmetic.Holds(State, left.Keys))
        {
            See(left, Quorum.Quorate, continuous: true);
            Settle();
            return;
        }

        QuorumLost = true;
        See(left, Quorum.None, continuous: false);
        foreach ((string member, long incarnation) in left)
        {
            StopWithoutQuorum(member, incarnation);
        }
    }

    /// <summary>What a node does by itself when quorum is lost.</summary>
    private void StopWithoutQuorum(string node, long incarnation)
    {
        ClusterState alone = Cluster.WithoutQuorum(State, node, incarnation, State.Index + 1);
        for (int round = 0; round < MaxRounds; round++)
        {
            cancel.ThrowIfCancellationRequested();
            ResourceAction[] stops = [.. Cluster.Plan(alone).OfType<ResourceAction>().Where(a => a.Node == node)];
            if (stops.Length == 0)
            {
                return;
            }

            foreach (ResourceAction stop in stops)
            {
                steps.Add(new PredictedStep(PredictedAction.Stop, node, stop.Group, stop.Resource.Id, "the node has lost quorum"));
                alone = Cluster.Apply(
                    alone,
                    alone.Epoch,
                    alone.Index + 1,
                    new EventEnvelope
                    {
                        Origin = "prediction",
                        Incarnation = 0,
                        Time = alone.Time,
                        Event = new ActionCompleted(stop.Id, true, ""),
                    });
            }
        }
    }

    /// <summary>One of two: its fence of the other is what opens the next epoch.</summary>
    private void WinContest(string lost, ImmutableSortedDictionary<string, long> left)
    {
        ClusterState committed = State;
        int known = journal.Count;
        See(left, Quorum.Contested, continuous: false);
        Settle();
        NodeState peer = State.Nodes[lost];
        if (peer.Phase != NodePhase.Down)
        {
            QuorumLost = true;
            return;
        }

        // What was decided on the private copy is decided again, and is told once.
        State = committed with { Time = State.Time };
        journal.RemoveRange(known, journal.Count - known);
        See(left, Quorum.Quorate, continuous: true);
        Commit(new FenceProven(lost, peer.Incarnation, left.Keys.First(), $"{peer.Why}"));
        Settle();
    }

    private void See(ImmutableSortedDictionary<string, long> members, Quorum quorum, bool continuous) =>
        Remember(Cluster.Apply(State, State.Index + 1, new ViewEvent(State.Epoch + 1, members, quorum, continuous)));

    private void Settle()
    {
        long end = State.Time + horizon;
        for (int round = 0; round < MaxRounds; round++)
        {
            cancel.ThrowIfCancellationRequested();
            ImmutableArray<ClusterAction> actions = Cluster.Plan(State);
            foreach (ClusterAction action in actions)
            {
                Step(action);
                Commit(Answer(action));
            }

            if (!actions.IsEmpty)
            {
                continue;
            }

            Deadline due = State.Deadlines.FirstOrDefault(d => d.Kind != DeadlineKind.Clock);
            if (due == default || due.At > end)
            {
                return;
            }

            Commit(new Tick(), due.At);
        }
    }

    private void Step(ClusterAction action)
    {
        switch (action)
        {
            case ResourceAction { Id.Operation: ActionOperation.Start or ActionOperation.Stop } a:
                steps.Add(new PredictedStep(
                    a.Id.Operation == ActionOperation.Start ? PredictedAction.Start : PredictedAction.Stop,
                    a.Node, a.Group, a.Resource.Id, State.Groups.TryGetValue(a.Group, out GroupState? group) ? $"{group.Reason}" : ""));
                break;
            case MigrationAction migrate:
                steps.Add(new PredictedStep(
                    PredictedAction.Migrate, migrate.To, migrate.Group, migrate.Resource.Id,
                    $"{State.Groups[migrate.Group].Migration!.Why}"));
                break;
            case FenceDeviceAction { Id.Operation: ActionOperation.FenceOff } fence when State.Fences.TryGetValue(
                fence.Target, out FenceState? under)
                && under.Step == 0:
                // Once a fencing, however many devices it takes.
                steps.Add(new PredictedStep(PredictedAction.Fence, fence.Target, null, null, $"{under.Why}"));
                break;
        }
    }

    private ClusterEvent Answer(ClusterAction action)
    {
        switch (action)
        {
            case ResourceAction { Id.Operation: ActionOperation.Start } start when hopeless.Contains((start.Node, start.Group)):
                return new ActionCompleted(start.Id, false, "it is taken to have failed for good");
            case ResourceAction { Id.Operation: ActionOperation.Start } start:
                running.Add((start.Node, start.Group, start.Resource.Id));
                return new ActionCompleted(start.Id, true, "");
            case ResourceAction { Id.Operation: ActionOperation.FinalScript } script:
                return new ActionCompleted(script.Id, true, "");
            case MigrationAction migrate:
                running.Remove((migrate.Node, migrate.Group, migrate.Resource.Id));
                running.Add((migrate.To, migrate.Group, migrate.Resource.Id));
                return new ActionCompleted(migrate.Id, true, "");
            case ResourceAction stop:
                running.Remove((stop.Node, stop.Group, stop.Resource.Id));
                return new ActionCompleted(stop.Id, true, "");
            case ProbeNodeAction { Id.Operation: ActionOperation.Ask } again:
                // What a node can't tell now it can't be taken to tell later.
                return new Probed(
                    again.Id,
                    Cluster.FunctionalLevel,
                    [
                        .. State.Nodes[again.Node].Answers.Where(a => State.Nodes[again.Node].Ask!.Groups.Contains(a.Key))
                            .Select(a => new FoundResource(a.Key, a.Value.Resource, a.Value.Answer, a.Value.Message)),
                    ]);
            case ProbeNodeAction probe:
                return new Probed(
                    probe.Id,
                    Cluster.FunctionalLevel,
                    [.. running.Where(r => r.Node == probe.Node).Select(r => new FoundResource(r.Group, r.Resource, FoundAnswer.Runs))]);
            case EventScriptAction script:
                // Nobody can tell what it would say.
                return new EventScriptCompleted(script.Id, true, "", []);
            case FenceDeviceAction fence:
                return new FenceCompleted(fence.Id, true, "");
            default:
                throw new InvalidOperationException($"Unknown action {action.GetType().Name}.");
        }
    }

    private void Commit(ClusterEvent e, long? at = null) => Remember(Cluster.Apply(
        State,
        State.Epoch,
        State.Index + 1,
        new EventEnvelope { Origin = "prediction", Incarnation = 0, Time = at ?? State.Time, Event = e }));

    private void Remember(ClusterState next)
    {
        State = next;
        journal.AddRange(next.Journal);
    }
}
