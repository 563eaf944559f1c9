namespace ClusterTools.Engines.Tests.Corosync;

/// <summary>The protocol over rings and disks that do what they like.</summary>
public sealed class ProtocolTests
{
    private const int Steps = 8_000;
    private const int MostSeeds = 1_000;

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
            Assert.Fail($"seed {seed}: {error.Message}\n{string.Join('\n', model.Trace.TakeLast(60))}\n{error.StackTrace}");
        }
    }

    /// <summary>Runs in which little happens would hold whatever the protocol did.</summary>
    [Fact]
    public void Much_is_committed_acknowledged_and_opened_meanwhile()
    {
        ProtocolModel[] models = [.. Enumerable.Range(0, 40).Select(seed => new ProtocolModel(seed, PlantedFault.None))];
        foreach (ProtocolModel model in models)
        {
            model.Run(Steps, 150);
        }

        Assert.True(models.Sum(m => m.Commits) > 500);
        Assert.True(models.Sum(m => m.Acknowledged) > 200);
        Assert.True(models.Sum(m => m.Epochs) > 100);
    }

    [Theory]
    [InlineData(PlantedFault.SaysStoredTooEarly)]
    [InlineData(PlantedFault.KeepsTheTail)]
    [InlineData(PlantedFault.SendsNoSnapshot)]
    public void A_fault_that_is_planted_is_noticed(PlantedFault fault)
    {
        int seed = Enumerable.Range(0, MostSeeds).FirstOrDefault(
            s => Record.Exception(() => new ProtocolModel(s, fault).Run(Steps, 40 + (s % 4 * 40))) is not null, -1);
        Assert.True(seed >= 0, $"{fault} is noticed by none of {MostSeeds} seeds.");
    }
}
