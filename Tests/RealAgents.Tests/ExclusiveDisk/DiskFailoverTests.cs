using ClusterTools.Core;

namespace ClusterTools.RealAgents.Tests.ExclusiveDisk;

/// <summary>A group on a shared disk with a lock on it fails over in a whole cluster (FEATURES B15).</summary>
public sealed class DiskFailoverTests : IDisposable
{
    private readonly Workshop workshop = new();

    public void Dispose() => workshop.Dispose();

    [Fact]
    public async Task After_a_power_cut_the_other_node_waits_for_fencing_and_lease_and_goes_on_with_the_disk()
    {
        await SharedDisk.RequireAsync("mount", "fuser", "modprobe", "mke2fs");
        await Premises.RequireAsync("Filesystem");
        await using SharedDisk locks = await SharedDisk.CreateAsync(workshop);
        string image = workshop["image"];
        string shared = workshop.Folder("shared");
        string data = await Shell.RunAsync($"truncate -s 16M {image} && mke2fs -q -t ext4 {image} && losetup --find --show {image}");
        try
        {
            ClusterTools.Agents.ProcessOutcome tried = await Shell.TryAsync($"unshare --mount sh -c 'mount -t ext4 {data} {shared}'");
            Assert.SkipUnless(
                tried.ExitCode == 0,
                $"THE FAILOVER OF A SHARED DISK IS NOT TESTED: this kernel does not mount one ({tried.Output.Trim()}).");
            await using DiskLab lab = await DiskLab.StartAsync(workshop, locks, data);
            try
            {
                await FailOverAsync(lab, locks, data);
            }
            catch
            {
                lab.Print();
                throw;
            }
        }
        finally
        {
            await Shell.RunAsync($"losetup --detach {data}");
        }
    }

    private async Task FailOverAsync(DiskLab lab, SharedDisk locks, string data)
    {
        string owner = lab.Owner;
        string heir = DiskLab.Servers.Single(n => n != owner);
        Assert.Equal(owner, await locks.HolderAsync());
        int mark = lab.Mark();
        await lab.CutPowerAsync(owner);
        JournalEntry fenced = await lab.JournalAsync(e => e.Kind == "fence.success" && e.Node == owner, mark);
        JournalEntry start = await lab.JournalAsync(static e => e.Kind == "group.start" && e.Group == DiskLab.Group, mark);
        Assert.True(start.Index >= fenced.Index, "The group was started before its node was proven down.");
        JournalEntry started = await lab.JournalAsync(static e => e.Kind == "group.started" && e.Group == DiskLab.Group, mark);
        Assert.Equal(heir, started.Node);
        Assert.Equal(heir, await locks.HolderAsync());
        await lab.JournalAsync(e => e.Kind == "node.online" && e.Node == owner, mark);
        // Stopped in good order the lock is given back, and the disk says who worked on it.
        await lab.Client.GroupAsync(DiskLab.Group, "disable", null, Shell.Cancel);
        await lab.JournalAsync(static e => e.Kind == "group.disabled" && e.Group == DiskLab.Group, mark);
        Assert.Null(await locks.HolderAsync());
        string log =
            await Shell.RunAsync($"unshare --mount sh -c 'mount -t ext4 {data} {workshop["shared"]} && cat {workshop["shared/log"]}'");
        Assert.Equal([$"start {owner}", $"start {heir}"], log.Split('\n'));
        // Nobody lost a lock that he believed to have.
        Assert.Equal(("", ""), (locks.ResetKey(owner), locks.ResetKey(heir)));
    }
}
