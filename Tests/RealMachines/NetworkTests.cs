using ClusterTools.Core;

namespace ClusterTools.RealMachines.Tests;

/// <summary>Networks that are slow and lose things: the kernel's own netem on each machine's card.</summary>
public sealed class NetworkTests : IDisposable
{
    private const int Changes = 20;

    private readonly Workshop workshop = new();

    public void Dispose() => workshop.Dispose();

    [Fact]
    public async Task A_network_that_delays_and_loses_a_little_costs_no_member_and_one_that_loses_everything_costs_the_machine()
    {
        await using KernelCluster cluster = await KernelCluster.StartAsync(workshop, new KernelPlan { AtBoot = "load netem" });
        string owner = await cluster.FirstOwnerAsync();
        string other = cluster.Names.First(name => name != owner);
        string third = cluster.Names.Last(name => name != owner);
        Dictionary<string, int> marks = cluster.Names.ToDictionary(name => name, cluster.Mark);
        await Task.WhenAll(cluster.Names.Select(name => cluster[name].RunAsync(
            "tc qdisc add dev eth0 root netem delay 2ms 1ms distribution normal loss 1%")));
        for (int change = 1; change <= Changes; change++)
        {
            int delay = 60_000 + change;
            await cluster.ChangeAsync(c => c with { Timing = c.Timing with { RetryDelay = delay } });
        }

        // All of it was really done to what they said to each other.
        foreach (string name in cluster.Names)
        {
            Assert.NotEqual("0", await cluster[name].RunAsync("tc -s qdisc show dev eth0 | sed -n 's/.*dropped \\([0-9]*\\).*/\\1/p'"));
            Assert.DoesNotContain(cluster.Journal(name, marks[name]), e => e.Kind is "node.lost" or "fence.begin");
        }

        await cluster.AssertWritersAsync(owner);

        int cut = cluster.Mark(third);
        await cluster[owner].RunAsync("tc qdisc change dev eth0 root netem loss 100%");
        JournalEntry again = await cluster.SaysAsync(third, cut, KernelCluster.IsStarted);
        Assert.True(cluster.IsSwitchedOff(owner));
        Assert.False(cluster.IsSwitchedOff(other) || cluster.IsSwitchedOff(third));
        await cluster.AssertWritersAsync(owner, again.Node!);
    }
}
