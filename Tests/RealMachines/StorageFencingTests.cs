using System.Collections.Immutable;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;

namespace ClusterTools.RealMachines.Tests;

/// <summary>
/// Fencing by storage (FEATURES C2): the distribution's own agents, the kernel's iSCSI, and a target that knows persistent reservations.
/// </summary>
public sealed class StorageFencingTests : IDisposable
{
    private readonly Workshop workshop = new();

    public void Dispose() => workshop.Dispose();

    [Fact]
    public async Task A_machine_that_is_cut_off_loses_its_key_and_can_not_write_until_it_has_booted_again()
    {
        await using IscsiTarget target = await IscsiTarget.StartAsync(workshop);
        await using KernelCluster cluster = await KernelCluster.StartAsync(workshop, new KernelPlan
        {
            Target = target.Port,
            AtBoot = IscsiTarget.AtBoot,
            Configure = static c => FencedBy(c, new FenceDevice
            {
                Name = "keys", Agent = "fence_scsi",
                Parameters = ClusterConfiguration.Sorted<string>().Add("devices", IscsiTarget.Device).Add("key_value", "hash"),
            }),
        });
        string owner = await cluster.FirstOwnerAsync();
        string other = cluster.Names.First(name => name != owner);
        Assert.Equal(cluster.Names.Count, await KeysAsync(cluster[other]));
        foreach (string name in cluster.Names)
        {
            await cluster[name].RunAsync(Write(cluster, name, name));
        }

        int cut = cluster.Mark(other);
        await cluster[owner].SetLinkAsync(isUp: false);
        JournalEntry again = await cluster.SaysAsync(other, cut, KernelCluster.IsStarted);
        Assert.NotEqual(owner, again.Node);
        string[] kinds = [.. cluster.Journal(other, cut).Select(e => e.Kind)];
        Assert.InRange(Array.IndexOf(kinds, "fence.success"), 0, Array.IndexOf(kinds, "group.started"));
        // It lives, and reads; what it writes does not arrive.
        Assert.NotEqual(0, (await cluster[owner].TryAsync(Write(cluster, owner, "late"))).ExitCode);
        Assert.Equal(owner, await ReadAsync(cluster, owner));
        await cluster[other].RunAsync(Write(cluster, other, "again"));
        Assert.Equal(cluster.Names.Count - 1, await KeysAsync(cluster[other]));

        // It is heard again, with whatever it has in its memory still: it is no member that anything is given to.
        int heard = cluster.Mark(other);
        await cluster[owner].SetLinkAsync(isUp: true);
        await cluster.SaysAsync(other, heard, e => e.Kind == "group.unable" && e.Node == owner);
        Assert.NotEqual(0, (await cluster[owner].TryAsync(Write(cluster, owner, "late"))).ExitCode);
        Assert.Equal(cluster.Names.Count - 1, await KeysAsync(cluster[other]));

        // A boot takes that away.
        int off = cluster.Mark(other);
        await cluster[owner].SwitchOffAsync();
        await cluster.SaysAsync(other, off, e => e.Kind == "fence.success" && e.Node == owner);
        int back = cluster.Mark(other);
        await cluster[owner].BootAsync();
        await cluster.SaysAsync(other, back, e => e.Kind == "node.online" && e.Node == owner);
        await cluster[owner].RunAsync(Write(cluster, owner, "back"));
        Assert.Equal(cluster.Names.Count, await KeysAsync(cluster[other]));
        await cluster.RelocateAsync(owner);
        await cluster.AssertWritersAsync(owner, again.Node!, owner);
    }

    private static ClusterConfiguration FencedBy(ClusterConfiguration configuration, FenceDevice device) => configuration with
    {
        FenceDevices = ClusterConfiguration.Sorted<FenceDevice>().Add(device.Name, device),
        Nodes = configuration.Nodes.Values.Select(n => n with
        {
            FenceMethods = [new FenceMethod { Name = device.Name, Steps = [new FenceStep { Device = device.Name }] }],
        }).ToImmutableSortedDictionary(static n => n.Name, static n => n, StringComparer.Ordinal),
    };

    /// <summary>Each machine has a block of its own, and writes to the disk itself.</summary>
    private static string Write(KernelCluster cluster, string name, string text) =>
        $"echo {text} | dd of={IscsiTarget.Device} bs=4096 seek={Block(cluster, name)} conv=sync oflag=direct";

    /// <summary>What is in a machine's block, as it sees it.</summary>
    private static async Task<string> ReadAsync(KernelCluster cluster, string name) => await cluster[name].RunAsync(
        $"dd if={IscsiTarget.Device} bs=4096 skip={Block(cluster, name)} count=1 iflag=direct 2>/dev/null | tr -d '\\000'");

    private static int Block(KernelCluster cluster, string name) => cluster.Names.ToList().IndexOf(name);

    /// <summary>How many machines may write, as the disk says.</summary>
    private static async Task<int> KeysAsync(KernelMachine asked) =>
        (await asked.RunAsync($"sg_persist -n -i -k -d {IscsiTarget.Device}")).Split('\n').Count(line => line.Trim().StartsWith("0x"));
}
