using ClusterTools.Core;
using Xunit;

namespace ClusterTools.Simulation.Tests;

/// <summary>A fault planted into what the Core answers is caught, and by the checker that is there for it.</summary>
public sealed class SabotageTests
{
    private const int Seeds = 100;

    public static TheoryData<string, string[]> Kinds() => new()
    {
        { "fencing gate", ["1", "2"] },
        { "restart window", ["B4"] },
        { "start order", ["5"] },
        { "stop order", ["5"] },
        { "freeze", ["6"] },
        { "dependencies", ["B9"] },
        { "mark", ["settled"] },
        { "words", ["settled"] },
        { "hands off", ["C8"] },
        { "disarm", ["A10"] },
        { "flap", ["A12"] },
        { "keep", ["A11"] },
        { "unknown probe is running", ["unknown"] },
        { "unknown probe is failed", ["unknown"] },
        { "unknown probe is stopped", ["1", "2", "5", "unknown"] },
        { "unknown check is failed", ["unknown"] },
        { "unknown stop is failed", ["unknown"] },
        { "guest unasked", ["1", "2"] },
        { "one-ended migration", ["1", "2", "unknown"] },
        { "moved outside", ["D5"] },
        { "moving forgotten", ["7"] },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Planted_faults_are_caught_by_their_checker(string kind, string[] invariants)
    {
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            try
            {
                SimulationRun.Play(seed, new Tally(), null, Plant(kind));
            }
            catch (InvariantBrokenException broken)
            {
                Assert.True(invariants.Contains(broken.Invariant), $"seed {seed}: {broken.Message}");
                return;
            }
        }

        Assert.Fail($"The planted fault in the {kind} was not noticed in {Seeds} seeds.");
    }

    private static Sabotage Plant(string kind) => kind switch
    {
        "fencing gate" => new FencingGateSabotage(),
        "restart window" => new RestartWindowSabotage(),
        "start order" => new TreeOrderSabotage(stop: false),
        "stop order" => new TreeOrderSabotage(stop: true),
        "freeze" => new FreezeSabotage(),
        "dependencies" => new DependencySabotage(),
        "mark" => new MarkSabotage(words: false),
        "words" => new MarkSabotage(words: true),
        "hands off" => new HandsOffSabotage(),
        "disarm" => new DisarmSabotage(),
        "flap" => new FlapSabotage(),
        "keep" => new KeepSabotage(),
        "unknown probe is running" => new UnknownSabotage("probe", FoundAnswer.Runs),
        "unknown probe is failed" => new UnknownSabotage("probe", FoundAnswer.Broken),
        "unknown probe is stopped" => new UnknownSabotage("probe", null),
        "unknown check is failed" => new UnknownSabotage("check", null),
        "unknown stop is failed" => new UnknownSabotage("stop", null),
        "guest unasked" => new GuestUnaskedSabotage(),
        "one-ended migration" => new OneEndedMigrationSabotage(),
        "moved outside" => new MovedOutsideSabotage(),
        "moving forgotten" => new MovingForgottenSabotage(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "unknown"),
    };
}
