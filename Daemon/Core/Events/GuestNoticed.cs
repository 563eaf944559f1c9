namespace ClusterTools.Core;

/// <summary>A host has seen that a guest runs there, or no more, and it was not this cluster that had asked for it.</summary>
/// <param name="Group">The guest's group.</param>
/// <param name="Node">The node.</param>
/// <param name="Incarnation">Its life.</param>
/// <param name="Runs">It runs there.</param>
/// <param name="Asked">The probe demand of the group (<see cref="GroupState.ProbeVersion"/>) that the node knew when it saw that.</param>
/// <param name="MovedAway">It runs there no more because it was moved to another host.</param>
public sealed record GuestNoticed(string Group, string Node, long Incarnation, bool Runs, long Asked, bool MovedAway = false)
    : ClusterEvent;
