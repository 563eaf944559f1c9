using System.Collections.Immutable;
using System.Text.Json;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.RealAgents.Tests.SeveralMachines;

namespace ClusterTools.RealAgents.Tests.Fencing;

/// <summary>
/// Machines that are cut off by the distribution's fence agents: BMCs and a host of virtual machines that really cut their power. One
/// writer to a disk that all share shows that nobody takes over too early.
/// </summary>
public sealed class FencingTests : IDisposable
{
    private const string Group = "writer";

    private readonly Workshop workshop = new();
    private readonly SharedDisk disk;

    public FencingTests() => disk = new SharedDisk(workshop["disk"]);

    public void Dispose() => workshop.Dispose();

    [Fact]
    public async Task A_machine_that_has_crashed_is_switched_off_and_on_by_its_BMC_and_another_takes_over_in_between()
    {
        await Premises.RequireAsync("Dummy", "corosync", "fence_ipmilan", "ipmi_sim", "ipmitool");
        await using var cluster = new MachineCluster(workshop);
        using var bmcs = new Bmcs(cluster, workshop, supplies: 1);
        await cluster.StartAsync(Configuration(cluster.Machines, bmcs.Devices, name => [bmcs.Method(name)]));
        await bmcs.StartAsync();
        (string owner, string other) = await OwnerAsync(cluster);

        int crash = cluster.Mark(other);
        await cluster.CutPowerAsync(owner);
        await TakesOverAsync(cluster, other, crash, owner);
        // Nobody but its BMC brings it up.
        await cluster.SaysAsync(other, crash, e => e.Kind == "node.online" && e.Node == owner);
        Assert.Equal(["1 off", "1 on"], bmcs.Told(owner));
        Assert.Empty(disk.Doubles());
    }

    [Fact]
    public async Task A_machine_that_is_cut_off_is_fenced_by_its_BMC_whose_password_is_seen_nowhere()
    {
        await Premises.RequireAsync("Dummy", "corosync", "fence_ipmilan", "ipmi_sim", "ipmitool", "curl");
        await using var cluster = new MachineCluster(workshop);
        using var bmcs = new Bmcs(cluster, workshop, supplies: 1);
        var gate = new Gate(workshop);
        IEnumerable<FenceDevice> held = bmcs.Devices.Select(d => gate.Before(d, Premises.Find("fence_ipmilan")!));
        await cluster.StartAsync(Configuration(cluster.Machines, held, name => [bmcs.Method(name)]));
        await bmcs.StartAsync();
        (string owner, string other) = await OwnerAsync(cluster);

        int cut = cluster.Mark(other);
        await cluster.CutOffAsync(owner);
        await Shell.UntilAsync(() => gate.Waiting(owner).Length > 0, () => $"{owner} is fenced\n{cluster.LastWords()}");
        Assert.Contains(SeenProcess.Read(), static p => p.Arguments.Contains("/fence_held", StringComparison.Ordinal));
        Assert.Empty(SeenProcess.That(bmcs.Password));
        Assert.True(cluster.IsOn(owner));
        Assert.DoesNotContain(cluster.Journal(other, cut), Started);
        gate.Open();
        await TakesOverAsync(cluster, other, cut, owner);
        await cluster.SaysAsync(other, cut, e => e.Kind == "node.online" && e.Node == owner);
        Assert.Equal(["1 off", "1 on"], bmcs.Told(owner));
        Assert.Empty(disk.Doubles());
        Assert.Empty(SeenProcess.That(bmcs.Password));
        await IsSaidNowhereAsync(cluster, other, owner, bmcs.Password);
    }

    [Fact]
    public async Task An_agent_that_hangs_is_ended_with_all_it_started_a_dead_BMC_is_given_up_and_the_next_method_is_taken()
    {
        await Premises.RequireAsync("Dummy", "corosync", "fence_ipmilan", "ipmi_sim", "ipmitool");
        await using var cluster = new MachineCluster(workshop);
        using var bmcs = new Bmcs(cluster, workshop, supplies: 1);
        string mark = workshop.Folder("hangs");
        var hangs = new FenceDevice
        {
            Name = "hangs", Agent = "fence_hangs", Parameters = ClusterConfiguration.Sorted<string>().Add("mark", mark),
        };
        // Else the agent waits 20 s for a BMC that is dead, and as long when it is asked for its state then.
        IEnumerable<FenceDevice> impatient =
            bmcs.Devices.Select(static d => d with { Parameters = d.Parameters.Add("power_timeout", "3") });
        await cluster.StartAsync(Configuration(
            cluster.Machines, [hangs, .. impatient, cluster.Switch],
            name =>
            [
                new FenceMethod { Name = "hangs", Steps = [new FenceStep { Device = hangs.Name }] }, bmcs.Method(name),
                SwitchFencing.Plug(cluster.Switch, name),
            ]) with { Timing = Timing with { FenceTimeout = 8_000 } });
        (string owner, string other) = await OwnerAsync(cluster);

        int cut = cluster.Mark(other);
        await cluster.CutOffAsync(owner);
        await TakesOverAsync(cluster, other, cut, owner);
        JournalEntry[] failures = [.. cluster.Journal(other, cut).Where(e => e.Kind == "fence.failure" && e.Node == owner)];
        Assert.Equal(2, failures.Length);
        Assert.Contains("(fence_hangs) took longer than 8 s and was ended", failures[0].Message, StringComparison.Ordinal);
        Assert.Contains("(fence_ipmilan) returned 1 (failed)", failures[1].Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(mark, "child")));
        Assert.Empty(SeenProcess.That(mark));
        Assert.False(cluster.IsOn(owner));
        Assert.Empty(disk.Doubles());
    }

    [Fact]
    public async Task Of_two_supplies_both_are_off_before_either_is_on_again()
    {
        await Premises.RequireAsync("Dummy", "corosync", "fence_ipmilan", "ipmi_sim", "ipmitool");
        await using var cluster = new MachineCluster(workshop);
        using var bmcs = new Bmcs(cluster, workshop, supplies: 2);
        await cluster.StartAsync(Configuration(cluster.Machines, bmcs.Devices, name => [bmcs.Method(name)]));
        await bmcs.StartAsync();
        (string owner, string other) = await OwnerAsync(cluster);

        int cut = cluster.Mark(other);
        await cluster.CutOffAsync(owner);
        await TakesOverAsync(cluster, other, cut, owner);
        await cluster.SaysAsync(other, cut, e => e.Kind == "node.online" && e.Node == owner);
        await Shell.UntilAsync(() => bmcs.Told(owner).Count() >= 4, 
            () => $"both are on again: {string.Join(", ", bmcs.Told(owner))}\n{cluster.LastWords()}");
        Assert.Equal(["1 off", "2 off", "1 on", "2 on"], bmcs.Told(owner));
        Assert.Empty(disk.Doubles());
    }

    [Fact]
    public async Task Two_machines_are_fenced_at_once_and_when_the_one_that_fences_dies_meanwhile_another_goes_on()
    {
        await Premises.RequireAsync("Dummy", "corosync");
        await using var cluster = new MachineCluster(workshop, ["n1", "n2", "n3", "n4", "n5"]);
        var gate = new Gate(workshop);
        FenceDevice held = gate.Before(cluster.Switch, "/usr/local/sbin/fence_switch");
        await cluster.StartAsync(Configuration(cluster.Machines, [held], name => [SwitchFencing.Plug(held, name)]));
        string owner = await cluster.FirstOwnerAsync(Group);
        string second = cluster.Machines.Last(name => name != owner);
        string other = cluster.Machines.First(name => name != owner && name != second);

        int cut = cluster.Mark(other);
        await Task.WhenAll(cluster.CutPowerAsync(owner), cluster.CutPowerAsync(second));
        await Shell.UntilAsync(
            () => gate.Waiting(owner).Length > 0 && gate.Waiting(second).Length > 0, () => $"both are fenced\n{cluster.LastWords()}");
        Assert.DoesNotContain(cluster.Journal(other, cut), e => e.Kind == "fence.success" || Started(e));
        gate.Open();
        owner = await TakesOverAsync(cluster, other, cut, owner);
        await cluster.SaysAsync(other, cut, e => e.Kind == "fence.success" && e.Node == second);

        foreach (string off in cluster.Machines.Where(name => !cluster.IsOn(name)).ToArray())
        {
            await cluster.BootAsync(off);
        }

        await Shell.UntilAsync(() => cluster.Machines.All(cluster.IsOnline), () => $"all take part\n{cluster.LastWords()}");
        gate.Close();
        await cluster.CutPowerAsync(owner);
        await Shell.UntilAsync(() => gate.Waiting(owner).Length > 0, () => $"{owner} is fenced\n{cluster.LastWords()}");
        string fencer = Assert.Single(gate.Waiting(owner));
        other = cluster.Machines.First(name => name != owner && name != fencer);
        cut = cluster.Mark(other);
        await cluster.CutPowerAsync(fencer);
        await Shell.UntilAsync(
            () => gate.Waiting(owner).Any(at => at != fencer) && gate.Waiting(fencer).Length > 0,
            () => $"another fences both {owner} and {fencer}\n{cluster.LastWords()}");
        Assert.DoesNotContain(cluster.Journal(other, cut), e => e.Kind == "fence.success" || Started(e));
        gate.Open();
        Assert.NotEqual(fencer, await TakesOverAsync(cluster, other, cut, owner));
        await cluster.SaysAsync(other, cut, e => e.Kind == "fence.success" && e.Node == fencer);
        Assert.Empty(disk.Doubles());
    }

    [Fact]
    public async Task A_machine_that_is_a_guest_is_fenced_by_fence_virt_and_its_guest_is_off()
    {
        await Premises.RequireAsync("Dummy", "corosync", "fence_virt", "fence_virtd", "libvirtd", "virsh", "qemu-system-x86_64");
        await using var cluster = new MachineCluster(workshop);
        var guests = new GuestHost(workshop);
        await cluster.StartAsync(Configuration(cluster.Machines, [guests.Device], name => [Guest(guests.Device, name)]));
        await using (guests)
        {
            await guests.StartAsync(cluster);
            (string owner, string other) = await OwnerAsync(cluster);
            Assert.Equal("running", await guests.StateAsync(owner));

            int cut = cluster.Mark(other);
            await cluster.CutOffAsync(owner);
            await TakesOverAsync(cluster, other, cut, owner);
            Assert.Equal("shut off", await guests.StateAsync(owner));
            Assert.False(cluster.IsOn(owner));
            await guests.SwitchOnAsync(owner);
            await cluster.SaysAsync(other, cut, e => e.Kind == "node.online" && e.Node == owner);
            Assert.Empty(disk.Doubles());
        }

        // It stays off until a person switches it on.
        static FenceMethod Guest(FenceDevice host, string name) => new()
        {
            Name = "guest",
            Steps =
            [
                new FenceStep
                {
                    Device = host.Name, Action = FenceAction.Off, Parameters = ClusterConfiguration.Sorted<string>().Add("port", name),
                },
            ],
        };
    }

    [Theory]
    [InlineData("fence_ifmib")]
    [InlineData("fence_port")]
    public async Task A_machine_whose_port_in_the_fabric_is_closed_gets_at_its_disk_again_when_it_has_booted_and_not_before(string agent)
    {
        await Premises.RequireAsync("Dummy", "corosync", "fence_ifmib", "snmpset", "snmpd", "ping");
        await using var cluster = new MachineCluster(workshop);
        await using var fabric = new Fabric(cluster, workshop, disk, agent);
        ClusterConfiguration configuration = Configuration(cluster.Machines, [fabric.Device], name => [fabric.Method(name)]);
        await cluster.StartAsync(configuration with { Groups = configuration.Groups.SetItem(Group, Fabric.Writer(Group)) });
        await fabric.StartAsync();
        (string owner, string other) = await OwnerAsync(cluster);
        await Shell.UntilAsync(() => disk.Writer == owner, () => $"{owner} writes, not {disk.Writer}\n{cluster.LastWords()}");

        int cut = cluster.Mark(other);
        await cluster.CutOffAsync(owner);
        string next = await TakesOverAsync(cluster, other, cut, owner);
        await Shell.UntilAsync(() => disk.Writer == next, () => $"{next} writes, not {disk.Writer}\n{cluster.LastWords()}");
        Assert.True(cluster.IsOn(owner));
        Assert.False(await fabric.ReachesAsync(owner));

        // It is heard again, and has in its memory whatever it had.
        int heard = cluster.Mark(owner);
        await cluster.HealAsync();
        await cluster.SaysAsync(
            owner, heard, e => e.Kind == "node.disks" && e.Message.Contains("Boot it", StringComparison.Ordinal));
        await cluster.SaysAsync(other, cut, e => e.Kind == "node.online" && e.Node == owner);
        Assert.False(await fabric.IsOpenAsync(owner));

        (int booted, cut) = (cluster.Mark(owner), cluster.Mark(other));
        await cluster.CutPowerAsync(owner);
        await cluster.SaysAsync(other, cut, e => e.Kind == "fence.success" && e.Node == owner);
        await cluster.BootAsync(owner);
        await fabric.PlugInAsync(owner);
        await cluster.SaysAsync(
            owner, booted, e => e.Kind == "node.disks" && e.Message.Contains("has opened its port", StringComparison.Ordinal));
        Assert.True(await fabric.IsOpenAsync(owner));
        Assert.True(await fabric.ReachesAsync(owner));
        Assert.Empty(disk.Doubles());
    }

    /// <summary>Who has the group, and one that has not.</summary>
    private static async Task<(string Owner, string Other)> OwnerAsync(MachineCluster cluster)
    {
        string owner = await cluster.FirstOwnerAsync(Group);
        return (owner, cluster.Machines.First(name => name != owner));
    }

    /// <summary>The group is started on another machine, once the one that had it is proven off.</summary>
    private static async Task<string> TakesOverAsync(MachineCluster cluster, string witness, int after, string from)
    {
        JournalEntry started = await cluster.SaysAsync(witness, after, Started);
        Assert.NotEqual(from, started.Node);
        Assert.Contains(
            cluster.Journal(witness, after).TakeWhile(e => e.Index < started.Index), e => e.Kind == "fence.success" && e.Node == from);
        return started.Node!;
    }

    /// <summary>Journals, daemons' words, and all that a viewer may ask for.</summary>
    private static async Task IsSaidNowhereAsync(MachineCluster cluster, string at, string fenced, string secret)
    {
        foreach (string file in cluster.Machines.SelectMany(name => (string[])
            [cluster.Log(name), .. Directory.EnumerateFiles(cluster.State(name), "journal*")]))
        {
            Assert.DoesNotContain(secret, await File.ReadAllTextAsync(file, Shell.Cancel), StringComparison.Ordinal);
        }

        foreach (string what in (string[])
            [
                "cluster", "nodes", "groups", "configuration", "configuration/history", "configuration/export", "fence-devices",
                "fence-history", "fencing", "journal", "operations",
            ])
        {
            string answer = await cluster.RunAsync(
                at, $"cd '{cluster.AdministratorFolder}'; curl -sS --cacert ca.pem --cert-type P12 --cert admin.pfx: "
                    + $"https://{cluster.Address(at)}:7450/v1/{what}");
            Assert.DoesNotContain(secret, answer, StringComparison.Ordinal);
            switch (what)
            {
                case "configuration" or "fence-devices":
                    Assert.Contains("(secret)", answer, StringComparison.Ordinal);
                    break;
                case "fence-history":
                    using (var history = JsonDocument.Parse(answer))
                    {
                        JsonElement last = history.RootElement.EnumerateArray().Last();
                        Assert.Equal(fenced, last.GetProperty("target").GetString());
                        Assert.True(last.GetProperty("success").GetBoolean(), answer);
                    }

                    break;
            }
        }

        string status = await cluster.RunAsync(
            at, $"export DOTNET_EnableDiagnostics=0; '{Premises.Clusterd}' status --context '{cluster.AdministratorFolder}/context.json'");
        Assert.Contains(fenced, status, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, status, StringComparison.Ordinal);
    }

    private static bool Started(JournalEntry entry) => entry.Kind == "group.started" && entry.Group == Group;

    private static ClusterTiming Timing { get; } = new() { Token = 1000, PostJoinDelay = 60_000, QuorumLossDeadline = 20_000 };

    private ClusterConfiguration Configuration(
        IReadOnlyList<string> machines, IEnumerable<FenceDevice> devices, Func<string, ImmutableArray<FenceMethod>> methods) => new()
        {
            Name = "fencing",
            Timing = Timing,
            FenceDevices = devices.ToImmutableSortedDictionary(static d => d.Name, static d => d, StringComparer.Ordinal),
            Nodes = MachineCluster.Nodes(machines, methods),
            Groups = ClusterConfiguration.Sorted<GroupConfiguration>().Add(Group, disk.WrittenBy(Group)),
        };
}
