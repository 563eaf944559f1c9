using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>One application of one event: folds it in, then settles what follows from it.</summary>
internal sealed partial class Fold
{
    // Far above what one event can cause; a settled state is reached in a few rounds.
    private const int MaxRounds = 100;

    private readonly long index;
    private readonly List<JournalEntry> journal = [];
    private readonly SortedSet<string> touchedGroups = new(StringComparer.Ordinal);
    private readonly SortedSet<string> touchedNodes = new(StringComparer.Ordinal);
    private readonly SortedSet<string> dirty = new(StringComparer.Ordinal);
    private bool allDirty;
    private bool restlessDirty;

    // Some group has come to a node or left one.
    private bool placesDirty;
    private bool dated = true;
    private bool nodesDirty;
    private bool configurationTouched;
    private ClusterState state;
    private List<NodeState>? lagging;
    private List<string>? doubtful;
    private long wallTime;

    public Fold(ClusterState state, long epoch, long index)
    {
        this.index = index;
        this.state = state with { Epoch = epoch, Index = index };
    }

    // Negative where nothing is committed, so that no private action shares an id with a committed one.
    private long IdEpoch => state.Quorum == Quorum.Quorate ? state.Epoch : -state.Epoch;

    private ClusterConfiguration Configuration => state.Configuration;

    public ClusterState Run(EventEnvelope envelope)
    {
        wallTime = envelope.WallTime;
        long time = Math.Clamp(envelope.Time, state.Time, state.Time + Cluster.MaxTimeJump);
        if (time != state.Time)
        {
            state = state with { Time = time };
        }

        StampLosses(envelope.Event);
        DueDeadlines();
        // Whoever proposed it: what is too long must not get into the state of every node.
        switch (BoundedEvent.Of(envelope.Event))
        {
            case Tick or StateHashed:
                break;
            case Probed e:
                Apply(e);
                break;
            case ActionCompleted e:
                Apply(e);
                break;
            case MonitorFailed e:
                Apply(e);
                break;
            case MonitorUnknown e:
                Apply(e);
                break;
            case FenceCompleted e:
                Apply(e);
                break;
            case FenceProven e:
                Apply(e);
                break;
            case NodeLeft e:
                Apply(e);
                break;
            case EventScriptCompleted e:
                Apply(e);
                break;
            case Request e:
                Apply(e);
                break;
            default:
                Ignore();
                break;
        }

        return Finish();
    }

    public ClusterState Run(ViewEvent view)
    {
        dated = false;
        Apply(view);
        return Finish();
    }

    public ClusterState RunWithoutQuorum(string node, long incarnation, ImmutableSortedDictionary<string, long> members)
    {
        // What is due in the cluster is not due here; the time for another try of a stop is.
        state = state with { Quorum = Quorum.None, StopOnly = node, Members = members, Deadlines = [] };
        foreach (NodeState other in state.Nodes.Values)
        {
            if (other.Member && !members.ContainsKey(other.Name))
            {
                SetNode(other with { Member = false, Phase = NodePhase.Lost, LostAt = state.Time, Why = $"silent; it was {other.Phase} when it was last heard" });
            }
        }

        state.Nodes.TryGetValue(node, out NodeState? self);
        if (self is not null && self.Incarnation != incarnation)
        {
            // A daemon that restarted alone stops what its last life left running; nobody answers for that life any more.
            SetNode(self with { Incarnation = incarnation, Probe = null });
            DropPending(node);
        }

        foreach (string name in MayRunHere(self))
        {
            GroupState group = state.Groups[name];
            if (!group.Frozen)
            {
                group = group with { ActiveOn = group.ActiveOn.Add(node) };
                // A script before a final action is not waited for: there will be none.
                bool mine = group.Pending is { Id.Operation: not ActionOperation.FinalScript } pending && pending.Node == node;
                SetGroup(DoomAll(group.Owner == node ? group : TakeOver(group, node)) with
                {
                    Pending = mine ? group.Pending : null,
                    Final = null,
                    StopTries = group.StopTries.Clear(),
                    StopAgain = null,
                    Stuck = Names.None,
                    Phase = GroupPhase.Stopping,
                    Reason = "this node has lost quorum",
                });
                Journal(JournalSeverity.Warning, "group.stop", $"Group '{name}' is stopped on {node}: the node has lost quorum.", node, name);
            }
        }

        return Finish();
    }

    /// <summary>What a node has by the record, and what it could not tell of while nothing else says where that is: a stop is always safe.</summary>
    private string[] MayRunHere(NodeState? self) => self is null
        ? []
        : [.. self.Groups.Union(self.Answers.Where(a => a.Value is { Answer: FoundAnswer.Unknown, Blocks: true } && state.Groups.ContainsKey(a.Key)).Select(a => a.Key))];

    public ClusterState RunInFull()
    {
        nodesDirty = true;
        DirtyAll();
        return Finish();
    }

    /// <summary>What looking at everything decides, or says, beyond what stands in the state; null: nothing.</summary>
    public string? FindsMore()
    {
        ClusterState before = state;
        nodesDirty = true;
        dirty.UnionWith(state.Groups.Keys);
        Settle();
        return Differs(before.Groups, state.Groups, g => $"group {g.Name} {g.Phase} to {g.Goal} on '{g.Owner}' with {g.Pending?.Id.Operation} because {g.Reason} waits for {g.Waits}")
            ?? Differs(before.Nodes, state.Nodes, n => $"node {n.Name} {n.Phase} with {n.Probe?.Id} because {n.Why}")
            ?? Differs(before.Fences, state.Fences, f => $"fencing of {f.Target} at {f.Method}.{f.Step} with {f.Pending?.Id}")
            ?? Differs(before.Operations, state.Operations, o => $"operation {o.Id} {o.Kind} {o.Target} {o.Phase}")
            ?? (journal.Count > 0 ? journal[0].Message : null)
            ?? (ReferenceEquals(before.Deadlines, state.Deadlines) ? null : $"{state.Deadlines.Except(before.Deadlines).First()} was not awaited");
    }

    private static string? Differs<T>(ImmutableSortedDictionary<string, T> before, ImmutableSortedDictionary<string, T> after, Func<T, string> words)
        where T : class
    {
        if (ReferenceEquals(before, after))
        {
            return null;
        }

        string name = before.Keys.Union(after.Keys).First(key => !ReferenceEquals(before.GetValueOrDefault(key), after.GetValueOrDefault(key)));
        string Of(T? value) => value is null ? $"no {name}" : words(value);
        return $"{Of(before.GetValueOrDefault(name))} becomes {Of(after.GetValueOrDefault(name))}";
    }

    private ClusterState Finish()
    {
        Settle();
        CallScripts();
        return state with
        {
            Journal = [.. journal],
            Touched = new Touched([.. touchedGroups], [.. touchedNodes], configurationTouched),
        };
    }

    private void Settle()
    {
        SettleRounds();
        while (state.Stop is not null && SettleStop())
        {
            SettleRounds();
        }

        EnsureClockDeadline();
    }

    private void SettleRounds()
    {
        for (int round = 0; nodesDirty || allDirty || restlessDirty || placesDirty || dirty.Count > 0; round++)
        {
            if (round == MaxRounds)
            {
                Unsettled(dirty.FirstOrDefault());
                return;
            }

            if (nodesDirty)
            {
                nodesDirty = false;
                SettleNodes();
                SettleFences();
            }

            if (allDirty)
            {
                allDirty = false;
                foreach (GroupState group in state.Groups.Values)
                {
                    if (!Rests(group))
                    {
                        dirty.Add(group.Name);
                    }
                }
            }

            if (restlessDirty)
            {
                restlessDirty = false;
                foreach (string name in state.Restless)
                {
                    Mark(name);
                }
            }

            if (dirty.Count == 0 && placesDirty)
            {
                // Last, when all else is decided: once, however many groups have found their places.
                placesDirty = false;
                foreach (string name in state.Waiting)
                {
                    if (GroupDependencies.Shares(state.Groups[name]))
                    {
                        dirty.Add(name);
                    }
                }
            }

            if (dirty.Count == 0)
            {
                continue;
            }

            string[] names = [.. dirty];
            dirty.Clear();
            foreach (string name in names)
            {
                SettleGroup(name);
                // A group that settled has had its say; what others change about it marks it again.
                dirty.Remove(name);
            }
        }
    }

    /// <summary>Whatever it is, the next event goes on with it; that it is a fault must not stay hidden.</summary>
    private void Unsettled(string? group) => Journal(
        JournalSeverity.Error, "daemon.unsettled",
        $"Decisions{(group is null ? "" : $" about group '{group}'")} did not come to rest after {MaxRounds} looks: a fault of ClusterTools. They go on with the next event; please report it, with this node's journal.",
        group: group);

    private void Ignore() => state = state with { Ignored = state.Ignored + 1 };

    private void Journal(
        JournalSeverity severity, string kind, string message, string? node = null, string? group = null, string? resource = null, string? who = null) =>
        journal.Add(new JournalEntry
        {
            Index = index,
            Time = state.Time,
            WallTime = wallTime,
            Severity = severity,
            Kind = kind,
            Message = PlainText.CutWords(PlainText.Escape(message), TextLimits.JournalMessage),
            Node = node,
            Group = group,
            Resource = resource,
            Who = who,
        });

    /// <summary>The one place where a group's state changes: keeps the indices by node, of work and of waiting groups true.</summary>
    private void SetGroup(GroupState next)
    {
        state.Groups.TryGetValue(next.Name, out GroupState? old);
        if (ReferenceEquals(old, next))
        {
            return;
        }

        if (old is null || old.Phase != next.Phase || old.Owner != next.Owner)
        {
            next = next with { Since = state.Time, SinceWall = wallTime };
            state = dated ? state : state with { Undated = true };
        }

        state = state with { Groups = state.Groups.SetItem(next.Name, next) };
        MoveIndices(old, next);
        touchedGroups.Add(next.Name);
        // What can't be moved does not keep a node from having been emptied, and of a frozen group nobody is asked.
        nodesDirty |= old is not null && (IsLeftInPlace(old) != IsLeftInPlace(next) || old.Frozen != next.Frozen);
        MarkAround(next.Name);
        if (old is not null && LetsGo(old) && !LetsGo(next))
        {
            LetGo(next.Name);
        }
    }

    /// <summary>An order to empty its node leaves it where it is.</summary>
    private static bool IsLeftInPlace(GroupState group) => group.Frozen || group.Phase == GroupPhase.Failed;

    private void RemoveGroup(GroupState old)
    {
        // The indices first: what they mark looks groups up, this one among them.
        MoveIndices(old, null);
        state = state with { Groups = state.Groups.Remove(old.Name) };
        foreach (NodeState node in state.Nodes.Values)
        {
            Forget(old.Name, node.Name);
        }

        touchedGroups.Add(old.Name);
        LetGo(old.Name);
    }

    private void MoveIndices(GroupState? old, GroupState? next)
    {
        string name = (next ?? old!).Name;
        bool wasExclusive = old?.Definition.Exclusive == true;
        bool isExclusive = next?.Definition.Exclusive == true;
        if (!ReferenceEquals(old?.ActiveOn, next?.ActiveOn) || wasExclusive != isExclusive)
        {
            foreach (string node in old?.ActiveOn ?? Names.None)
            {
                if (next?.ActiveOn.Contains(node) != true || wasExclusive != isExclusive)
                {
                    Unlist(node, name, wasExclusive);
                }
            }

            foreach (string node in next?.ActiveOn ?? Names.None)
            {
                if (old?.ActiveOn.Contains(node) != true || wasExclusive != isExclusive)
                {
                    List(node, name, isExclusive);
                }
            }
        }

        bool works = next?.Pending is not null;
        if (works != state.Working.Contains(name))
        {
            state = state with { Working = works ? state.Working.Add(name) : state.Working.Remove(name) };
        }

        bool waits = next is { Goal: GroupGoal.Run, Owner: null, Frozen: false } && next.Phase != GroupPhase.Failed;
        if (waits != state.Waiting.Contains(name))
        {
            state = state with { Waiting = waits ? state.Waiting.Add(name) : state.Waiting.Remove(name) };
        }

        bool follows = next?.Follows.IsEmpty == false;
        if (follows != state.Followers.Contains(name))
        {
            state = state with { Followers = follows ? state.Followers.Add(name) : state.Followers.Remove(name) };
        }

        bool restless = waits || follows || (next is { Pending: null } && (next.Frozen
            ? next.Unfreezing
            : next.Phase is GroupPhase.Starting or GroupPhase.Stopping or GroupPhase.Recovering
                || next.Waits is not null || next.OldDefinition is not null || next.FailbackTo is not null || next.ReturnTo is not null || next.Gathers || !next.Abandoned.IsEmpty
                || (next.Phase == GroupPhase.Started && (next.Asked is not null || next.Last is not null))));
        if (restless != state.Restless.Contains(name))
        {
            state = state with { Restless = restless ? state.Restless.Add(name) : state.Restless.Remove(name) };
        }
    }

    private void List(string node, string group, bool exclusive)
    {
        placesDirty = true;
        if (state.Nodes.TryGetValue(node, out NodeState? at))
        {
            SetNode(at with { Groups = at.Groups.Add(group), ExclusiveGroups = at.ExclusiveGroups + (exclusive ? 1 : 0) }, settle: false);
        }
    }

    private void Unlist(string node, string group, bool exclusive)
    {
        placesDirty = true;
        if (!state.Nodes.TryGetValue(node, out NodeState? at) || !at.Groups.Contains(group))
        {
            return;
        }

        SetNode(at with { Groups = at.Groups.Remove(group), ExclusiveGroups = at.ExclusiveGroups - (exclusive ? 1 : 0) }, settle: at.Drain != DrainGoal.None);
    }

    private void SetNode(NodeState next, bool settle = true)
    {
        if (state.Nodes.TryGetValue(next.Name, out NodeState? old) && ReferenceEquals(old, next))
        {
            return;
        }

        state = state with { Nodes = state.Nodes.SetItem(next.Name, next) };
        if (old is null || Shown(old) != Shown(next))
        {
            DirtyAround(next);
        }

        lagging = null;
        if (!ReferenceEquals(old?.Answers, next.Answers))
        {
            doubtful = null;
        }

        touchedNodes.Add(next.Name);
        nodesDirty |= settle;
    }

    /// <summary>What groups look at in a node, and name in their words; of its groups only whether there is one, or another one.</summary>
    private static (NodePhase Phase, bool Member, long Incarnation, long Probed, DrainGoal Drain, bool Away, int Groups, int Exclusive) Shown(NodeState node) =>
        (node.Phase, node.Member, node.Incarnation, node.ProbedVersion, node.Drain, node.MaintenanceUntil is not null, Math.Min(node.Groups.Count, 2), node.ExclusiveGroups);

    /// <summary>From now on nodes owe the answer to this probe demand; what was known of who owes one is out of date.</summary>
    private void DemandProbes(long counter)
    {
        state = state with { ProbeCounter = counter };
        lagging = null;
        nodesDirty = true;
    }

    private void SetFence(FenceState fence)
    {
        state = state with { Fences = state.Fences.SetItem(fence.Target, fence) };
        touchedNodes.Add(fence.Target);
        nodesDirty = true;
    }

    private void RemoveFence(string target)
    {
        state = state with { Fences = state.Fences.Remove(target) };
        touchedNodes.Add(target);
        nodesDirty = true;
    }

    private void DirtyAll() => allDirty = true;

    /// <summary>Groups that a change of one node can concern: those on it with what needs something of them, and those that are not at rest.</summary>
    private void DirtyAround(NodeState node)
    {
        restlessDirty = true;
        foreach (string group in node.Groups)
        {
            Mark(group);
            foreach (string other in GroupDependencies.Dependents(Configuration, group))
            {
                Mark(other);
            }
        }
    }

    /// <summary>The group is looked at again, and those that something about it concerns.</summary>
    private void MarkAround(string name)
    {
        Mark(name);
        foreach (string related in GroupDependencies.Related(Configuration, name))
        {
            Mark(related);
        }
    }

    /// <summary>The group is looked at again. What one that waits waits for, those behind it wait for, too.</summary>
    private void Mark(string name)
    {
        if (!dirty.Add(name) || !state.Waiting.Contains(name))
        {
            return;
        }

        // No recursion: a chain may be as long as the configuration.
        var waiting = new Stack<string>([name]);
        while (waiting.TryPop(out string? next))
        {
            foreach (string behind in GroupDependencies.Related(Configuration, next))
            {
                if (dirty.Add(behind) && state.Waiting.Contains(behind))
                {
                    waiting.Push(behind);
                }
            }
        }
    }

    private void At(long time, DeadlineKind kind, string key) =>
        state = state with { Deadlines = state.Deadlines.Add(new Deadline(time, kind, key)) };

    private void DueDeadlines()
    {
        while (!state.Deadlines.IsEmpty && state.Deadlines.Min.At <= state.Time)
        {
            Deadline due = state.Deadlines.Min;
            state = state with { Deadlines = state.Deadlines.Remove(due) };
            if (due.Kind == DeadlineKind.Group)
            {
                Mark(due.Key);
            }
            else if (due.Kind is DeadlineKind.Node or DeadlineKind.Fence)
            {
                nodesDirty = true;
            }
            else if (due.Kind == DeadlineKind.EventScript)
            {
                ScriptDue(due.Key);
            }
        }
    }

    private void EnsureClockDeadline()
    {
        if (state.Configuration.Version > 0 && state.Quorum == Quorum.Quorate && state.ClockDue <= state.Time)
        {
            state = state with { ClockDue = state.Time + Cluster.ClockInterval };
            At(state.ClockDue, DeadlineKind.Clock, "");
        }
    }

    // A view carries no time: the loss, the fencing and the groups' states it led to are dated by the first event after it that does.
    private void StampLosses(ClusterEvent first)
    {
        if (!state.Undated)
        {
            return;
        }

        state = state with { Undated = false };
        foreach (NodeState node in state.Nodes.Values)
        {
            if (node is { Phase: NodePhase.Lost, LostAt: null })
            {
                SetNode(node with { LostAt = state.Time });
            }
        }

        foreach (GroupState group in state.Groups.Values)
        {
            if (group.SinceWall == 0)
            {
                state = state with { Groups = state.Groups.SetItem(group.Name, group with { Since = state.Time, SinceWall = wallTime }) };
            }
        }

        foreach (FenceState fence in state.Fences.Values)
        {
            if (fence.Undated)
            {
                // Where that is the device's answer, the call has taken its time already.
                long took = first is FenceCompleted answer && answer.Id == fence.Pending?.Id ? Math.Clamp(answer.Took, 0, state.Time - fence.Since) : 0;
                SetFence(fence with { Undated = false, Since = state.Time - took });
            }
        }
    }
}
