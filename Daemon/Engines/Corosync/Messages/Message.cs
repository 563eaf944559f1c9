namespace ClusterTools.Engines.Corosync;

/// <summary>What members say to each other; all in a round, and delivered to all in one order.</summary>
/// <param name="Round">That it is said in; who is in another one passes over it.</param>
internal abstract record Message(Round Round);
