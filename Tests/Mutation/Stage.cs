namespace ClusterTools.Mutation;

/// <summary>The order in which checks have their turn: what costs least comes first.</summary>
internal enum Stage
{
    /// <summary>Scenario files, what they say alone.</summary>
    Scenario,

    /// <summary>Scenario files, with what must hold after every event.</summary>
    Promises,

    /// <summary>The Core's other tests.</summary>
    Test,

    /// <summary>Seeds of the simulation, with its checkers and the settling compared.</summary>
    Seed,
}
