using ClusterTools.Core.Configuration;

namespace ClusterTools.RealAgents.Tests.SeveralMachines;

/// <summary>
/// One writer to a disk that all machines share, whatever happens to them: few faults here, and many with CLUSTERTOOLS_FULL=1.
/// </summary>
public sealed class ChaosTests : IDisposable
{
    private const string Group = "writer";

    private readonly Workshop workshop = new();

    private static bool IsFull => Environment.GetEnvironmentVariable("CLUSTERTOOLS_FULL") == "1";

    public void Dispose() => workshop.Dispose();

    [Theory]
    [InlineData(3, 1)]
    [InlineData(5, 2)]
    public async Task Faults_at_random_leave_one_writer_and_all_is_up_in_the_end(int machines, int seed)
    {
        await Premises.RequireAsync("Dummy", "corosync");
        string[] names = [.. Enumerable.Range(1, machines).Select(i => $"n{i}")];
        await using var cluster = new MachineCluster(workshop, names, losesUnsynced: true);
        var disk = new SharedDisk(workshop["disk"]);
        await cluster.StartAsync(Configuration(cluster, disk));
        await new Chaos(cluster, disk, seed).RunAsync(IsFull ? 150 : 3);
    }

    [Fact]
    public async Task Of_two_machines_one_survives_each_time_the_power_of_one_or_the_cable_between_them_is_cut()
    {
        await Premises.RequireAsync("Dummy", "corosync");
        await using var cluster = new MachineCluster(workshop, ["n1", "n2"], losesUnsynced: true);
        var disk = new SharedDisk(workshop["disk"]);
        await cluster.StartAsync(Configuration(cluster, disk));
        await BothAsync(cluster, disk);
        var random = new Random(3);
        int cuts = IsFull ? 100 : 4;
        for (int cut = 0; cut < cuts; cut++)
        {
            string victim = cluster.Machines[random.Next(2)];
            Dictionary<string, int> marks = cluster.Machines.ToDictionary(name => name, cluster.Mark);
            if (cut % 2 == 0)
            {
                await cluster.CutPowerAsync(victim);
            }
            else
            {
                await cluster.CutOffAsync(victim);
                // Who survives is decided by who fences whom, and the other one has no power then.
                await Shell.UntilAsync(
                    () => !cluster.Machines.All(cluster.IsOn), () => $"one of two is fenced\n{cluster.LastWords()}");
            }

            int before = disk.Length;
            await Shell.UntilAsync(() => disk.Length > before + 5 && disk.Writer is { } at && cluster.IsOn(at),
                () => $"cut {cut}: the survivor writes ({disk.Writer})\n{cluster.LastWords()}");
            string survivor = Assert.Single(cluster.Machines, cluster.IsOn);
            string other = Assert.Single(cluster.Machines, name => name != survivor);
            // Booted before that it would be fenced in its new life.
            await cluster.SaysAsync(survivor, marks[survivor], e => e.Kind == "fence.success" && e.Node == other);
            await cluster.HealAsync();
            await cluster.BootAsync(other);
            await BothAsync(cluster, disk);
            Assert.True(!disk.Doubles().Any(), $"Two wrote at once: {string.Join('\n', disk.Turns())}\n{cluster.LastWords()}");
        }
    }

    private static async Task BothAsync(MachineCluster cluster, SharedDisk disk)
    {
        int before = disk.Length;
        await Shell.UntilAsync(
            () => disk.Length > before + 5 && cluster.Machines.All(cluster.IsOnline),
            () => $"both take part, and one writes: {before} lines, then {disk.Length}, by {disk.Writer}; online: "
                + $"{string.Join(", ", cluster.Machines.Where(cluster.IsOnline))}\n{cluster.LastWords()}");
    }

    private static ClusterConfiguration Configuration(MachineCluster cluster, SharedDisk disk) => new()
    {
        Name = "chaos",
        TwoNode = cluster.Machines.Count == 2,
        // The delay is longer than the power switch takes on a busy machine: else each of two would fence the other.
        Timing = new ClusterTiming
        {
            Token = 1000, PostJoinDelay = 60_000, QuorumLossDeadline = 20_000, TwoNodeDelay = 10_000,
            // They are lost time and again, and must run the writer all the same.
            FlapLimit = 0,
        },
        FenceDevices = ClusterConfiguration.Sorted<FenceDevice>().Add(cluster.Switch.Name, cluster.Switch),
        Nodes = MachineCluster.Nodes(cluster.Machines, cluster.Switch),
        Groups = ClusterConfiguration.Sorted<GroupConfiguration>().Add(Group, disk.WrittenBy(Group)),
    };
}
