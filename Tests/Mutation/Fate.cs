namespace ClusterTools.Mutation;

/// <summary>What became of a mutant.</summary>
internal enum Fate
{
    /// <summary>None of the tests that do what it changes notices.</summary>
    Survived,

    /// <summary>No test, and no seed that was played, does what it changes.</summary>
    Unreached,

    /// <summary>A scenario file says something else, or breaks a promise.</summary>
    Scenario,

    /// <summary>Another test of the Core fails.</summary>
    Test,

    /// <summary>A seed of the simulation breaks a promise.</summary>
    Simulation,

    /// <summary>It does not come to an end, or ends the process.</summary>
    Timeout,
}
