using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>Who was emptied or switched off on request, and is left alone (FEATURES C8).</summary>
internal static class HandsOff
{
    /// <summary>
    /// Nothing of any group can be on it, by its own answers, and people have asked for that: whether it was switched off or only can't be
    /// heard, there is nothing to recover from it. What leaves by a resource's final action is nobody's wish.
    /// </summary>
    public static bool IsEmptied(Draft draft, NodeState node) =>
        node.Groups.IsEmpty && node.ProbedVersion >= draft.State.ProbeCounter
        && node is { Phase: NodePhase.Maintenance } or { Phase: NodePhase.Draining, Drain.AtLeave: FinalAction.Default };

    public static NodeState TakenOut(NodeState node, Cause why) => node with
    {
        Phase = NodePhase.Down,
        Member = false,
        TakenOut = true,
        MaintenanceUntil = null,
        Why = why,
    };
}
