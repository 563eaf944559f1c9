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

    private Prediction(ClusterState state) => State = state;

    /// <summary>The state that was reached.</summary>
    public ClusterState State { get; private set; }

    /// <summary>Every decision on the way, oldest first.</summary>
    public ImmutableList<JournalEntry> Journal => journal.ToImmutable();

    /// <summary>Those present have no quorum: nothing is started, and what runs is stopped.</summary>
    public bool QuorumLost { get; private set; }

    /// <summary>A cluster that forms for the first time, nothing running anywhere.</summary>
    /// <param name="configuration">A valid one.</param>
    /// <param name="absent">Nodes that are not there.</param>
    public static Prediction Form(ClusterConfiguration configuration, IReadOnlySet<string> absent)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(absent);
        var prediction = new Prediction(ClusterState.Empty);
        ImmutableSortedDictionary<string, long> members = configuration.Nodes.Keys
            .Where(n => !absent.Contains(n))
            .ToImmutableSortedDictionary(n => n, _ => FirstIncarnation, StringComparer.Ordinal);
        // With two nodes a first start waits for both (votequorum's wait_for_all).
        bool quorate = !members.IsEmpty && Votes(configuration, members.Keys) >= QuorumArithmetic.Needed(configuration)
            && (!configuration.TwoNode || members.Count == configuration.Nodes.Count);
        prediction.QuorumLost = !quorate;
        prediction.See(members, quorate ? Quorum.Quorate : Quorum.None, continuous: false);
        prediction.Commit(new ConfigurationRequest("prediction", "prediction", configuration));
        if (quorate)
        {
            prediction.Settle();
        }

        return prediction;
    }

    /// <summary>A member falls silent.</summary>
    /// <exception cref="ArgumentException">It is not a member.</exception>
    public void Lose(string node)
    {
        if (!State.Members.ContainsKey(node))
        {
            throw new ArgumentException($"'{node}' is not a member.", nameof(node));
        }

        ClusterConfiguration configuration = State.Configuration;
        ImmutableSortedDictionary<string, long> left = State.Members.Remove(node);
        running.RemoveWhere(r => r.Node == node);
        if (configuration.TwoNode && !left.IsEmpty)
        {
            WinContest(node, left);
        }
        else if (!left.IsEmpty && Votes(configuration, left.Keys) >= QuorumArithmetic.Needed(configuration))
        {
            See(left, Quorum.Quorate, continuous: true);
            Settle();
        }
        else
        {
            QuorumLost = true;
            See(left, Quorum.None, continuous: false);
        }
    }

    /// <summary>One of two: its fence of the other is what opens the next epoch.</summary>
    private void WinContest(string lost, ImmutableSortedDictionary<string, long> left)
    {
        ClusterState committed = State;
        See(left, Quorum.Contested, continuous: false);
        Settle();
        NodeState peer = State.Nodes[lost];
        if (peer.Phase != NodePhase.Down)
        {
            QuorumLost = true;
            return;
        }

        State = committed with { Time = State.Time };
        See(left, Quorum.Quorate, continuous: true);
        Commit(new FenceProven(lost, peer.Incarnation, left.Keys.First(), peer.Why));
        Settle();
    }

    private static int Votes(ClusterConfiguration configuration, IEnumerable<string> members) =>
        members.Sum(m => configuration.Nodes[m].Votes);

    private void See(ImmutableSortedDictionary<string, long> members, Quorum quorum, bool continuous) =>
        Remember(Cluster.Apply(State, State.Index + 1, new ViewEvent(State.Epoch + 1, members, quorum, continuous)));

    private void Settle()
    {
        long end = State.Time + Horizon;
        for (int round = 0; round < MaxRounds; round++)
        {
            ImmutableArray<ClusterAction> actions = Cluster.Plan(State);
            foreach (ClusterAction action in actions)
            {
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

    private ClusterEvent Answer(ClusterAction action)
    {
        switch (action)
        {
            case ResourceAction { Id.Operation: ActionOperation.Start } start:
                running.Add((start.Node, start.Group, start.Resource.Id));
                return new ActionCompleted(start.Id, true, "");
            case ResourceAction stop:
                running.Remove((stop.Node, stop.Group, stop.Resource.Id));
                return new ActionCompleted(stop.Id, true, "");
            case ProbeNodeAction probe:
                return new Probed(
                    probe.Id,
                    Cluster.FunctionalLevel,
                    [.. running.Where(r => r.Node == probe.Node).Select(r => new FoundResource(r.Group, r.Resource, true))]);
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
