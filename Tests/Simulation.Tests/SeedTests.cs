using System.Globalization;
using Xunit;

namespace ClusterTools.Simulation.Tests;

/// <summary>Some seeds of the simulation with every build; the many are run by its own program.</summary>
public sealed class SeedTests
{
    // Enough that every kind of fault and every premise must have come up; the rarest does in one of 400.
    private const int First = 1101;
    private const int Seeds = 700;

    [Fact]
    public void Seeds_hold_and_every_fault_and_premise_is_reached()
    {
        SimulationReport report =
            SimulationRun.PlayMany(
                First, Seeds, Environment.ProcessorCount, goOn: true, () => false, static number => (ulong)number, _ => { });

        Assert.Empty(report.Failures.Select(f => $"seed {f.Seed}: {f.Message}"));
        Assert.Equal(Seeds, report.Tally.Seeds);
        Assert.Empty(report.Tally.Unreached());
        Assert.True(report.Tally.MinCommitted >= 500, $"a seed had only {report.Tally.MinCommitted} entries");
        Assert.True(report.Tally.MinInjected >= 10, $"a seed had only {report.Tally.MinInjected} faults");
    }

    [Fact]
    public void Seeds_that_once_failed_hold()
    {
        string[] lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "seeds.txt"));
        ulong[] seeds =
        [
            .. lines
                .Select(line => line.Split('#')[0].Trim())
                .Where(line => line.Length > 0)
                .Select(line => ulong.Parse(line, CultureInfo.InvariantCulture)),
        ];

        Assert.NotEmpty(seeds);
        Assert.All(seeds, seed => SimulationRun.Play(seed, new Tally()));
    }

    [Theory]
    [InlineData(11)]
    [InlineData(4711)]
    public void A_seed_plays_the_same_every_time(ulong seed)
    {
        string Played()
        {
            using var text = new StringWriter();
            SimulationRun.Play(seed, new Tally(), new Trace(text));
            return text.ToString();
        }

        string first = Played();

        Assert.Equal(first, Played());
        Assert.True(first.Length > 10_000);
    }
}
