using ClusterTools.Core;

namespace ClusterTools.RealMachines.Tests;

/// <summary>Clocks that are set: nothing in a cluster depends on what time of day it is.</summary>
public sealed class ClockTests : IDisposable
{
    private readonly Workshop workshop = new();

    public void Dispose() => workshop.Dispose();

    [Fact]
    public async Task Clocks_that_jump_cost_no_member_and_hold_no_failover_up()
    {
        await using KernelCluster cluster = await KernelCluster.StartAsync(workshop);
        string owner = await cluster.FirstOwnerAsync();
        string other = cluster.Names.First(name => name != owner);
        string third = cluster.Names.Last(name => name != owner);
        Dictionary<string, int> marks = cluster.Names.ToDictionary(name => name, cluster.Mark);
        foreach ((string name, string jump) in new[] { (owner, "+3 days"), (other, "-2 hours"), (third, "+1 hour"), (other, "+1 day") })
        {
            await cluster[name].RunAsync($"date --set '{jump}'");
            await cluster.ChangeSomethingAsync();
        }

        Assert.All(
            cluster.Names, name => Assert.DoesNotContain(cluster.Journal(name, marks[name]), e => e.Kind is "node.lost" or "fence.begin"));
        int cut = cluster.Mark(third);
        await cluster.CutPowerAsync(owner);
        JournalEntry again = await cluster.SaysAsync(third, cut, KernelCluster.IsStarted);
        await cluster.AssertWritersAsync(owner, again.Node!);
    }
}
