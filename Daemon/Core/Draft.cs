using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>The working copy while one event is folded in: the state, what is to be looked at again, and what is journalled.</summary>
internal sealed class Draft
{
    private readonly List<JournalEntry> journal = [];
    private readonly SortedSet<string> touchedGroups = new(StringComparer.Ordinal);
    private readonly List<string> datedGroups = [];
    private readonly SortedSet<string> touchedNodes = new(StringComparer.Ordinal);
    private List<NodeState>? lagging;
    private List<string>? doubtful;

    public Draft(ClusterState state, long epoch, long index)
    {
        Index = index;
        State = state with { Epoch = epoch, Index = index };
    }

    public ClusterState State { get; set; }

    /// <summary>Of the event that is folded in.</summary>
    public long Index { get; }

    /// <summary>By the proposer's clock; 0 for what carries no time.</summary>
    public long WallTime { get; set; }

    /// <summary>The event carries a time; a view does not, and what it leads to is dated by the next event.</summary>
    public bool Dated { get; set; } = true;

    public bool ConfigurationTouched { get; set; }

    /// <summary>What is to be looked at again before the state is settled.</summary>
    public Marks Marks { get; } = new();

    /// <summary>Groups that the event has changed so far.</summary>
    public IReadOnlySet<string> TouchedGroups => touchedGroups;

    public IReadOnlyList<JournalEntry> Journalled => journal;

    public ClusterConfiguration Configuration => State.Configuration;

    // Negative where nothing is committed, so that no private action shares an id with a committed one.
    public long IdEpoch => State.Quorum == Quorum.Quorate ? State.Epoch : -State.Epoch;

    /// <summary>The state with what the event has caused.</summary>
    public ClusterState Done() => State with
    {
        Journal = [.. journal],
        Touched = new Touched([.. touchedGroups.Union(datedGroups)], [.. touchedNodes], ConfigurationTouched),
    };

    /// <summary>The event does not fit the state.</summary>
    public void Ignore() => State = State with { Ignored = State.Ignored + 1 };

    public void Journal(
        JournalSeverity severity,
        JournalKind kind,
        string message,
        string? node = null,
        string? group = null,
        string? resource = null,
        string? who = null) =>
        journal.Add(new JournalEntry
        {
            Index = Index,
            Time = State.Time,
            WallTime = WallTime,
            Severity = severity,
            Kind = kind.Word,
            Message = PlainText.CutWords(PlainText.Escape(message), TextLimits.JournalMessage),
            Node = node,
            Group = group,
            Resource = resource,
            Who = who,
        });

    /// <summary>Something is to be looked at again at a cluster time.</summary>
    public void At(long time, DeadlineKind kind, string key) =>
        State = State with { Deadlines = State.Deadlines.Add(new Deadline(time, kind, key)) };

    /// <summary>The one place where a group's state changes: keeps the indices by node, of work and of waiting groups true.</summary>
    public void SetGroup(GroupState next)
    {
        State.Groups.TryGetValue(next.Name, out GroupState? old);
        if (ReferenceEquals(old, next))
        {
            return;
        }

        if (old is null || old.Phase != next.Phase || old.Owner != next.Owner)
        {
            next = next with { Since = State.Time, SinceWall = WallTime };
            State = Dated ? State : State with { Undated = true };
        }

        State = State with { Groups = State.Groups.SetItem(next.Name, next) };
        MoveIndices(old, next);
        touchedGroups.Add(next.Name);
        // What can't be moved does not keep a node from having been emptied, and of a frozen group nobody is asked.
        Marks.Nodes |= old is not null && (Draining.IsLeftInPlace(old) != Draining.IsLeftInPlace(next) || old.Frozen != next.Frozen);
        MarkAround(next.Name);
        if (old is not null && (old.Phase != next.Phase || old.Goal != next.Goal))
        {
            MarkBehind(next.Name);
            // Where a set goes depends on who of it is to run.
            Marks.Places |= GroupDependencies.Together(Configuration, next.Name).Count > 0;
        }

        if (old is not null && Handover.LetsGo(old) && !Handover.LetsGo(next))
        {
            Handover.LetGo(this, next.Name);
        }
    }

    /// <summary>The group is as it is since now; nothing is decided by that.</summary>
    public void Date(GroupState group)
    {
        State = State with { Groups = State.Groups.SetItem(group.Name, group with { Since = State.Time, SinceWall = WallTime }) };
        datedGroups.Add(group.Name);
    }

    public void RemoveGroup(GroupState old)
    {
        // The indices first: what they mark looks groups up, this one among them.
        MoveIndices(old, null);
        State = State with { Groups = State.Groups.Remove(old.Name) };
        foreach (NodeState node in State.Nodes.Values)
        {
            UnknownAnswers.Forget(this, old.Name, node.Name);
        }

        touchedGroups.Add(old.Name);
        Handover.LetGo(this, old.Name);
    }

    /// <param name="next">The node as it is now.</param>
    /// <param name="settle">Whether something about nodes may have to be decided for it.</param>
    public void SetNode(NodeState next, bool settle = true)
    {
        if (State.Nodes.TryGetValue(next.Name, out NodeState? old) && ReferenceEquals(old, next))
        {
            return;
        }

        State = State with { Nodes = State.Nodes.SetItem(next.Name, next) };
        if (old is null || Shown(old) != Shown(next))
        {
            MarkAround(next);
        }

        lagging = null;
        if (!ReferenceEquals(old?.Answers, next.Answers))
        {
            doubtful = null;
        }

        touchedNodes.Add(next.Name);
        Marks.Nodes |= settle;
    }

    public void RemoveNode(string name)
    {
        State = State with { Nodes = State.Nodes.Remove(name) };
        doubtful = null;
        touchedNodes.Add(name);
    }

    public void SetFence(FenceState fence)
    {
        State = State with { Fences = State.Fences.SetItem(fence.Target, fence) };
        touchedNodes.Add(fence.Target);
        Marks.Nodes = true;
    }

    public void RemoveFence(string target)
    {
        State = State with { Fences = State.Fences.Remove(target) };
        touchedNodes.Add(target);
        Marks.Nodes = true;
    }

    public void SetScript(EventScriptState script) =>
        State = State with { EventScripts = State.EventScripts.SetItem(script.Name, script) };

    /// <summary>From now on nodes owe the answer to this probe demand; what was known of who owes one is out of date.</summary>
    public void DemandProbes(long counter)
    {
        State = State with { ProbeCounter = counter };
        lagging = null;
        Marks.Nodes = true;
    }

    /// <summary>Nodes that owe an answer to some probe; mostly none.</summary>
    public List<NodeState> Lagging() =>
        lagging ??= [.. State.Nodes.Values.Where(n => n.ProbedVersion < State.ProbeCounter && !n.ProvenDown)];

    /// <summary>Nodes with an unknown answer to some group; mostly none.</summary>
    public List<string> Doubtful() =>
        doubtful ??= [.. State.Nodes.Values.Where(n => n.Answers.Values.Any(a => a.Answer == FoundAnswer.Unknown)).Select(n => n.Name)];

    public void MarkNodes() => Marks.Nodes = true;

    public void MarkAll() => Marks.All = true;

    /// <summary>The group is looked at again. What one that waits waits for, those behind it wait for, too.</summary>
    public void Mark(string name)
    {
        if (!Marks.Groups.Add(name) || !State.Waiting.Contains(name))
        {
            return;
        }

        // No recursion: a chain may be as long as the configuration.
        var waiting = new Stack<string>([name]);
        while (waiting.TryPop(out string? next))
        {
            foreach (string behind in GroupDependencies.Related(Configuration, next))
            {
                if (Marks.Groups.Add(behind) && State.Waiting.Contains(behind))
                {
                    waiting.Push(behind);
                }
            }
        }
    }

    /// <summary>The group is looked at again, and those that something about it concerns.</summary>
    public void MarkAround(string name)
    {
        Mark(name);
        foreach (string related in GroupDependencies.Related(Configuration, name))
        {
            Mark(related);
        }

        foreach (string needed in GroupDependencies.NeedsStill(State, name))
        {
            Mark(needed);
        }
    }

    /// <summary>What needs the group, if only through others, is looked at again: it stops at once where it can't get that back.</summary>
    private void MarkBehind(string name)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { name };
        var behind = new Stack<string>(seen);
        while (behind.TryPop(out string? next))
        {
            foreach (string other in GroupDependencies.Dependents(Configuration, next).Where(seen.Add))
            {
                Mark(other);
                behind.Push(other);
            }
        }
    }

    /// <summary>
    /// Groups that a change of one node can concern: those on it with what needs something of them, and those that are not at rest.
    /// </summary>
    private void MarkAround(NodeState node)
    {
        Marks.Restless = true;
        foreach (string group in node.Groups)
        {
            Mark(group);
            foreach (string other in GroupDependencies.Dependents(Configuration, group))
            {
                Mark(other);
            }
        }
    }

    private void MoveIndices(GroupState? old, GroupState? next)
    {
        foreach (ListedGroup change in GroupIndices.OnNodes(old, next))
        {
            Marks.Places = true;
            if (State.Nodes.TryGetValue(change.Node, out NodeState? at))
            {
                SetNode(change.In(at), settle: !change.Listed && at.Drain.Goal != DrainGoal.None);
            }
        }

        State = GroupIndices.Moved(State, old, next);
    }

    /// <summary>What groups look at in a node, and name in their words; of its groups only whether there is one, or another one.</summary>
    private static (NodePhase, bool Member, long Life, long Probed, DrainGoal, bool Away, int Groups, int Exclusive) Shown(
        NodeState node) =>
        (node.Phase, node.Member, node.Incarnation, node.ProbedVersion, node.Drain.Goal, node.MaintenanceUntil is not null,
            Math.Min(node.Groups.Count, 2), node.ExclusiveGroups);
}
