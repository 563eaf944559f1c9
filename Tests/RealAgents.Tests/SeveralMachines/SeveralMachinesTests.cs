using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Engines;

namespace ClusterTools.RealAgents.Tests.SeveralMachines;

/// <summary>clusterd on three machines that have nothing in common but a network, over the distribution's corosync.</summary>
public sealed class SeveralMachinesTests : IDisposable
{
    private const string Group = "web";

    private readonly Workshop workshop = new();

    public void Dispose() => workshop.Dispose();

    [Fact]
    public async Task A_group_is_taken_over_from_a_machine_whose_power_is_cut_once_that_is_fenced_and_the_machine_comes_back()
    {
        await Premises.RequireAsync("Dummy", "corosync");
        await using var cluster = new MachineCluster(workshop);
        await cluster.StartAsync(Configuration(cluster.Switch));
        string owner = await cluster.FirstOwnerAsync(Group);
        string[] others = [.. MachineCluster.Names.Where(name => name != owner)];

        int cut = cluster.Mark(others[0]);
        await cluster.CutPowerAsync(owner);
        JournalEntry again = await cluster.SaysAsync(others[0], cut, Started);
        Assert.NotEqual(owner, again.Node);
        string[] kinds = [.. cluster.Journal(others[0], cut).Select(e => e.Kind)];
        Assert.InRange(Array.IndexOf(kinds, "fence.success"), 0, Array.IndexOf(kinds, "group.started"));

        await cluster.BootAsync(owner);
        JournalEntry online = await cluster.SaysAsync(others[0], cut, e => e.Kind == "node.online" && e.Node == owner);
        // What has come is at the same place on the other machine, and on the one that has come.
        await cluster.SaysAsync(others[1], 0, e => e.Index == online.Index && e.Kind == online.Kind);
        await cluster.SaysAsync(owner, 0, e => e.Index == online.Index && e.Kind == online.Kind);
    }

    [Fact]
    public async Task A_machine_that_is_cut_off_is_switched_off_before_another_takes_over_what_it_runs()
    {
        await Premises.RequireAsync("Dummy", "corosync");
        await using var cluster = new MachineCluster(workshop);
        await cluster.StartAsync(Configuration(cluster.Switch));
        string owner = await cluster.FirstOwnerAsync(Group);
        string[] others = [.. MachineCluster.Names.Where(name => name != owner)];
        int cut = cluster.Mark(others[1]);
        await cluster.CutOffAsync(owner);
        JournalEntry again = await cluster.SaysAsync(others[1], cut, Started);
        Assert.Contains(again.Node, others);
        Assert.False(cluster.IsOn(owner));
        await cluster.HealAsync();
        await cluster.BootAsync(owner);
        await cluster.SaysAsync(others[1], cut, e => e.Kind == "node.online" && e.Node == owner);
    }

    /// <summary>It can't tell by itself what is wrong: it hears all others, or they hear it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_machine_on_a_network_that_carries_one_way_only_is_switched_off_and_taken_over_from(bool isHeard)
    {
        await Premises.RequireAsync("Dummy", "corosync");
        await using var cluster = new MachineCluster(workshop);
        await cluster.StartAsync(Configuration(cluster.Switch));
        string owner = await cluster.FirstOwnerAsync(Group);
        string[] others = [.. MachineCluster.Names.Where(name => name != owner)];
        int cut = cluster.Mark(others[1]);
        await Task.WhenAll(others.Select(other => isHeard ? cluster.LoseAsync(other, owner) : cluster.LoseAsync(owner, other)));
        JournalEntry again = await cluster.SaysAsync(others[1], cut, Started);
        Assert.Contains(again.Node, others);
        Assert.False(cluster.IsOn(owner));
        Assert.All(others, other => Assert.True(cluster.IsOn(other)));
    }

    [Fact]
    public async Task A_machine_that_is_cut_off_stops_what_it_runs_and_without_proof_of_its_death_nobody_takes_over()
    {
        await Premises.RequireAsync("Dummy", "corosync");
        await using var cluster = new MachineCluster(workshop);
        await cluster.StartAsync(Configuration(null));
        string owner = await cluster.FirstOwnerAsync(Group);
        string other = owner == "n3" ? "n2" : "n3";
        int cut = cluster.Mark(other);
        await cluster.CutOffAsync(owner);
        await cluster.SaysAsync(other, cut, e => e.Kind == "node.lost" && e.Node == owner);
        await Shell.UntilAsync(() => !IsRunning(owner), () => $"{owner} stops what it runs");
        Assert.DoesNotContain(cluster.Journal(other, cut), e => Started(e));
        await cluster.HealAsync();
        await cluster.SaysAsync(other, cut, Started);

        bool IsRunning(string name) => cluster.RunAsync(name, "ls /run/resource-agents").GetAwaiter().GetResult()
            .Contains("Dummy-", StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_last_of_three_machines_goes_on_by_the_quorum_disk()
    {
        await Premises.RequireAsync("Dummy", "corosync");
        await using var cluster = new MachineCluster(workshop);
        string disk = workshop["quorum-disk"];
        QuorumDiskFormat.Format(disk, "several", overwrites: false);
        await cluster.StartAsync(Configuration(cluster.Switch) with
        {
            QuorumDisk = new QuorumDiskConfiguration
            {
                Device = disk, Interval = 300, Heuristics = [new QuorumHeuristic { Program = "test -d /", Interval = 500 }],
            },
        });
        string first = await cluster.FirstOwnerAsync(Group);
        string last = MachineCluster.Names.Last(name => name != first);
        int cut = cluster.Mark(last);
        await Shell.UntilAsync(
            () => QuorumDiskFormat.Show(disk).Split('\n')[1..] is { Length: 3 } lines
                && !lines.Any(l => l.Contains("up to entry 0.0", StringComparison.Ordinal)),
            () => $"all machines have written what is committed:\n{QuorumDiskFormat.Show(disk)}");
        await cluster.CutPowerAsync(first);
        JournalEntry again = await cluster.SaysAsync(last, cut, Started);
        string second = Assert.Single(MachineCluster.Names, name => name != first && name != last);
        if (again.Node == last)
        {
            await cluster.CutPowerAsync(second);
            await cluster.SaysAsync(last, cut, e => e.Kind == "fence.success" && e.Node == second);
        }
        else
        {
            int next = cluster.Mark(last);
            await cluster.CutPowerAsync(second);
            Assert.Equal(last, (await cluster.SaysAsync(last, next, Started)).Node);
        }

        Assert.DoesNotContain(
            cluster.Journal(last, cut), e => e.Kind == "view" && e.Message.Contains("no quorum", StringComparison.Ordinal));
        Assert.Contains($"{last}: beat", QuorumDiskFormat.Show(disk), StringComparison.Ordinal);
        Assert.Contains("holds it (claim", QuorumDiskFormat.Show(disk), StringComparison.Ordinal);
    }

    private static bool Started(JournalEntry entry) => entry.Kind == "group.started" && entry.Group == Group;

    private static ClusterConfiguration Configuration(FenceDevice? device)
    {
        return new ClusterConfiguration
        {
            Name = "several",
            Timing = new ClusterTiming { Token = 1000, PostJoinDelay = 60_000, QuorumLossDeadline = 20_000 },
            FenceDevices = device is null ? ClusterConfiguration.Sorted<FenceDevice>()
                : ClusterConfiguration.Sorted<FenceDevice>().Add(device.Name, device),
            Nodes = MachineCluster.Nodes(MachineCluster.Names, device),
            Groups = ClusterConfiguration.Sorted<GroupConfiguration>().Add(Group, new GroupConfiguration
            {
                Name = Group,
                Resources = [new ResourceConfiguration { Id = "dummy:web", Type = "dummy", Agent = "ocf:heartbeat:Dummy" }],
            }),
        };
    }
}
