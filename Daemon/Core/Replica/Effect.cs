using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>
/// Something that a node must do now. It carries all that is needed for it: the state that others see may still be the one before.
/// </summary>
public abstract record Effect;

/// <summary>Propose an event to the engine. Answers to actions that fail are reported to <see cref="Replica.OnProposalFailed"/>.</summary>
public sealed record Propose(ClusterEvent Event) : Effect;

/// <summary>
/// Start or stop a resource, or run the script before its final action, after whatever runs of the same group, and answer with
/// <see cref="ActionCompleted"/>.
/// </summary>
/// <param name="Action">What is asked.</param>
/// <param name="Final">The final action that the group is about to take; null: none.</param>
public sealed record RunResource(ResourceAction Action, FinalAction? Final) : Effect;

/// <summary>Probe resources, each group after whatever runs of it, and answer with <see cref="Probed"/>.</summary>
public sealed record RunProbe(ProbeNodeAction Action, ImmutableArray<ProbedGroup> Groups) : Effect;

/// <summary>A group to be probed.</summary>
public sealed record ProbedGroup(string Name, ImmutableArray<ResourceConfiguration> Resources);

/// <summary>Call a fence device and answer with <see cref="FenceCompleted"/>.</summary>
/// <param name="Action">What is asked.</param>
/// <param name="Device">Of whom, as the state that asks for it has it; null: it is not configured any more.</param>
/// <param name="Timeout">In milliseconds.</param>
/// <param name="Quorum">Of the state that asks for it.</param>
public sealed record RunFence(FenceDeviceAction Action, FenceDevice? Device, int Timeout, Quorum Quorum) : Effect;

/// <summary>Call an event script and answer with <see cref="EventScriptCompleted"/>.</summary>
/// <param name="Action">What is asked.</param>
/// <param name="State">The state that asks it, as the script is told of it.</param>
public sealed record RunEventScript(EventScriptAction Action, ClusterState State) : Effect;

/// <summary>From now on check these resources at their intervals; none: stop checking the group.</summary>
public sealed record MonitorGroup(string Group, ImmutableArray<ResourceConfiguration> Resources) : Effect;

/// <summary>Say in this node's journal how long a life of another, missing from the view, has been silent by its own clock.</summary>
public sealed record TellSilence(string Node, long Incarnation) : Effect;

/// <summary>These nodes must not be readmitted.</summary>
public sealed record BarNodes(ImmutableSortedSet<string> Nodes) : Effect;

/// <summary>
/// Ask the engine to open an epoch; this event is its first entry: the proof that the peer is off, or a <see cref="Tick"/> when the peer
/// was empty and needs none.
/// </summary>
public sealed record OpenEpoch(ClusterEvent First) : Effect;

/// <summary>A configuration came into force: timing, agents.</summary>
public sealed record ConfigurationInForce(ClusterConfiguration Configuration) : Effect;

/// <summary>Tell the engine to count by the votes of this configuration; one member does it for all.</summary>
public sealed record ChangeVotes(ClusterConfiguration Configuration) : Effect;

/// <summary>The cluster has no configuration yet: propose the one this node was made with.</summary>
public sealed record NeedConfiguration : Effect;

/// <summary>Decisions for the journal.</summary>
public sealed record Journalled(ImmutableList<JournalEntry> Entries) : Effect;

/// <summary>Reset this machine at once: what runs here can't be stopped otherwise.</summary>
public sealed record ResetSelf(string Reason) : Effect;

/// <summary>
/// Leave the cluster and end the daemon. For maintenance as soon as nothing is under way here; it is said again with each event until then.
/// </summary>
public sealed record LeaveCluster(LeaveCause Cause) : Effect;

/// <summary>Why a node may leave.</summary>
public enum LeaveCause
{
    /// <summary>That it has left, without groups, is committed.</summary>
    Left,

    /// <summary>That it is away for planned maintenance is committed, and nothing is asked of it any more.</summary>
    Maintenance,
}

/// <summary>An expelled node has stopped everything: its daemon may end and join in a new life.</summary>
public sealed record StoppedAll : Effect;
