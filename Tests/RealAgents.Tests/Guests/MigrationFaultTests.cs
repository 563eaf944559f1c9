namespace ClusterTools.RealAgents.Tests.Guests;

/// <summary>What can befall a guest while it moves between real hosts: each once here, five times with CLUSTERTOOLS_FULL=1.</summary>
public sealed class MigrationFaultTests : IDisposable
{
    private const string Here = "n1";
    private const string There = "n2";

    private readonly Workshop workshop = new();

    private static bool IsFull => Environment.GetEnvironmentVariable("CLUSTERTOOLS_FULL") == "1";

    public void Dispose() => workshop.Dispose();

    [Fact]
    public async Task Whatever_befalls_a_guest_that_moves_it_runs_once_in_the_end()
    {
        await Premises.RequireAsync("Dummy", "corosync", "libvirtd", "virsh", "qemu-system-x86_64", "as", "ld", "curl");
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CLUSTERTOOLS_SEED"), out int given) ? given : Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"CLUSTERTOOLS_SEED={seed}");
        var chance = new Random(seed);
        await using var hosts = new GuestHosts(workshop);
        await hosts.StartAsync();
        await hosts.SettledAsync("the start");
        (string What, bool Survives, Func<Task> Do)[] faults =
        [
            ("nothing at all, standing still", true, () => MoveAsync(hosts, chance, "suspended", null)),
            ("its destination loses power", true, () => MoveAsync(hosts, chance, "live", () => hosts.Cluster.CutPowerAsync(There))),
            ("its source loses power", false, () => MoveAsync(hosts, chance, "live", () => hosts.Cluster.CutPowerAsync(Here))),
            ("the network of its destination is cut", true, () => CutOffAsync(hosts, chance, There)),
            ("the network of its source is cut", false, () => CutOffAsync(hosts, chance, Here)),
            ("the daemon at its source dies", false, () => DieAsync(hosts, chance, Here)),
            ("the daemon at its destination dies", true, () => DieAsync(hosts, chance, There)),
            ("somebody ends it", true,
                () => MoveAsync(hosts, chance, "live", async () => Assert.True(await hosts.AskAsync("stopMigration")))),
            ("it never comes to an end", true, () => NeverEndsAsync(hosts, chance)),
            ("its source loses power at about the last step", false,
                () => MoveAsync(hosts, chance, "suspended", () => hosts.Cluster.CutPowerAsync(Here))),
            ("its destination loses power at about the last step", false,
                () => MoveAsync(hosts, chance, "suspended", () => hosts.Cluster.CutPowerAsync(There))),
        ];
        for (int round = 0; round < (IsFull ? 5 : 1); round++)
        {
            foreach ((string what, bool survives, Func<Task> fault) in faults)
            {
                await ReturnAsync(hosts);
                int boot = hosts.Ticks.Last.Boot;
                await fault();
                string host = await hosts.SettledAsync($"{what}, round {round}, CLUSTERTOOLS_SEED={seed}");
                TestContext.Current.TestOutputHelper!.WriteLine(
                    $"{what}: it is on {host}, boot {hosts.Ticks.Last.Boot} after {boot}, tick {hosts.Ticks.Last.Tick}");
                Assert.True(
                    !survives || hosts.Ticks.Last.Boot == boot, $"{what}: the guest has booted again.\n{hosts.Cluster.LastWords()}");
            }
        }
    }

    /// <summary>It is where each case begins.</summary>
    private static async Task ReturnAsync(GuestHosts hosts)
    {
        if (await hosts.SettledAsync("coming back") != Here)
        {
            Assert.True(
                await hosts.AskAsync("migrate", $$"""{"node":"{{Here}}","kind":"suspended"}"""),
                $"It does not come back.\n{hosts.Cluster.LastWords()}");
            await hosts.SettledAsync("coming back");
        }
    }

    /// <summary>Something befalls it somewhere on its way.</summary>
    /// <returns>Whether it has moved all the same.</returns>
    private static async Task<bool> MoveAsync(GuestHosts hosts, Random chance, string kind, Func<Task>? fault)
    {
        int mark = hosts.Cluster.Mark("n3");
        Task<bool> moves = hosts.AskAsync("migrate", $$"""{"node":"{{There}}","kind":"{{kind}}"}""");
        await hosts.Cluster.SaysAsync("n3", mark, static e => e.Kind == "group.migrating");
        if (fault is null)
        {
            Assert.True(await moves, $"It does not move.\n{hosts.Cluster.LastWords()}");
            return true;
        }

        // A live one goes on until it is ended: the guest is busy. One that stands still takes a second or so.
        await Task.Delay(chance.Next(kind == "live" ? 2_000 : 1_200), Shell.Cancel);
        await fault();
        return await moves;
    }

    private static Task CutOffAsync(GuestHosts hosts, Random chance, string host) => MoveAsync(hosts, chance, "live", async () =>
    {
        int mark = hosts.Cluster.Mark("n3");
        await hosts.Cluster.CutOffAsync(host);
        await hosts.Cluster.SaysAsync("n3", mark, e => e.Kind == "fence.success" && e.Node == host);
        await hosts.Cluster.HealAsync();
    });

    /// <summary>The others notice that at once, and fence its machine.</summary>
    private static Task DieAsync(GuestHosts hosts, Random chance, string host) => MoveAsync(
        hosts, chance, "live", () => hosts.Cluster.SignalDaemonAsync(host, "KILL"));

    private static async Task NeverEndsAsync(GuestHosts hosts, Random chance)
    {
        int boot = hosts.Ticks.Last.Boot;
        await hosts.SetAsync("migration_limit", "3");
        Assert.Equal(boot, hosts.Ticks.Last.Boot);
        // A guest that gets little of a loaded processor may come to an end.
        bool moved = await MoveAsync(hosts, chance, "live", static () => Task.CompletedTask);
        Assert.Equal(moved ? There : Here, await hosts.SettledAsync("its limit"));
        await hosts.SetAsync("migration_limit", null);
    }
}
