using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>FEATURES B7.</summary>
public enum GroupPhase
{
    Stopped,
    Starting,
    Started,
    Stopping,
    Recovering,

    /// <summary>A stop failed: only disable is allowed, after the operator has confirmed that its resources are released.</summary>
    Failed,

    /// <summary>Until enabled, or until quorum is lost and autostart is judged anew.</summary>
    Disabled,
    Migrating,
}

public enum GroupGoal
{
    /// <summary>Run where the rules say.</summary>
    Run,

    /// <summary>Stay stopped until enabled, or until the membership changes.</summary>
    Stop,

    /// <summary>Stay stopped until enabled, or until quorum is lost.</summary>
    Disable,

    /// <summary>Stop and be forgotten: it is no longer configured.</summary>
    Remove,
}

public enum ResourcePhase
{
    Running,

    /// <summary>Must be stopped before anything else: failed, in doubt, changed, or its group is stopping.</summary>
    Doomed,
}

/// <summary>A group as the cluster sees it.</summary>
public sealed record GroupState
{
    public required string Name { get; init; }

    /// <summary>What is to run.</summary>
    public required GroupConfiguration Definition { get; init; }

    /// <summary>What runs still, while a changed configuration has not been carried out.</summary>
    public GroupConfiguration? OldDefinition { get; init; }

    public required GroupPhase Phase { get; init; }

    public required GroupGoal Goal { get; init; }

    /// <summary>No status checks, no start, no stop, no failover.</summary>
    public bool Frozen { get; init; }

    /// <summary>Unfreezing was asked for and waits until the owner has rejoined.</summary>
    public bool Unfreezing { get; init; }

    /// <summary>Nodes on which something of it may be active: from the recorded start until a stop or probe, or proof of death.</summary>
    public ImmutableSortedSet<string> ActiveOn { get; init; } = Names.None;

    /// <summary>The node that <see cref="Instance"/> speaks of; always one of <see cref="ActiveOn"/>.</summary>
    public string? Owner { get; init; }

    /// <summary>The owner's life.</summary>
    public long OwnerIncarnation { get; init; }

    /// <summary>Groups that a change of configuration took resources from which are this one's now: it starts when theirs have stopped.</summary>
    public ImmutableSortedSet<string> Follows { get; init; } = Names.None;

    /// <summary>What is known of it on <see cref="Owner"/>.</summary>
    public InstanceState Instance { get; init; } = InstanceState.None;

    /// <summary>What is wished of its place.</summary>
    public PlacementOrder Order { get; init; } = PlacementOrder.None;

    /// <summary>How often it has failed.</summary>
    public RecoveryState Recovery { get; init; } = RecoveryState.None;

    /// <summary>The recorded action that has not been answered.</summary>
    public PendingAction? Pending { get; init; }

    /// <summary>No start before every node that could run it has answered this probe demand.</summary>
    public long ProbeVersion { get; init; }

    /// <summary>Cluster time since when it has been in this phase on this node.</summary>
    public long Since { get; init; }

    /// <summary>The same in milliseconds since 1970-01-01 UTC, for people; 0: not known yet.</summary>
    public long SinceWall { get; init; }

    /// <summary>Who asked for what is done with it; null: the cluster decided by itself.</summary>
    public string? By { get; init; }

    /// <summary>How it came where it was placed last; null: it never was.</summary>
    public GroupMove? LastMove { get; init; }

    /// <summary>What has failed of it last; null: nothing that is not past.</summary>
    public GroupFailure? Failure { get; init; }

    /// <summary>Request id of the operation under way.</summary>
    public string? Operation { get; init; }

    /// <summary>What was decided about it last, and why, in words.</summary>
    public string Reason { get; init; } = "";

    /// <summary>What must become known before anything more is done with it, in words; null: nothing.</summary>
    public string? Waits { get; init; }

    /// <summary>Why it is as it is, in words: what it waits for, else the reason of the last decision.</summary>
    public string Why => Waits ?? Reason;

    /// <summary>It runs by the word of its node or by the record, and something is not known that would make it sure: <see cref="Waits"/>.</summary>
    public bool IsUnconfirmed => Phase == GroupPhase.Started && Waits is not null;
}

public enum ActionOperation
{
    Probe,

    /// <summary>A node is asked again for groups of which it could not tell.</summary>
    Ask,
    Start,
    Stop,

    /// <summary>The script before a final action.</summary>
    FinalScript,
    FenceOff,
    FenceOn,

    /// <summary>An event script is called.</summary>
    EventScript,
}

/// <summary>Identity of an action; never used twice.</summary>
/// <param name="Epoch">Epoch of the event that recorded it.</param>
/// <param name="Index">Index of that event.</param>
/// <param name="Incarnation">Life of the node that carries it out.</param>
/// <param name="Target">The group for resource actions, the node for probes and fences.</param>
/// <param name="Resource">The resource, or the fence device.</param>
/// <param name="Operation">What is done.</param>
/// <param name="Attempt">Counts repetitions.</param>
public sealed record ActionId(long Epoch, long Index, long Incarnation, string Target, string Resource, ActionOperation Operation, int Attempt)
{
    /// <summary>Of what tells actions apart at once: many are recorded by one event, few for one target.</summary>
    public override int GetHashCode() => HashCode.Combine(Index, Target);

    public override string ToString() => $"{Epoch}.{Index}.{Incarnation}/{Target}/{Resource}/{Operation}/{Attempt}";
}

/// <summary>Failures of a started group in a row, without a quiet time between them.</summary>
/// <param name="Count">How many.</param>
/// <param name="Since">Cluster time of the first.</param>
/// <param name="Last">Cluster time of the last.</param>
public sealed record FailureRun(int Count, long Since, long Last)
{
    /// <summary>The failures of a group that still count at a time: none, when it has been quiet for long enough since.</summary>
    public static FailureRun? Of(GroupState group, long time)
    {
        ArgumentNullException.ThrowIfNull(group);
        return group.Recovery.Failures is { } run && time - run.Last <= group.Definition.FailureQuietTime * 1000L ? run : null;
    }
}

/// <summary>A final action that was decided and is not carried out yet (FEATURES B12).</summary>
/// <param name="Resource">Whose start or stop has failed for good.</param>
/// <param name="Action">What is done.</param>
/// <param name="AfterStop">A stop has failed; otherwise a start.</param>
/// <param name="Scripted">The script before it has been asked for, or there is none.</param>
public sealed record FinalDecision(string Resource, FinalAction Action, bool AfterStop, bool Scripted);

/// <summary>A recorded resource action.</summary>
/// <param name="Id">Of the action.</param>
/// <param name="Node">Who carries it out.</param>
/// <param name="Resource">What it is done to.</param>
public sealed record PendingAction(ActionId Id, string Node, string Resource);
