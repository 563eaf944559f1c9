using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.RealMachines.Tests;

/// <summary>A quorum disk (FEATURES A4) that is a block device of each machine's own kernel, read and written past all caches.</summary>
public sealed class QuorumDiskTests : IDisposable
{
    private const string Device = "/dev/vdb";

    private readonly Workshop workshop = new();

    public void Dispose() => workshop.Dispose();

    [Fact]
    public async Task The_last_of_three_machines_goes_on_by_the_disk_when_the_power_of_the_others_is_cut()
    {
        await using KernelCluster cluster = await StartAsync(new KernelPlan());
        string owner = await cluster.FirstOwnerAsync();
        string last = cluster.Names.Last(name => name != owner);
        await UseDiskAsync(cluster);

        int cut = cluster.Mark(last);
        string[] others = [.. cluster.Names.Where(name => name != last)];
        await Task.WhenAll(others.Select(cluster.CutPowerAsync));
        JournalEntry again = await cluster.SaysAsync(last, cut, KernelCluster.IsStarted);
        Assert.Equal(last, again.Node);
        JournalEntry[] fenced =
            [.. cluster.Journal(last, cut).TakeWhile(e => !KernelCluster.IsStarted(e)).Where(e => e.Kind == "fence.success")];
        Assert.Contains(fenced, e => e.Node == owner);
        await cluster.AssertWritersAsync(owner, last);
    }

    [Fact]
    public async Task Of_two_machines_that_are_cut_from_each_other_exactly_one_goes_on_and_the_other_takes_part_again()
    {
        const string First = "n1";
        const string Second = "n2";
        await using KernelCluster cluster = await StartAsync(new KernelPlan
        {
            Machines = 2,
            // What is to be saved is on the side that loses.
            Configure = static c => c with
            {
                FailoverDomains = c.FailoverDomains.Add("second", new FailoverDomain
                {
                    Name = "second", Ordered = true, NoFailback = true,
                    Members = ClusterConfiguration.Sorted<int>().Add(Second, 1).Add(First, 2),
                }),
                Groups = c.Groups.SetItem(KernelCluster.Group, c.Groups[KernelCluster.Group] with { Domain = "second" }),
            },
        });
        Assert.Equal(Second, await cluster.FirstOwnerAsync());
        await UseDiskAsync(cluster);

        int cut = cluster.Mark(First);
        await cluster[Second].SetLinkAsync(isUp: false);
        JournalEntry again = await cluster.SaysAsync(First, cut, KernelCluster.IsStarted);
        Assert.Equal(First, again.Node);
        Assert.True(cluster.IsSwitchedOff(Second));
        Assert.False(cluster.IsSwitchedOff(First));

        int back = cluster.Mark(First);
        await cluster.BootAsync(Second);
        await cluster.SaysAsync(First, back, e => e.Kind == "node.online" && e.Node == Second);
        await cluster.AssertWritersAsync(Second, First);
    }

    private async Task<KernelCluster> StartAsync(KernelPlan plan)
    {
        string image = workshop["quorum-disk"];
        await Shell.RunAsync($"truncate -s 1M '{image}'");
        return await KernelCluster.StartAsync(workshop, plan with { SharedDisk = image });
    }

    /// <summary>Makes the disk and configures it, as people do, and waits until it counts and every machine writes on it.</summary>
    private static async Task UseDiskAsync(KernelCluster cluster)
    {
        await cluster[cluster.Names[0]].RunAsync($"\"$clusterd\" quorum-disk format {Device} --cluster {KernelCluster.Name}");
        await cluster.ChangeAsync(static c => c with { QuorumDisk = new QuorumDiskConfiguration { Device = Device, Tko = 20 } });
        await cluster.UntilAsync(c =>
            c.QuorumDisk is { Counted: true, Trouble: null } disk && disk.Nodes.Count(n => n.Alive) == cluster.Names.Count);
    }
}
