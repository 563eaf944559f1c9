using ClusterTools.Guests.Tests.Hosts;

namespace ClusterTools.Guests.Tests;

/// <summary>What every <see cref="IHypervisor"/> owes.</summary>
public abstract class HypervisorContract : IAsyncLifetime
{
    private const string Name = "ticker";

    private IHypervisorHosts hosts = null!;
    private IHypervisor here = null!;
    private IHypervisor there = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        hosts = await StartAsync();
        here = hosts.Connect(hosts.Names[0]);
        there = hosts.Connect(hosts.Names[1]);
    }

    public async ValueTask DisposeAsync()
    {
        if (hosts is not null)
        {
            await here.DisposeAsync();
            await there.DisposeAsync();
            await hosts.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_host_says_what_it_is_and_has()
    {
        HostCapacity capacity = await here.GetCapacityAsync(Cancel);
        Assert.Equal(hosts.Names[0], capacity.HostName);
        Assert.Equal(Environment.ProcessorCount, capacity.Processors);
        Assert.InRange(capacity.FreeMemory, 1, capacity.Memory);
        Assert.NotEqual("", capacity.Hypervisor);
        Assert.True(capacity.Version > new Version(1, 0));
        Assert.NotNull(capacity.ProcessorModel);
    }

    [Fact]
    public async Task A_guest_goes_from_defined_to_gone_and_each_step_is_told_as_it_happens()
    {
        await using var watcher = new Watcher(here);
        Assert.Empty((await watcher.SeesAsync<GuestsListed>(0)).Guests);
        await here.DefineAsync(hosts.NewGuest(Name), Cancel);
        Guest defined = Assert.Single(await here.ListAsync(Cancel));
        Assert.Equal((Name, GuestPhase.Off, true, 4L << 20, 1),
            (defined.Name, defined.Phase, defined.IsPersistent, defined.MaxMemory, defined.Processors));
        Assert.Contains(Name, await here.GetDefinitionAsync(Name, Cancel), StringComparison.Ordinal);

        await here.StartAsync(Name, Cancel);
        await hosts.Ticks(Name).GoOnAsync();
        Assert.Equal((GuestPhase.Running, defined.Id), await PhaseAsync());
        await here.SuspendAsync(Name, Cancel);
        Assert.Equal((GuestPhase.Paused, defined.Id), await PhaseAsync());
        Assert.Equal(GuestCause.Asked, (await here.FindAsync(Name, Cancel))!.Cause);
        int stood = hosts.Ticks(Name).All().Count;
        await here.ResumeAsync(Name, Cancel);
        await hosts.Ticks(Name).GoOnAsync();
        Assert.InRange(stood, 1, hosts.Ticks(Name).All().Count - 10);
        await here.ResetAsync(Name, Cancel);
        await WaitForBootAsync(2);

        int asked = watcher.Count;
        await here.ShutdownAsync(Name, Cancel);
        await watcher.SeesAsync<GuestChanged>(asked, e => e.Change == GuestChange.Stopped);
        Assert.True(hosts.Ticks(Name).SaidGoodbye);
        Guest off = (await here.FindAsync(Name, Cancel))!;
        Assert.Equal((GuestPhase.Off, GuestCause.Guest), (off.Phase, off.Cause));
        await here.StartAsync(Name, Cancel);
        await hosts.Ticks(Name).GoOnAsync();
        await here.PowerOffAsync(Name, Cancel);
        Assert.Equal((GuestPhase.Off, defined.Id), await PhaseAsync());
        Assert.False(hosts.Ticks(Name).SaidGoodbye);
        await here.UndefineAsync(Name, Cancel);
        await watcher.SeesAsync<GuestChanged>(asked, e => e.Change == GuestChange.Undefined);
        Assert.Null(await here.FindAsync(Name, Cancel));
        // A host may tell of steps between these, such as that a guest which starts is paused and resumed.
        AssertInOrder(
            [
                (GuestChange.Defined, GuestCause.None), (GuestChange.Started, GuestCause.Asked), (GuestChange.Paused, GuestCause.Asked),
                (GuestChange.Resumed, GuestCause.Asked), (GuestChange.Stopped, GuestCause.Guest), (GuestChange.Started, GuestCause.Asked),
                (GuestChange.Stopped, GuestCause.Asked), (GuestChange.Undefined, GuestCause.None),
            ],
            watcher.Of(Name, 0));
    }

    [Fact]
    public async Task Asked_for_what_is_so_already_a_host_does_nothing_and_is_well()
    {
        await here.DefineAsync(hosts.NewGuest(Name), Cancel);
        await here.ShutdownAsync(Name, Cancel);
        await here.PowerOffAsync(Name, Cancel);
        await here.StartAsync(Name, Cancel);
        await here.StartAsync(Name, Cancel);
        await here.ResumeAsync(Name, Cancel);
        await here.SuspendAsync(Name, Cancel);
        await here.SuspendAsync(Name, Cancel);
        await here.PowerOffAsync(Name, Cancel);
        await here.PowerOffAsync(Name, Cancel);
        await here.UndefineAsync(Name, Cancel);
        await here.UndefineAsync(Name, Cancel);
        await here.PowerOffAsync(Name, Cancel);
    }

    [Fact]
    public async Task What_a_host_can_not_do_it_says_with_the_guests_name_and_in_which_way()
    {
        await FailsAsync(HypervisorFault.NoSuchGuest, () => here.StartAsync(Name, Cancel));
        await FailsAsync(HypervisorFault.NoSuchGuest, () => here.GetDefinitionAsync(Name, Cancel));
        await FailsAsync(HypervisorFault.NoSuchGuest, () => here.MigrateAsync(Name, Order(), null, Cancel));
        await FailsAsync(HypervisorFault.BadDefinition, () => here.DefineAsync("no definition", Cancel), names: false);
        await FailsAsync(
            HypervisorFault.BadDefinition, () => here.DefineAsync($"<domain type='qemu'><name>{Name}</name></domain>", Cancel));
        await here.DefineAsync(hosts.NewGuest(Name), Cancel);
        await FailsAsync(HypervisorFault.WrongState, () => here.ResetAsync(Name, Cancel));
        await FailsAsync(HypervisorFault.WrongState, () => here.SuspendAsync(Name, Cancel));
    }

    [Fact]
    public async Task A_transient_guest_is_forgotten_when_it_ends()
    {
        await using var watcher = new Watcher(here);
        await watcher.SeesAsync<GuestsListed>(0);
        await here.StartTransientAsync(hosts.NewGuest(Name), Cancel);
        Assert.False((await here.FindAsync(Name, Cancel))!.IsPersistent);
        await hosts.Ticks(Name).GoOnAsync();
        await here.PowerOffAsync(Name, Cancel);
        await watcher.SeesAsync<GuestChanged>(0, e => e.Change == GuestChange.Stopped);
        Assert.Empty(await here.ListAsync(Cancel));
    }

    [Fact]
    public async Task A_guest_whose_program_dies_is_told_without_being_asked_for()
    {
        await here.StartTransientAsync(hosts.NewGuest(Name), Cancel);
        await using var watcher = new Watcher(here);
        await watcher.SeesAsync<GuestsListed>(0);
        await hosts.Ticks(Name).GoOnAsync();
        await hosts.KillGuestAsync(hosts.Names[0], Name);
        await watcher.SeesAsync<GuestChanged>(0, e => e is { Change: GuestChange.Stopped, Cause: GuestCause.Crash });
    }

    [Theory]
    [InlineData(MigrationKind.Live, true)]
    [InlineData(MigrationKind.Live, false)]
    [InlineData(MigrationKind.Suspended, true)]
    public async Task A_guest_that_moves_runs_there_alone_and_has_missed_nothing(MigrationKind kind, bool isPersistent)
    {
        string definition = hosts.NewGuest(Name);
        if (isPersistent)
        {
            await here.DefineAsync(definition, Cancel);
            await here.StartAsync(Name, Cancel);
        }
        else
        {
            await here.StartTransientAsync(definition, Cancel);
        }

        await using var source = new Watcher(here);
        await using var target = new Watcher(there);
        await source.SeesAsync<GuestsListed>(0);
        await target.SeesAsync<GuestsListed>(0);
        await hosts.Ticks(Name).GoOnAsync();
        MigrationProgress took = await here.MigrateAsync(Name, Order() with { Kind = kind }, null, Cancel);
        Assert.True(took.Elapsed > TimeSpan.Zero);
        Assert.True(took.Sent > 0);
        Assert.True(took.Downtime is { } downtime && downtime <= took.Elapsed);
        Assert.Null(await here.FindAsync(Name, Cancel));
        Guest moved = (await there.FindAsync(Name, Cancel))!;
        Assert.Equal((GuestPhase.Running, isPersistent), (moved.Phase, moved.IsPersistent));
        await source.SeesAsync<GuestChanged>(0, e => e is { Change: GuestChange.Stopped, Cause: GuestCause.Migration });
        await target.SeesAsync<GuestChanged>(0, e => e is { Change: GuestChange.Started, Cause: GuestCause.Migration });
        await hosts.Ticks(Name).GoOnAsync();
        hosts.Ticks(Name).AssertOne();
    }

    [Fact]
    public async Task The_definition_of_a_guest_that_is_off_moves_alone()
    {
        await here.DefineAsync(hosts.NewGuest(Name), Cancel);
        await here.MigrateAsync(Name, Order() with { Kind = MigrationKind.Definition }, null, Cancel);
        Assert.Null(await here.FindAsync(Name, Cancel));
        Assert.Equal(GuestPhase.Off, (await there.FindAsync(Name, Cancel))!.Phase);
    }

    [Fact]
    public async Task A_migration_that_is_ended_leaves_the_guest_running_where_it_was()
    {
        await StartBusyAsync();
        using var ending = new CancellationTokenSource();
        var progress = new Seen(seen =>
        {
            if (seen.Sent > 0)
            {
                ending.Cancel();
            }
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => here.MigrateAsync(Name, Order() with { Bandwidth = 1, AutoConverge = false }, progress, ending.Token));
        await StayedAsync();
    }

    [Fact]
    public async Task A_migration_that_comes_to_no_end_is_given_up_at_its_limit_and_the_guest_runs_on()
    {
        await StartBusyAsync();
        await FailsAsync(
            HypervisorFault.MigrationFailed,
            () => here.MigrateAsync(
                Name, Order() with { Bandwidth = 1, AutoConverge = false, Limit = TimeSpan.FromSeconds(1) }, null, Cancel));
        await StayedAsync();
    }

    [Fact]
    public async Task A_migration_that_comes_to_no_end_ends_when_its_guest_stands_still_for_the_rest()
    {
        await StartBusyAsync();
        await here.MigrateAsync(
            Name,
            Order() with
            {
                Bandwidth = 1, AutoConverge = false, Limit = TimeSpan.FromSeconds(3), AtLimit = MigrationAtLimit.Suspend,
            },
            null, Cancel);
        Assert.Null(await here.FindAsync(Name, Cancel));
        Assert.Equal(GuestPhase.Running, (await there.FindAsync(Name, Cancel))!.Phase);
        await hosts.Ticks(Name).GoOnAsync();
        hosts.Ticks(Name).AssertOne();
    }

    [Fact]
    public async Task A_host_that_is_off_is_no_destination_and_that_is_known_at_once()
    {
        await StartBusyAsync();
        await there.DisposeAsync();
        await hosts.CutPowerAsync(hosts.Names[1]);
        await FailsAsync(HypervisorFault.MigrationFailed, () => here.MigrateAsync(Name, Order(), null, Cancel));
        await hosts.Ticks(Name).GoOnAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_guest_stays_where_it_is_when_the_other_host_is_lost_on_the_way(bool losesPower)
    {
        await StartBusyAsync();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var progress = new Seen(seen =>
        {
            if (seen.Sent > 0)
            {
                begun.TrySetResult();
            }
        });
        Task moving = here.MigrateAsync(Name, Order() with { Bandwidth = 1, AutoConverge = false }, progress, Cancel);
        await Task.WhenAny(begun.Task, moving);
        await (losesPower ? hosts.CutPowerAsync(hosts.Names[1]) : hosts.CutOffAsync(hosts.Names[1]));
        await FailsAsync(HypervisorFault.MigrationFailed, () => moving);
        Assert.Equal(GuestPhase.Running, (await here.FindAsync(Name, Cancel))!.Phase);
        await hosts.Ticks(Name).GoOnAsync();
        hosts.Ticks(Name).AssertOne();
    }

    [Fact]
    public async Task A_host_that_stands_still_is_given_up_and_found_again_with_what_happened_meanwhile()
    {
        await here.StartTransientAsync(hosts.NewGuest(Name), Cancel);
        await using var watcher = new Watcher(here);
        await watcher.SeesAsync<GuestsListed>(0);
        int before = watcher.Count;
        await hosts.StallAsync(hosts.Names[0], isStalled: true);
        await FailsAsync([HypervisorFault.Unanswered, HypervisorFault.Unreachable], () => here.ListAsync(Cancel));
        await watcher.SeesAsync<HypervisorLost>(before);
        await using (IHypervisor late = hosts.Connect(hosts.Names[0]))
        {
            await FailsAsync([HypervisorFault.Unreachable], () => late.ListAsync(Cancel));
        }

        await hosts.KillGuestAsync(hosts.Names[0], Name);
        int lost = watcher.Count;
        await hosts.StallAsync(hosts.Names[0], isStalled: false);
        await watcher.SeesAsync<GuestsListed>(lost);
        await watcher.SeesAsync<GuestEvent>(lost, e => e is GuestsListed { Guests: [] } or GuestChanged { Change: GuestChange.Stopped });
        Assert.Empty(await here.ListAsync(Cancel));
    }

    [Fact]
    public async Task A_daemon_that_dies_takes_no_guest_along_and_is_found_again_when_it_is_back()
    {
        await here.StartTransientAsync(hosts.NewGuest(Name), Cancel);
        await using var watcher = new Watcher(here);
        await watcher.SeesAsync<GuestsListed>(0);
        int before = watcher.Count;
        await hosts.KillDaemonAsync(hosts.Names[0]);
        await watcher.SeesAsync<HypervisorLost>(before);
        await FailsAsync([HypervisorFault.Unanswered, HypervisorFault.Unreachable], () => here.ListAsync(Cancel));
        await hosts.Ticks(Name).GoOnAsync();
        await hosts.StartDaemonAsync(hosts.Names[0]);
        GuestsListed again = await watcher.SeesAsync<GuestsListed>(before);
        Assert.Equal(GuestPhase.Running, Assert.Single(again.Guests).Phase);
        hosts.Ticks(Name).AssertOne();
    }

    /// <summary>The two hosts, and nothing on them.</summary>
    protected abstract Task<IHypervisorHosts> StartAsync();

    private MigrationOrder Order() => new() { Destination = hosts.Destination(hosts.Names[1]), IsCacheSafe = true };

    private async Task StartBusyAsync()
    {
        await here.StartTransientAsync(hosts.NewGuest(Name, GuestManner.Busy), Cancel);
        await hosts.Ticks(Name).GoOnAsync();
    }

    private async Task StayedAsync()
    {
        Assert.Equal(GuestPhase.Running, (await here.FindAsync(Name, Cancel))!.Phase);
        Assert.Null(await there.FindAsync(Name, Cancel));
        await hosts.Ticks(Name).GoOnAsync();
        hosts.Ticks(Name).AssertOne();
    }

    private async Task<(GuestPhase Phase, Guid Id)> PhaseAsync()
    {
        Guest guest = (await here.FindAsync(Name, Cancel))!;
        return (guest.Phase, guest.Id);
    }

    private async Task WaitForBootAsync(int boot)
    {
        while (hosts.Ticks(Name).All() is not [.., var last] || last.Boot < boot)
        {
            await hosts.Ticks(Name).GoOnAsync(1);
        }
    }

    private static void AssertInOrder<T>(IReadOnlyList<T> expected, IReadOnlyList<T> told)
    {
        int found = 0;
        foreach (T one in told)
        {
            found += found < expected.Count && expected[found]!.Equals(one) ? 1 : 0;
        }

        Assert.True(
            found == expected.Count, $"{string.Join(", ", told)}: {(found < expected.Count ? expected[found] : default)} is missing");
    }

    private static Task FailsAsync(HypervisorFault fault, Func<Task> call, bool names = true) => FailsAsync([fault], call, names);

    private static async Task FailsAsync(HypervisorFault[] faults, Func<Task> call, bool names = false)
    {
        HypervisorException failure = await Assert.ThrowsAsync<HypervisorException>(call);
        Assert.True(faults.Contains(failure.Fault), $"{failure.Fault}: {failure.Message}");
        Assert.True(!names || failure.Message.Contains($"'{Name}'", StringComparison.Ordinal), failure.Message);
        TestContext.Current.TestOutputHelper?.WriteLine(failure.Message);
    }

    private sealed class Seen(Action<MigrationProgress> see) : IProgress<MigrationProgress>
    {
        public void Report(MigrationProgress value) => see(value);
    }
}
