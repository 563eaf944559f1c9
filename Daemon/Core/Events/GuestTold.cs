namespace ClusterTools.Core;

/// <summary>The host of a guest tells what it is.</summary>
/// <param name="Group">The guest's group.</param>
/// <param name="Node">The host.</param>
/// <param name="Incarnation">Its life.</param>
/// <param name="Facts">What the guest is.</param>
public sealed record GuestTold(string Group, string Node, long Incarnation, GuestFacts Facts) : ClusterEvent;
