using System.Collections.Concurrent;

namespace ClusterTools.Engines.Tests.Corosync;

/// <summary>The protocol over rings and disks that do what they like.</summary>
public sealed class ProtocolTests
{
    private const int Steps = 8_000;
    private const int MostSeeds = 30_000;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 200)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_happens_all_agree_and_come_together_in_the_end(int seed)
    {
        var model = new ProtocolModel(seed, PlantedFault.None);
        try
        {
            model.Run(Steps, 20 + (seed % 8 * 30));
        }
        catch (Exception error)
        {
            Assert.Fail($"seed {seed}: {error.Message}\n{Tail(model)}\n{error.StackTrace}");
        }
    }

    /// <summary>Many seeds, and in all of them together everything that the promises are about; 100,000 when there are hours, or
    /// as many as CLUSTERTOOLS_SEEDS says.</summary>
    [Fact]
    public void Whatever_happens_in_many_runs_all_agree_and_all_that_can_happen_does()
    {
        int count = int.TryParse(Environment.GetEnvironmentVariable("CLUSTERTOOLS_SEEDS"), out int asked) ? asked
            : Environment.GetEnvironmentVariable("CLUSTERTOOLS_FULL") == "1" ? 100_000 : 600;
        var reached = new ConcurrentDictionary<Reached, long>();
        var failed = new ConcurrentDictionary<int, string>();
        long commits = 0;
        long acknowledged = 0;
        long epochs = 0;
        Parallel.For(1_000, 1_000 + count, seed =>
        {
            var model = new ProtocolModel(seed, PlantedFault.None);
            try
            {
                model.Run(Steps, 20 + (seed % 8 * 30));
            }
            catch (Exception error)
            {
                failed[seed] = $"{error.Message}\n{Tail(model)}";
            }

            foreach ((Reached what, int times) in model.Reached)
            {
                reached.AddOrUpdate(what, times, (_, sum) => sum + times);
            }

            Interlocked.Add(ref commits, model.Commits);
            Interlocked.Add(ref acknowledged, model.Acknowledged);
            Interlocked.Add(ref epochs, model.Epochs);
        });
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{count} seeds: {commits} entries committed, {acknowledged} acknowledged, {epochs} epochs; "
                + string.Join(", ", reached.OrderBy(r => r.Key).Select(r => $"{r.Key} {r.Value}")));
        Assert.True(failed.IsEmpty, string.Join('\n', failed.Select(f => $"seed {f.Key}: {f.Value}").Take(5)));
        Assert.Empty(Enum.GetValues<Reached>().Except(reached.Keys));
        Assert.True(commits > 10L * count && acknowledged > 5L * count && epochs > 2L * count);
    }

    private static string Tail(ProtocolModel model) =>
        string.Join('\n', model.Trace.Where(line => !line.Contains(" commits ", StringComparison.Ordinal)).TakeLast(60));

    /// <summary>Runs that went wrong once.</summary>
    [Theory]
    [InlineData(29567)]
    [InlineData(29703)]
    [InlineData(34082)]
    [InlineData(46997)]
    [InlineData(55686)]
    [InlineData(60549)]
    [InlineData(67533)]
    public void What_went_wrong_once_goes_well(int seed)
    {
        var model = new ProtocolModel(seed, PlantedFault.None);
        Exception? wrong = Record.Exception(() => model.Run(Steps, 20 + (seed % 8 * 30)));
        Assert.True(wrong is null, $"seed {seed}: {wrong?.Message}\n{Tail(model)}");
    }

    /// <summary>Each is noticed, and for what it does.</summary>
    [Theory]
    [InlineData(PlantedFault.SaysStoredTooEarly, "commits|is committed|come together")]
    [InlineData(PlantedFault.CommitsBeforeTheLast, "commits|is committed")]
    [InlineData(PlantedFault.ReusesEpochs, "opens epoch")]
    [InlineData(PlantedFault.HidesThatItsDiskIsNew, "is committed|commits")]
    [InlineData(PlantedFault.KeepsTheTail, "can't follow|is committed")]
    [InlineData(PlantedFault.SendsNoSnapshot, "come together")]
    [InlineData(PlantedFault.DoesNotReadTheDiskBack, "is committed|commits")]
    [InlineData(PlantedFault.FormsThoughOlder, "is committed|commits")]
    [InlineData(PlantedFault.ForgetsTheVotesBefore, "is committed|commits|opens epoch")]
    public void A_fault_that_is_planted_is_noticed(PlantedFault fault, string words)
    {
        Exception? noticed = null;
        Parallel.For(0, MostSeeds, (seed, loop) =>
        {
            if (Record.Exception(() => new ProtocolModel(seed, fault).Run(Steps, 40 + (seed % 4 * 40))) is { } wrong)
            {
                Interlocked.CompareExchange(ref noticed, wrong, null);
                loop.Stop();
            }
        });
        Assert.True(noticed is not null, $"{fault} is noticed by none of {MostSeeds} seeds.");
        TestContext.Current.TestOutputHelper?.WriteLine(noticed.Message);
        Assert.Matches(words, noticed.Message);
    }
}
