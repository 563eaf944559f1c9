using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>
/// One node's share of the cluster, without I/O: takes what the engine delivers and what executors answer, and says what
/// this node must do now. The daemon and the simulation run the same class. Not thread-safe.
/// </summary>
public sealed class Replica
{
    private readonly List<Effect> effects = [];
    private readonly IFolding folding;
    private readonly Life self;
    private readonly ActionsUnderWay actions;
    private readonly CheckedGroups checks;
    private readonly TickTurn ticks;
    private readonly EpochOpening opening;
    private readonly StopLimit limit;
    private readonly Leaving leaving;
    private readonly WatchdogReports reports;
    private readonly GuestReports guests;
    private readonly Announcements announcements;
    private ClusterState? alone;
    private long privateIndex;
    private long appliedAt;

    /// <summary>A node in one of its lives.</summary>
    /// <param name="node">Its name.</param>
    /// <param name="incarnation">Its life.</param>
    /// <param name="folding">How what is committed is folded in; null:
    /// <see cref="Cluster.Apply(ClusterState, long, long, EventEnvelope)"/>.</param>
    public Replica(string node, long incarnation, IFolding? folding = null)
    {
        this.folding = folding ?? new PlainFolding();
        self = new Life(node, incarnation);
        actions = new ActionsUnderWay(self, effects);
        checks = new CheckedGroups(self, effects);
        ticks = new TickTurn(self, effects);
        opening = new EpochOpening(self, effects);
        limit = new StopLimit(self, effects);
        leaving = new Leaving(self, effects);
        reports = new WatchdogReports(self, effects);
        guests = new GuestReports(self, effects);
        announcements = new Announcements(self, effects);
    }

    public string Node => self.Node;

    public long Incarnation => self.Incarnation;

    /// <summary>What is committed.</summary>
    public ClusterState State { get; private set; } = ClusterState.Empty;

    /// <summary>What this node acts by: the committed state, or the private copy of a node without quorum.</summary>
    public ClusterState Acting => alone ?? State;

    /// <summary>This node may not act on the cluster any more.</summary>
    public bool Expelled { get; private set; }

    /// <summary>
    /// Why this machine has reset itself in an earlier life, and was not with the cluster since: nothing was started here, and another
    /// reset for the same cause would help nobody. Null: it has not, or it was.
    /// </summary>
    public string? ResetBefore
    {
        get => limit.ResetBefore;
        init => limit.ResetBefore = value;
    }

    /// <summary>The timeout of the watchdog that is fed here, and the token time, in milliseconds; null: there is none.</summary>
    public (int Timeout, int Token)? Watchdog
    {
        get => reports.Armed;
        init => reports.Armed = value;
    }

    /// <summary>
    /// Another token time is gone by here from now on, in milliseconds. The others hear of what follows from it for the watchdog with the
    /// next entry: until then they count on the time that was said before, or, where the configuration makes it longer, on that.
    /// </summary>
    public void UseToken(int token) => reports.UseToken(token);

    /// <summary>
    /// By when, in local monotonic milliseconds, a node without quorum must have stopped its work; null: it has quorum, or nothing runs.
    /// </summary>
    public long? StopBy => limit.By;

    /// <summary>
    /// By when what runs here must have stopped if it can't even be stopped in good order; null: nothing is known to run here.
    /// </summary>
    /// <param name="now">Local monotonic milliseconds.</param>
    public long? StopUnaidedBy(long now) =>
        State.Disarmed is null && RunsGroups ? StopBy ?? now + State.Configuration.Timing.QuorumLossDeadline : null;

    /// <summary>
    /// By when this node must be with the cluster again, or have stopped what it runs; later than that nobody may keep its machine from
    /// being reset. Null: there is nothing to stop, or resetting it again would help nobody.
    /// </summary>
    /// <param name="confirmed">When it was known last to be with the cluster, in local monotonic milliseconds; null: not in this
    /// life.</param>
    /// <param name="token">Token time in milliseconds.</param>
    public long? SoundUntil(long? confirmed, int token)
    {
        if (State.Disarmed is not null)
        {
            return null;
        }

        long? by = alone is { Quorum: Quorum.None } || confirmed is null ? limit.By : RunsGroups ? long.MaxValue : null;
        return confirmed is { } then && by is { } latest
            ? Math.Min(latest, then + WatchdogTimes.Notice(token) + State.Configuration.Timing.QuorumLossDeadline)
            : by;
    }

    /// <summary>Cluster time as this node reckons it.</summary>
    /// <param name="now">Local monotonic milliseconds.</param>
    public long TimeAt(long now) => Acting.Time + Math.Max(0, now - appliedAt);

    private bool RunsGroups => State.Nodes.TryGetValue(Node, out NodeState? at) && at.Groups.Any(g => !State.Groups[g].Frozen);

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
        announcements.Follow(State, isNewView: false);
    }

    /// <summary>An entry was committed.</summary>
    public void OnCommitted(long epoch, long index, EventEnvelope envelope, long now)
    {
        if (Expelled)
        {
            return;
        }

        long before = State.Time;
        State = folding.Apply(State, epoch, index, envelope);
        if (State.Time != before)
        {
            appliedAt = now;
        }

        if (alone is null)
        {
            // The first entry of an epoch that this node opened says that its peer is proven down.
            opening.End();
        }

        effects.Add(new Journalled(State.Journal));
        leaving.Committed(State);
        if (alone is { Quorum: Quorum.None } && (alone.Disarmed is null) != (State.Disarmed is null))
        {
            // Read only now, of what was before quorum was lost: whether it is disarmed decides whether it stops its work.
            BeginStopping(State with { Time = TimeAt(now) }, alone.Members, now);
            effects.Add(new Journalled(alone.Journal));
            FoldAnswersAlone(now);
        }

        Follow();
    }

    /// <summary>The membership changed.</summary>
    public void OnView(long index, ViewEvent view, long now)
    {
        if (Expelled)
        {
            return;
        }

        ClusterState before = Acting;
        if (view.Quorum != Quorum.Quorate)
        {
            OnViewWithoutQuorum(view, now);
        }
        else if (alone is { Quorum: Quorum.None } && !BringsBack(view))
        {
            State = folding.Apply(State, index, view);
            effects.Add(new Journalled(State.Journal));
        }
        else
        {
            OnQuorateView(index, view, now);
        }

        announcements.Missing(before, Acting);
    }

    private void OnQuorateView(long index, ViewEvent view, long now)
    {
        // What went by without quorum went by for the cluster, too.
        long reckoned = TimeAt(now);
        alone = null;
        limit.Lift();
        if (view.Members.Count != 1)
        {
            opening.End();
        }

        checks.LookAtAll();
        State = folding.Apply(State, index, view);
        appliedAt = now - Math.Max(0, reckoned - State.Time);
        effects.Add(new Journalled(State.Journal));
        if (self.IsIn(view.Members))
        {
            limit.WithCluster();
            // A view without this life is one of the past: what came after it is still to be read.
            if (State.Configuration.Version == 0)
            {
                effects.Add(new NeedConfiguration());
            }
        }

        leaving.Forget();
        reports.Forget();
        Follow(isNewView: true);
        // Answers whose proposal may have been lost are given again; applied twice they change nothing.
        effects.AddRange(actions.Answers.Select(answer => new Propose(answer)));
    }

    private void OnViewWithoutQuorum(ViewEvent view, long now)
    {
        if (view.Quorum == Quorum.None && alone is { Quorum: Quorum.None })
        {
            // It is stopping already; another such view gives it no more time, but it may see others.
            alone = alone with { Members = view.Members, Device = view.Device };
            announcements.Follow(alone, isNewView: false);
            return;
        }

        if (view.Quorum == Quorum.Contested && alone is { Quorum: Quorum.Contested } && view.Members.SequenceEqual(alone.Members))
        {
            // The arbiter says something else; what has been begun goes on.
            alone = Cluster.Apply(alone with { Time = TimeAt(now) }, ++privateIndex, view);
            appliedAt = now;
            effects.Add(new Journalled(alone.Journal));
            Follow();
            return;
        }

        ClusterState from = State with { Time = TimeAt(now), Device = view.Device };
        appliedAt = now;
        privateIndex = Math.Max(privateIndex, State.Index);
        opening.End();
        if (view.Quorum == Quorum.Contested)
        {
            limit.Lift();
            alone = Cluster.Apply(from, ++privateIndex, view);
        }
        else
        {
            BeginStopping(from, view.Members, now);
        }

        effects.Add(new Journalled(alone!.Journal));
        FoldAnswersAlone(now);
        Follow();
    }

    /// <summary>
    /// A node that stops its work for want of quorum returns by joining, or by a view after which all are probed. Another view
    /// is one of the past, handed on late: what stands in its state is no longer so here.
    /// </summary>
    private bool BringsBack(ViewEvent view) => self.IsIn(view.Members) && (!self.IsIn(State.Members) || !view.Continuous);

    /// <summary>This life was declared lost: everything stops, nothing is proposed.</summary>
    public void OnExpelled(string reason, long now)
    {
        if (Expelled)
        {
            return;
        }

        effects.Add(self.Says(State, "node.expelled", $"{reason.TrimEnd('.')}. This node stops everything."));
        OnFailed(now);
    }

    /// <summary>
    /// This life can't follow the cluster any more (an event could not be handled, the engine failed): everything stops, nothing is
    /// proposed.
    /// </summary>
    public void OnFailed(long now)
    {
        Expelled = true;
        if (alone is not { Quorum: Quorum.None })
        {
            privateIndex = Math.Max(privateIndex, State.Index);
            BeginStopping(State with { Time = TimeAt(now) }, members: null, now);
            effects.Add(new Journalled(alone!.Journal));
            FoldAnswersAlone(now);
        }

        Follow();
    }

    /// <summary>An executor has answered. The answer is proposed, or folded into the private copy.</summary>
    /// <param name="result">A <see cref="Probed"/>, <see cref="ActionCompleted"/>, <see cref="FenceCompleted"/> or
    /// <see cref="EventScriptCompleted"/>.</param>
    /// <param name="now">Local monotonic milliseconds.</param>
    public void OnResult(ClusterEvent result, long now)
    {
        if (!actions.Take(result))
        {
            return;
        }

        if (alone is null)
        {
            effects.Add(new Propose(result));
        }
        else
        {
            FoldAlone(result, now);
            Follow();
        }
    }

    /// <summary>A status check failed.</summary>
    public void OnMonitorFailed(string group, string resource, string message)
    {
        if (alone is null)
        {
            checks.Failed(group, resource, message);
        }
    }

    /// <summary>A status check was not answered: neither that the resource runs nor that it does not.</summary>
    public void OnMonitorUnknown(string group, string resource, int depth, string message)
    {
        if (alone is null)
        {
            checks.Unknown(State, group, resource, depth, message);
        }
    }

    /// <summary>A status check was answered: the resource runs. Of use only where an earlier one was not.</summary>
    public void OnMonitorAnswered(string group, string resource, int depth)
    {
        if (alone is null)
        {
            checks.Answered(State, group, resource, depth);
        }
    }

    /// <summary>Whether a guest that runs here, or does not, is news.</summary>
    public bool IsNews(string group, bool runs) => alone is null && !Expelled && guests.Differs(State, group, runs);

    /// <summary>The hypervisor of this node has said whether a guest runs here.</summary>
    /// <param name="group">The guest's group.</param>
    /// <param name="runs">It runs here.</param>
    /// <param name="asked">The probe demand of its group when the hypervisor was asked.</param>
    /// <param name="movedAway">It was moved to another host.</param>
    public void OnGuestSeen(string group, bool runs, long asked, bool movedAway)
    {
        if (alone is null && !Expelled)
        {
            guests.Seen(State, group, runs, asked, movedAway);
        }
    }

    /// <summary>The hypervisor of this node has said what a guest is.</summary>
    public void OnGuestTold(string group, GuestFacts facts)
    {
        if (alone is null && !Expelled)
        {
            guests.Told(State, group, facts);
        }
    }

    /// <summary>A migration under way here is as far as this.</summary>
    public void OnMigrationTold(ActionId id, MigrationFigures figures)
    {
        if (alone is null && !Expelled)
        {
            effects.Add(new Propose(new MigrationTold(id, figures)));
        }
    }

    /// <summary>Time has gone on: proposes a Tick when one is due by this node's rank, and watches the deadline without quorum.</summary>
    /// <returns>When to be called again, in local monotonic milliseconds.</returns>
    public long OnTime(long now)
    {
        limit.OnTime(State, now);
        long next = limit.By ?? now + Cluster.ClockInterval;
        if (Acting.Deadlines.IsEmpty || (Expelled && alone is null))
        {
            return next;
        }

        if (alone is null)
        {
            return Math.Min(next, ticks.OnTime(State, appliedAt, now));
        }

        long due = alone.Deadlines.Min.At;
        if (TimeAt(now) < due)
        {
            return Math.Min(next, appliedAt + due - alone.Time);
        }

        FoldAlone(new Tick(), now);
        Follow();
        return now;
    }

    /// <summary>A proposal was not committed: it is made again as long as it is asked for.</summary>
    public void OnProposalFailed(ClusterEvent e)
    {
        if (alone is null && (actions.Owes(e) || leaving.Owes(e) || reports.Owes(e)))
        {
            effects.Add(new Propose(e));
        }
    }

    /// <summary>The votes that the engine was to be told did not get there, as far as is known.</summary>
    public void OnVotesUntold() => announcements.ForgetVotes();

    private void BeginStopping(ClusterState from, ImmutableSortedDictionary<string, long>? members, long now)
    {
        alone = Cluster.WithoutQuorum(from, self.Node, self.Incarnation, ++privateIndex, members);
        appliedAt = now;
        limit.Begin(State, now);
    }

    private void FoldAlone(ClusterEvent e, long now)
    {
        var envelope = new EventEnvelope { Origin = self.Node, Incarnation = self.Incarnation, Time = TimeAt(now), Event = e };
        alone = Cluster.Apply(alone!, alone!.Epoch, ++privateIndex, envelope);
        appliedAt = now;
        effects.Add(new Journalled(alone.Journal));
    }

    private void FoldAnswersAlone(long now)
    {
        foreach (ClusterEvent answer in actions.Answers)
        {
            FoldAlone(answer, now);
        }
    }

    /// <summary>What the state that this node acts by asks of it now.</summary>
    private void Follow(bool isNewView = false)
    {
        announcements.Follow(Acting, isNewView);
        if (opening.IsUnderWay)
        {
            checks.LookAtAll();
            return;
        }

        // Switching the peer on again is for the epoch that its proof opens.
        if (alone is not { Quorum: Quorum.Contested } || !opening.Follow(alone, State))
        {
            ImmutableArray<ClusterAction> plan = folding.Plan(Acting);
            actions.Follow(plan, Acting, isPrivate: alone is not null);
        }

        checks.Follow(Acting, isPrivate: alone is not null);
        if (alone is { Quorum: Quorum.None })
        {
            limit.Follow(alone, State, forGood: Expelled);
        }
        else if (alone is null)
        {
            leaving.Follow(State);
            reports.Follow(State);
        }
    }
}
