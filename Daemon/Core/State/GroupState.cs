using System.Collections.Immutable;
using System.Text.Json.Serialization;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

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

    /// <summary>
    /// Groups that a change of configuration took resources from which are this one's now: it starts when theirs have stopped.
    /// </summary>
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

    /// <summary>It is a guest that is moving, or that was when its node was lost; null: it is not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MigrationState? Migration { get; init; }

    /// <summary>It is a guest, and its host has said what it is; null: none has.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public GuestFacts? Facts { get; init; }

    /// <summary>What came of its last migration; null: there was none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MigrationOutcome? LastMigration { get; init; }

    /// <summary>Nodes to which it could not be moved since it came where it is.</summary>
    public ImmutableSortedSet<string> Unmoved { get; init; } = Names.None;

    /// <summary>
    /// The node that somebody else has moved it off: it is nowhere in this cluster unless a node says that it has it. Null: nobody has.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? MovedFrom { get; init; }

    /// <summary>A guest that is nowhere by the record, and no host was asked for it since.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsUnasked { get; init; }

    /// <summary>What has failed of it last; null: nothing that is not past.</summary>
    public GroupFailure? Failure { get; init; }

    /// <summary>Request id of the operation under way.</summary>
    public string? Operation { get; init; }

    /// <summary>What was decided about it last, and why.</summary>
    public Cause Reason { get; init; } = Cause.None;

    /// <summary>What must become known before anything more is done with it; null: nothing.</summary>
    public Cause? Waits { get; init; }

    /// <summary>Why it is as it is: what it waits for, else the reason of the last decision.</summary>
    [JsonIgnore]
    public Cause Why => Waits ?? Reason;

    /// <summary>
    /// It runs by the word of its node or by the record, and something is not known that would make it sure: <see cref="Waits"/>.
    /// </summary>
    public bool IsUnconfirmed => Phase == GroupPhase.Started && Waits is not null;
}
