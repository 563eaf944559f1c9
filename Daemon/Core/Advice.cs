using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>
/// What to do about a refusal, as sentences. What is advised is not refused itself in the state in which it is advised, and leads on: who
/// follows it does not come back to where he was.
/// </summary>
internal static class Advice
{
    /// <summary>Why a node can't be fenced now; null: it can.</summary>
    public static string? WhyNotFenced(ClusterState state, string node) =>
        state.Fences.ContainsKey(node) ? "it is being fenced already"
        : state.Disarmed is not null ? "the cluster is disarmed"
        : Watchdogs.WhyUnfenced(state, state.Configuration, node) is { } none ? none
        : !state.Members.Keys.Any(m => m != node) ? "no other member is there to do it"
        : null;

    /// <summary>How to take a node out that is alive.</summary>
    public static string CutOff(ClusterState state, string node) =>
        state.Fences.ContainsKey(node) ? "It is being fenced; Get-ClusterFenceHistory shows what came of it."
        : WhyNotFenced(
            state, node) is { } why ? $"It can't be fenced ({why}): switch it off by hand; when it is lost, run "
                + $"Confirm-ClusterNodeDown {node}."
        : $"Use Invoke-FenceNode {node} to cut it off.";

    /// <summary>What to do with a node that can't be fenced.</summary>
    public static string WithoutFencing(NodeState node) => node.Member
        ? "Or switch it off by hand."
        : $"Or make sure that it is dead, and run Confirm-ClusterNodeDown {node.Name}.";

    /// <summary>What ends the fencing of a node that nothing can prove dead; empty: it goes on its way.</summary>
    public static string Unreachable(NodeState node) => node.Phase == NodePhase.LeftCluster
        ? $"Or make sure that it is dead, and run Confirm-ClusterNodeDown {node.Name}."
        : "";

    /// <summary>What makes a node take groups.</summary>
    public static string Place(NodeState node) => node switch
    {
        { Member: true, Phase: NodePhase.Online } and ({ Paused: true } or { KeptOut: true })
            or { Member: true, Phase: NodePhase.Maintenance or NodePhase.Draining } =>
            $"Run Resume-ClusterNode {node.Name} first, or name another node.",
        { Member: true, Phase: NodePhase.Joining } => "It has joined only now: ask again in a moment, or name another node.",
        _ => "Bring it back first, or name another node.",
    };

    /// <summary>What brings a group to a node, or up, that is not Started.</summary>
    public static string Start(GroupState group, string? node) => group is { Goal: GroupGoal.Run, Owner: not null }
        ? $"Wait until it is, or run Stop-ClusterGroup {group.Name} and then Start-ClusterGroup "
            + $"{group.Name}{(node is null ? "" : $" -Node {node}")}."
        : group is { Goal: GroupGoal.Run } && group.Why is var waits && waits != Cause.None ? $"It starts as soon as it can: {waits}."
        : $"Start it with Start-ClusterGroup {group.Name}{(node is null ? "" : $" -Node {node}")}.";

    /// <summary>What makes a node one that can be resumed, paused or sent into maintenance.</summary>
    public static string TakePart(NodeState node) => node switch
    {
        { Member: true, Phase: NodePhase.Online, Paused: false } => "It takes groups already.",
        { Member: true, Phase: NodePhase.Maintenance or NodePhase.Draining } => $"Run Resume-ClusterNode {node.Name} first.",
        { Member: true, Phase: NodePhase.Joining } => "It has joined only now: ask again in a moment.",
        { Phase: NodePhase.Fencing } => "It is being fenced; Get-ClusterFenceHistory shows what came of it.",
        _ => "It takes part again when its machine and its daemon are up.",
    };
}
