using ClusterTools.Core;

namespace ClusterTools.RealMachines.Tests;

/// <summary>Disks that take nothing more: the machine goes, and what it ran goes on elsewhere; the others are not held up by it.</summary>
public sealed class DiskTests : IDisposable
{
    private readonly Workshop workshop = new();

    public void Dispose() => workshop.Dispose();

    [Fact]
    public Task A_machine_whose_disk_is_full_is_taken_over_from() => AssertTakenOverAsync(machine => machine.RunAsync(
        "cat /dev/zero >/var/lib/machine/fill 2>/dev/null; test $(df --output=avail /var/lib/machine | tail -1) = 0"));

    [Fact]
    public Task A_machine_whose_disk_answers_no_more_is_taken_over_from() => AssertTakenOverAsync(machine => machine.HangDiskAsync());

    private async Task AssertTakenOverAsync(Func<KernelMachine, Task> spoil)
    {
        await using KernelCluster cluster = await KernelCluster.StartAsync(workshop);
        string owner = await cluster.FirstOwnerAsync();
        string other = cluster.Names.First(name => name != owner);
        await cluster.AssertWritersAsync(owner);
        int mark = cluster.Mark(other);
        await spoil(cluster[owner]);
        // What the others are asked for gets done all the same.
        await cluster.ChangeSomethingAsync(other);
        JournalEntry again = await cluster.SaysAsync(other, mark, KernelCluster.IsStarted);
        Assert.NotEqual(owner, again.Node);
        Assert.DoesNotContain(cluster.Journal(other, mark), e => e.Kind == "node.lost" && e.Node != owner);
        await cluster.AssertWritersAsync(owner, again.Node!);
    }
}
