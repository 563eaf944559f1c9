using System.Collections.Immutable;
using System.Text.Json.Serialization;
using ClusterTools.Core.Configuration;
using ClusterTools.Voting;

namespace ClusterTools.Core;

/// <summary>Everything the cluster knows, as one immutable value; changed by <c>Cluster.Apply</c> alone.</summary>
public sealed record ClusterState
{
    /// <summary>Before the first event.</summary>
    public static ClusterState Empty { get; } = new();

    /// <summary>
    /// The rules of Apply and Plan in force. It is raised by <see cref="LevelRequest"/> alone: what the program at hand knows decides
    /// nothing.
    /// </summary>
    public int FunctionalLevel { get; init; } = Cluster.FirstLevel;

    /// <summary>Opened by the present view.</summary>
    public long Epoch { get; init; }

    /// <summary>Index of the last event applied.</summary>
    public long Index { get; init; }

    /// <summary>Cluster time in milliseconds: never falls, and jumps at most <see cref="Cluster.MaxTimeJump"/> an event.</summary>
    public long Time { get; init; }

    /// <summary>Whether work may go on.</summary>
    public Quorum Quorum { get; init; } = Quorum.None;

    /// <summary>Set on the private copy that a node without quorum works with: the one node whose groups are stopped.</summary>
    public string? StopOnly { get; init; }

    /// <summary>The whole cluster is being stopped; null: it is not.</summary>
    public ClusterStop? Stop { get; init; }

    /// <summary>Nothing is fenced, recovered, started by itself or reset; null: it is armed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Disarmament? Disarmed { get; init; }

    /// <summary>Members of the present view: node name to incarnation.</summary>
    public ImmutableSortedDictionary<string, long> Members { get; init; } = ClusterConfiguration.Sorted<long>();

    /// <summary>
    /// Nodes that do not count towards quorum, on either side, until they are members again: an epoch was opened without them.
    /// </summary>
    public ImmutableSortedSet<string> Superseded { get; init; } = Names.None;

    /// <summary>What counts beside the nodes, as the engine said with the present view.</summary>
    public QuorumDevice Device { get; init; }

    /// <summary>The configuration in force; version 0 before there is one.</summary>
    public ClusterConfiguration Configuration { get; init; } = new() { Name = "", Version = 0 };

    /// <summary>By node name; every configured node.</summary>
    public ImmutableSortedDictionary<string, NodeState> Nodes { get; init; } = ClusterConfiguration.Sorted<NodeState>();

    /// <summary>By group name; every configured group, and removed ones until they are stopped.</summary>
    public ImmutableSortedDictionary<string, GroupState> Groups { get; init; } = ClusterConfiguration.Sorted<GroupState>();

    /// <summary>Fencing under way, by the node fenced.</summary>
    public ImmutableSortedDictionary<string, FenceState> Fences { get; init; } = ClusterConfiguration.Sorted<FenceState>();

    /// <summary>Finished fencing, newest last; at most <see cref="Cluster.MaxFenceHistory"/>.</summary>
    public ImmutableList<FenceRecord> FenceHistory { get; init; } = [];

    /// <summary>What was asked for, by request id: a request is applied once, however often it is sent.</summary>
    public ImmutableSortedDictionary<string, OperationState> Operations { get; init; } = ClusterConfiguration.Sorted<OperationState>();

    /// <summary>Request ids in order of arrival, oldest first; at most <see cref="Cluster.MaxOperations"/>.</summary>
    public ImmutableQueue<string> OperationOrder { get; init; } = [];

    /// <summary>Configurations in force that are not carried out on every group yet, by request id.</summary>
    public ImmutableSortedDictionary<string, RolloutState> Rollouts { get; init; } = ClusterConfiguration.Sorted<RolloutState>();

    /// <summary>Small documents kept for runbooks, by name; at most <see cref="Cluster.MaxRunbooks"/>.</summary>
    public ImmutableSortedDictionary<string, RunbookState> Runbooks { get; init; } = ClusterConfiguration.Sorted<RunbookState>();

    /// <summary>What event scripts are to be told and asked, by script name; those that were ever called for.</summary>
    public ImmutableSortedDictionary<string, EventScriptState> EventScripts { get; init; } =
        ClusterConfiguration.Sorted<EventScriptState>();

    /// <summary>Groups with a recorded action that has not been answered: what Plan looks at.</summary>
    public ImmutableSortedSet<string> Working { get; init; } = Names.None;

    /// <summary>Groups that should run and have no owner.</summary>
    public ImmutableSortedSet<string> Waiting { get; init; } = Names.None;

    /// <summary>Groups that wait for something other than an answer: a change anywhere may let them go on.</summary>
    public ImmutableSortedSet<string> Restless { get; init; } = Names.None;

    /// <summary>Groups that wait for others to let go of what is theirs now; see <see cref="GroupState.Follows"/>.</summary>
    public ImmutableSortedSet<string> Followers { get; init; } = Names.None;

    /// <summary>When something becomes due, earliest first, in cluster time.</summary>
    public ImmutableSortedSet<Deadline> Deadlines { get; init; } = [];

    /// <summary>Cluster time by which the clock must be moved on.</summary>
    public long ClockDue { get; init; }

    /// <summary>A node was lost whose loss has no time yet.</summary>
    public bool Undated { get; init; }

    /// <summary>Version of the configuration in force when the cluster formed.</summary>
    public long FormedVersion { get; init; }

    /// <summary>Counts the demands for probes; see <see cref="GroupState.ProbeVersion"/>.</summary>
    public long ProbeCounter { get; init; }

    /// <summary>Events that did not fit the state and were ignored.</summary>
    public long Ignored { get; init; }

    /// <summary>What the last event caused, in words; not part of the state that is kept.</summary>
    [JsonIgnore]
    public ImmutableList<JournalEntry> Journal { get; init; } = [];

    /// <summary>What the last event touched; not part of the state that is kept.</summary>
    [JsonIgnore]
    public Touched Touched { get; init; } = Touched.Nothing;
}
