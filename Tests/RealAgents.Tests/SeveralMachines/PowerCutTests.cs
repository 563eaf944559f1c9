using ClusterTools.Core.Configuration;
using ClusterTools.Engines.Tests.Corosync.Network;

namespace ClusterTools.RealAgents.Tests.SeveralMachines;

/// <summary>Machines that lose with their power all that they had not synced: few cuts here, and many with CLUSTERTOOLS_FULL=1.</summary>
public sealed class PowerCutTests : IDisposable
{
    private readonly Workshop workshop = new();

    private static bool IsFull => Environment.GetEnvironmentVariable("CLUSTERTOOLS_FULL") == "1";

    public void Dispose() => workshop.Dispose();

    /// <summary>Else the tests of this class and of others show nothing.</summary>
    [Fact]
    public async Task What_was_synced_is_on_the_disk_after_a_power_cut_and_what_was_not_is_lost()
    {
        await Premises.RequireAsync("Dummy", "corosync");
        await using var network = new CorosyncNetwork(["n1"], isWhole: true) { HasDisks = true };
        await network.InitializeAsync();
        await Shell.RunAsync(network.On("n1", "/bin/sh", "-c", "cd /var/lib; echo a >synced; sync synced; echo b >only-written"));
        await network.CutPowerAsync("n1");
        await network.BootAsync("n1");
        Assert.Equal(
            "a", await Shell.RunAsync(network.On("n1", "/bin/sh", "-c", "cd /var/lib; cat synced; cat only-written 2>/dev/null || true")));
    }

    /// <summary>
    /// One machine after the other, all at once, or one and then the rest, as chance has it, under changes that are asked of every machine.
    /// </summary>
    [Fact]
    public async Task Changes_that_were_answered_outlive_power_cuts_at_any_moment()
    {
        await Premises.RequireAsync("Dummy", "corosync");
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CLUSTERTOOLS_SEED"), out int given) ? given : Random.Shared.Next();
        int cuts = IsFull ? 200 : 5;
        Tell($"CLUSTERTOOLS_SEED={seed}");
        var chance = new Random(seed);
        await using var cluster = new MachineCluster(workshop, losesUnsynced: true);
        await cluster.StartAsync(Configuration(cluster));
        await using var ledger = new Ledger(cluster);
        for (int cut = 0; cut < cuts; cut++)
        {
            string[] victims = [.. cluster.Machines.OrderBy(_ => chance.Next())];
            await ledger.BeginAsync(cut);
            await ledger.AnsweredAsync(victims[chance.Next(victims.Length)], chance.Next(2, 8));
            // Anywhere in the course of a change.
            await Task.Delay(chance.Next(100), Shell.Cancel);
            await CutAsync(cluster, ledger, victims, cut % 3, chance);
            string off = string.Join(", ", cluster.Machines.Where(name => !cluster.IsOn(name)));
            await ledger.EndAsync();
            IReadOnlyList<string> lost = await WithPowerAsync(cluster, ledger.LostAsync(cut));
            Assert.True(
                lost.Count == 0, $"cut {cut + 1} of {off}, CLUSTERTOOLS_SEED={seed}:\n{string.Join('\n', lost)}\n{cluster.LastWords()}");
            Tell($"cut {cut + 1} of {cuts}: {off}; {ledger.Answered} changes were answered");
        }
    }

    /// <summary>Cuts powers in one of three ways.</summary>
    private static async Task CutAsync(MachineCluster cluster, Ledger ledger, string[] victims, int way, Random chance)
    {
        if (way == 0)
        {
            await Task.WhenAll(victims.Select(cluster.CutPowerAsync));
            return;
        }

        int mark = cluster.Mark(victims[1]);
        await cluster.CutPowerAsync(victims[0]);
        if (way == 1)
        {
            // The others go on, and say more than the first one knows; then they lose their power, too.
            await cluster.SaysAsync(victims[1], mark, e => e.Kind == "fence.success" && e.Node == victims[0]);
            await ledger.AnsweredAsync(victims[1], chance.Next(1, 5));
            await Task.WhenAll(victims[1..].Select(cluster.CutPowerAsync));
            return;
        }

        await Task.Delay(chance.Next(2_000), Shell.Cancel);
        if (chance.Next(2) == 0)
        {
            await cluster.CutPowerAsync(victims[1]);
        }
    }

    /// <summary>Who is off is booted until something is done: a machine may be fenced once more for the cut before it was booted.</summary>
    private static async Task<T> WithPowerAsync<T>(MachineCluster cluster, Task<T> doing)
    {
        while (!doing.IsCompleted)
        {
            foreach (string off in cluster.Machines.Where(name => !cluster.IsOn(name)))
            {
                await cluster.BootAsync(off);
            }

            await Task.WhenAny(doing, Task.Delay(TimeSpan.FromMilliseconds(50), Shell.Cancel));
        }

        return await doing;
    }

    private static ClusterConfiguration Configuration(MachineCluster cluster) => new()
    {
        Name = "cuts",
        Timing = new ClusterTiming { Token = 1000, PostJoinDelay = 60_000, QuorumLossDeadline = 20_000, FlapLimit = 0 },
        FenceDevices = ClusterConfiguration.Sorted<FenceDevice>().Add(cluster.Switch.Name, cluster.Switch),
        // Who is off stays off until this test boots it.
        Nodes = MachineCluster.Nodes(cluster.Machines, name => [SwitchFencing.Plug(cluster.Switch, name, FenceAction.Off)]),
    };

    private static void Tell(string text) => TestContext.Current.TestOutputHelper!.WriteLine(text);
}
