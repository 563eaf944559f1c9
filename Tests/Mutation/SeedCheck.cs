using ClusterTools.Simulation;

namespace ClusterTools.Mutation;

/// <summary>A seed of the simulation.</summary>
internal sealed class SeedCheck(ulong seed) : Check(Stage.Seed, $"seed {seed}")
{
    public override void Run() => SimulationRun.Play(seed, new Tally());

    /// <summary>So many seeds; in every second one groups depend on each other.</summary>
    public static IEnumerable<SeedCheck> All(int count) => Enumerable.Range(1, count)
        .Select(n => new SeedCheck(n % 2 == 0 ? World.LinkedSeed(n / 2) : (ulong)n));
}
