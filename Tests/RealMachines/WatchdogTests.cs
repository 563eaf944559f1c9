using ClusterTools.Core;
using ClusterTools.Node;

namespace ClusterTools.RealMachines.Tests;

/// <summary>The kernel's own watchdog (softdog), fed by clusterd as long as its node is sound; nothing else proves a death.</summary>
public sealed class WatchdogTests : IDisposable
{
    private readonly Workshop workshop = new();

    public void Dispose() => workshop.Dispose();

    [Fact]
    public async Task A_machine_whose_daemon_hangs_and_one_that_is_cut_off_and_can_not_stop_its_work_are_reset_and_that_proves_them_down()
    {
        await using KernelCluster cluster = await KernelCluster.StartAsync(
            workshop, new KernelPlan { Watchdog = new WatchdogSettings { Device = "/dev/watchdog", Timeout = "10s" } });
        string owner = await cluster.FirstOwnerAsync();
        string hung = cluster.Names.First(name => name != owner);
        string third = cluster.Names.Last(name => name != owner);
        foreach (string name in cluster.Names)
        {
            await cluster.SaysAsync(third, 0, e => e.Kind == "node.watchdog" && e.Node == name && e.Index > 0);
        }

        // It runs nothing: nobody but its watchdog has a reason to reset it.
        int mark = cluster.Mark(third);
        await IsResetAsync(hung, () => cluster[hung].RunAsync("kill -STOP $(cat /run/clusterd.pid)"));
        await cluster.SaysAsync(third, mark, e => e.Kind == "fence.success" && e.Node == hung);
        await cluster.SaysAsync(third, mark, e => e.Kind == "node.online" && e.Node == hung);
        await cluster.SaysAsync(third, mark, e => e.Kind == "node.watchdog" && e.Node == hung);
        await cluster.AssertWritersAsync(owner);

        mark = cluster.Mark(third);
        await cluster[owner].RunAsync("touch /run/hang");
        await IsResetAsync(owner, () => cluster[owner].SetLinkAsync(isUp: false));
        Assert.Contains(cluster.Journal(owner, 0), e => e.Kind == "node.reset");
        JournalEntry again = await cluster.SaysAsync(third, mark, KernelCluster.IsStarted);
        string[] kinds = [.. cluster.Journal(third, mark).Select(e => e.Kind)];
        Assert.InRange(Array.IndexOf(kinds, "fence.success"), 0, Array.IndexOf(kinds, "group.started"));
        await cluster[owner].SetLinkAsync(isUp: true);
        await cluster.SaysAsync(third, mark, e => e.Kind == "node.online" && e.Node == owner);
        // At no time did two run it.
        await cluster.AssertWritersAsync(owner, again.Node!);

        async Task IsResetAsync(string name, Func<Task> fault)
        {
            int boots = cluster[name].Boots();
            await fault();
            await cluster[name].ReadyAsync();
            Assert.Equal(boots + 1, cluster[name].Boots());
        }
    }
}
