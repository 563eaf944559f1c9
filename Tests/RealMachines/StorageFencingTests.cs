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
        await using IscsiTarget target = await IscsiTarget.StartAsync(workshop, "fence_scsi");
        await CutOffAsync(IscsiTarget.Device, paths: 1, new KernelPlan
        {
            Target = target.Port,
            AtBoot = IscsiTarget.AtBoot,
            Configure = static c => FencedBy(
                c, Keys("fence_scsi", IscsiTarget.Device), static _ => [KeyValuePair.Create("key_value", "hash")]),
        });
    }

    [Fact]
    public async Task So_does_one_that_has_two_paths_to_the_disk()
    {
        await using IscsiTarget target = await IscsiTarget.StartAsync(workshop, "fence_mpath", "mpathpersist", "multipathd");
        await CutOffAsync(IscsiTarget.Multipath, paths: 2, new KernelPlan
        {
            Target = target.Port,
            AtBoot = IscsiTarget.AtBootMultipath,
            // Each machine's own key, as its multipath.conf has it.
            Configure = static c => FencedBy(
                c, Keys("fence_mpath", IscsiTarget.Multipath), static n => [KeyValuePair.Create("plug", n.Name[1..])]),
        });
    }

    /// <param name="device">What the disk is on each machine.</param>
    /// <param name="paths">Each has a key of its own for each.</param>
    /// <param name="plan">The machines.</param>
    private async Task CutOffAsync(string device, int paths, KernelPlan plan)
    {
        await using KernelCluster cluster = await KernelCluster.StartAsync(workshop, plan);
        string owner = await cluster.FirstOwnerAsync();
        string other = cluster.Names.First(name => name != owner);
        Assert.Equal(paths * cluster.Names.Count, await KeysAsync(cluster[other]));
        foreach (string name in cluster.Names)
        {
            await cluster[name].RunAsync(Write(cluster, device, name, name));
        }

        int cut = cluster.Mark(other);
        await cluster[owner].SetLinkAsync(isUp: false);
        JournalEntry again = await cluster.SaysAsync(other, cut, KernelCluster.IsStarted);
        Assert.NotEqual(owner, again.Node);
        string[] kinds = [.. cluster.Journal(other, cut).Select(e => e.Kind)];
        Assert.InRange(Array.IndexOf(kinds, "fence.success"), 0, Array.IndexOf(kinds, "group.started"));
        // It lives, and reads; what it writes does not arrive.
        Assert.NotEqual(0, (await cluster[owner].TryAsync(Write(cluster, device, owner, "late"))).ExitCode);
        Assert.Equal(owner, await ReadAsync(cluster, device, owner));
        await cluster[other].RunAsync(Write(cluster, device, other, "again"));
        Assert.Equal(paths * (cluster.Names.Count - 1), await KeysAsync(cluster[other]));

        // It is heard again, with whatever it has in its memory still: it is no member that anything is given to.
        int heard = cluster.Mark(other);
        await cluster[owner].SetLinkAsync(isUp: true);
        await cluster.SaysAsync(other, heard, e => e.Kind == "group.unable" && e.Node == owner);
        Assert.NotEqual(0, (await cluster[owner].TryAsync(Write(cluster, device, owner, "late"))).ExitCode);
        Assert.Equal(paths * (cluster.Names.Count - 1), await KeysAsync(cluster[other]));

        // A boot takes that away.
        int off = cluster.Mark(other);
        await cluster[owner].SwitchOffAsync();
        await cluster.SaysAsync(other, off, e => e.Kind == "fence.success" && e.Node == owner);
        int back = cluster.Mark(other);
        await cluster[owner].BootAsync();
        await cluster.SaysAsync(other, back, e => e.Kind == "node.online" && e.Node == owner);
        await cluster[owner].RunAsync(Write(cluster, device, owner, "back"));
        Assert.Equal(paths * cluster.Names.Count, await KeysAsync(cluster[other]));
        await cluster.RelocateAsync(owner);
        await cluster.AssertWritersAsync(owner, again.Node!, owner);
    }

    private static FenceDevice Keys(string agent, string device) => new()
    {
        Name = "keys", Agent = agent, Parameters = ClusterConfiguration.Sorted<string>().Add("devices", device),
    };

    private static ClusterConfiguration FencedBy(
        ClusterConfiguration configuration, FenceDevice device, Func<NodeConfiguration, IEnumerable<KeyValuePair<string, string>>> step) =>
        configuration with
        {
            FenceDevices = ClusterConfiguration.Sorted<FenceDevice>().Add(device.Name, device),
            Nodes = configuration.Nodes.Values.Select(n => n with
            {
                FenceMethods =
                [
                    new FenceMethod
                    {
                        Name = device.Name,
                        Steps =
                        [
                            new FenceStep { Device = device.Name, Parameters = ClusterConfiguration.Sorted<string>().AddRange(step(n)) },
                        ],
                    },
                ],
            }).ToImmutableSortedDictionary(static n => n.Name, static n => n, StringComparer.Ordinal),
        };

    /// <summary>Each machine has a block of its own, and writes to the disk itself.</summary>
    private static string Write(KernelCluster cluster, string device, string name, string text) =>
        $"echo {text} | dd of={device} bs=4096 seek={Block(cluster, name)} conv=sync oflag=direct";

    /// <summary>What is in a machine's block, as it sees it.</summary>
    private static async Task<string> ReadAsync(KernelCluster cluster, string device, string name) => await cluster[name].RunAsync(
        $"dd if={device} bs=4096 skip={Block(cluster, name)} count=1 iflag=direct 2>/dev/null | tr -d '\\000'");

    private static int Block(KernelCluster cluster, string name) => cluster.Names.ToList().IndexOf(name);

    /// <summary>How many machines may write, as the disk says.</summary>
    private static async Task<int> KeysAsync(KernelMachine asked) =>
        (await asked.RunAsync($"sg_persist -n -i -k -d {IscsiTarget.Device}")).Split('\n').Count(line => line.Trim().StartsWith("0x"));
}
