using System.Collections.Immutable;
using ClusterTools.Agents;
using ClusterTools.Core.Configuration;
using ClusterTools.Engines.Tests;

namespace ClusterTools.Guests.Tests;

/// <summary>What is made of a request for a guest, and of what its host says; the host is invented.</summary>
public sealed class GuestExecutorTests : IAsyncDisposable
{
    private const string Name = "web";

    private readonly InventedHost host = new();
    private readonly HandClock clock = new();
    private readonly List<string> opened = [];
    private readonly TemporaryFolder folder = new();
    private readonly GuestExecutor executor;

    public GuestExecutorTests() => executor = new GuestExecutor(
        uri =>
        {
            opened.Add(uri);
            return host;
        },
        clock);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await executor.DisposeAsync();
        folder.Dispose();
    }

    [Theory]
    [InlineData(GuestPhase.Off, GuestCause.Asked, GuestJob.None, ResourceStatus.Stopped, ResourceStatus.Stopped)]
    [InlineData(GuestPhase.Running, GuestCause.None, GuestJob.None, ResourceStatus.Running, ResourceStatus.Running)]
    [InlineData(GuestPhase.Running, GuestCause.None, GuestJob.Backup, ResourceStatus.Running, ResourceStatus.Running)]
    [InlineData(GuestPhase.Asleep, GuestCause.None, GuestJob.None, ResourceStatus.Running, ResourceStatus.Running)]
    [InlineData(GuestPhase.ShuttingDown, GuestCause.None, GuestJob.None, ResourceStatus.Running, ResourceStatus.Running)]
    [InlineData(GuestPhase.Crashed, GuestCause.Crash, GuestJob.None, ResourceStatus.Failed, ResourceStatus.Failed)]
    [InlineData(GuestPhase.Unknown, GuestCause.None, GuestJob.None, ResourceStatus.Unknown, ResourceStatus.Unknown)]
    [InlineData(GuestPhase.Paused, GuestCause.Asked, GuestJob.None, ResourceStatus.Running, ResourceStatus.Running)]
    [InlineData(GuestPhase.Paused, GuestCause.Watchdog, GuestJob.None, ResourceStatus.Running, ResourceStatus.Running)]
    [InlineData(GuestPhase.Paused, GuestCause.Snapshot, GuestJob.Snapshot, ResourceStatus.Running, ResourceStatus.Running)]
    [InlineData(GuestPhase.Paused, GuestCause.Crash, GuestJob.None, ResourceStatus.Failed, ResourceStatus.Failed)]
    [InlineData(GuestPhase.Paused, GuestCause.MigrationBroken, GuestJob.None, ResourceStatus.Failed, ResourceStatus.Failed)]
    [InlineData(GuestPhase.Paused, GuestCause.MigrationBroken, GuestJob.MigrationOut, ResourceStatus.Failed, ResourceStatus.Failed)]
    [InlineData(GuestPhase.Paused, GuestCause.Migration, GuestJob.MigrationIn, ResourceStatus.Unknown, ResourceStatus.Unknown)]
    [InlineData(GuestPhase.Paused, GuestCause.Starting, GuestJob.MigrationIn, ResourceStatus.Unknown, ResourceStatus.Unknown)]
    [InlineData(GuestPhase.Running, GuestCause.None, GuestJob.MigrationIn, ResourceStatus.Unknown, ResourceStatus.Unknown)]
    [InlineData(GuestPhase.Paused, GuestCause.Migration, GuestJob.None, ResourceStatus.Unknown, ResourceStatus.Unknown)]
    [InlineData(GuestPhase.Paused, GuestCause.Starting, GuestJob.None, ResourceStatus.Unknown, ResourceStatus.Unknown)]
    [InlineData(GuestPhase.Running, GuestCause.None, GuestJob.MigrationOut, ResourceStatus.Unknown, ResourceStatus.Running)]
    [InlineData(GuestPhase.Paused, GuestCause.Migration, GuestJob.MigrationOut, ResourceStatus.Unknown, ResourceStatus.Running)]
    [InlineData(GuestPhase.Paused, GuestCause.DiskError, GuestJob.MigrationOut, ResourceStatus.Unknown, ResourceStatus.Running)]
    public async Task What_a_host_says_of_a_guest_is_judged_by_phase_cause_and_job(
        GuestPhase phase, GuestCause cause, GuestJob job, ResourceStatus probe, ResourceStatus monitor)
    {
        host.Set(Name, phase, cause, job);
        ResourceResult probed = await RunAsync(ResourceOperation.Probe);
        Assert.Equal((probe, probe != ResourceStatus.Unknown, true), (probed.Status, probed.Success, probed.Begun));
        ResourceResult monitored = await RunAsync(ResourceOperation.Monitor);
        Assert.Equal((monitor, monitor != ResourceStatus.Unknown), (monitored.Status, monitored.Success));
        Assert.All([probed, monitored], static r => Assert.Matches("'web'.*\\.$", r.Message));
        Assert.Empty(host.Changes);
    }

    [Fact]
    public async Task A_guest_that_moves_is_said_to()
    {
        host.Set(Name, GuestPhase.Paused, GuestCause.Migration, GuestJob.MigrationIn);
        Assert.Contains("comes from another host", (await RunAsync(ResourceOperation.Probe)).Message, StringComparison.Ordinal);
        host.Set(Name, GuestPhase.Running, job: GuestJob.MigrationOut);
        Assert.Contains("goes to another host", (await RunAsync(ResourceOperation.Probe)).Message, StringComparison.Ordinal);
        host.Set(Name, GuestPhase.Paused, GuestCause.Asked);
        Assert.Contains("paused", (await RunAsync(ResourceOperation.Probe)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_guest_that_the_host_does_not_know_is_stopped()
    {
        Assert.Equal(ResourceStatus.Stopped, (await RunAsync(ResourceOperation.Probe)).Status);
        Assert.True((await RunAsync(ResourceOperation.Stop)).Success);
        Assert.Empty(host.Changes);
    }

    [Theory]
    [InlineData("restart", ResourceStatus.Failed, ResourceStatus.Failed, 0)]
    [InlineData("leave", ResourceStatus.Running, ResourceStatus.Running, 0)]
    [InlineData("resume", ResourceStatus.Running, ResourceStatus.Running, 1)]
    public async Task A_guest_with_a_disk_that_fails_is_recovered_left_or_let_go_on_by_its_checks(
        string policy, ResourceStatus probe, ResourceStatus monitor, int resumed)
    {
        host.Set(Name, GuestPhase.Paused, GuestCause.DiskError);
        ResourceResult probed = await RunAsync(ResourceOperation.Probe, ("on_io_error", policy));
        Assert.Equal(probe, probed.Status);
        Assert.Contains("disks can't be read or written", probed.Message, StringComparison.Ordinal);
        Assert.Empty(host.Changes);
        Assert.Equal(monitor, (await RunAsync(ResourceOperation.Monitor, ("on_io_error", policy))).Status);
        Assert.Equal(Enumerable.Repeat("Resume", resumed), host.Changes);
    }

    [Theory]
    [InlineData(HypervisorFault.Unreachable, false)]
    [InlineData(HypervisorFault.Unanswered, true)]
    [InlineData(HypervisorFault.Busy, true)]
    [InlineData(HypervisorFault.Failed, true)]
    public async Task A_host_that_does_not_answer_leaves_the_question_open(HypervisorFault fault, bool begun)
    {
        host.Fail("Find", fault);
        foreach (ResourceOperation question in (ResourceOperation[])[ResourceOperation.Probe, ResourceOperation.Monitor])
        {
            ResourceResult result = await RunAsync(question);
            Assert.Equal((false, ResourceStatus.Unknown, begun), (result.Success, result.Status, result.Begun));
            Assert.Equal($"Find: {fault}.", result.Message);
        }

        // A change that was not even asked for has not begun.
        foreach (ResourceOperation change in (ResourceOperation[])[ResourceOperation.Start, ResourceOperation.Stop])
        {
            ResourceResult result = await RunAsync(change);
            Assert.Equal((false, ResourceStatus.Unknown, false), (result.Success, result.Status, result.Begun));
        }
    }

    [Fact]
    public async Task What_nobody_foresaw_is_an_answer_too()
    {
        host.Before("Find", static _ => throw new InvalidDataException("odd"));
        ResourceResult result = await RunAsync(ResourceOperation.Monitor);
        Assert.Equal((false, ResourceStatus.Unknown, "Monitor of guest 'web': odd"), (result.Success, result.Status, result.Message));
    }

    [Fact]
    public async Task A_guest_has_the_name_of_its_resource_or_the_one_that_is_given()
    {
        host.Set("other", GuestPhase.Running);
        Assert.Equal(ResourceStatus.Stopped, (await RunAsync(ResourceOperation.Probe)).Status);
        Assert.Equal(ResourceStatus.Running, (await RunAsync(ResourceOperation.Probe, ("name", "other"))).Status);
    }

    [Fact]
    public async Task Each_hypervisor_is_opened_once_and_closed_in_the_end()
    {
        await RunAsync(ResourceOperation.Probe);
        await RunAsync(ResourceOperation.Monitor);
        await RunAsync(ResourceOperation.Probe, ("uri", "xen:///system"));
        await RunAsync(ResourceOperation.Probe, ("uri", "xen:///system"));
        Assert.Equal(["qemu:///system", "xen:///system"], opened);
        Assert.False(host.IsDisposed);
        await executor.DisposeAsync();
        Assert.True(host.IsDisposed);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => RunAsync(ResourceOperation.Probe));
    }

    [Theory]
    [InlineData(GuestPhase.Off, GuestCause.Asked, "Start")]
    [InlineData(GuestPhase.Running, GuestCause.None, "")]
    [InlineData(GuestPhase.Asleep, GuestCause.None, "")]
    [InlineData(GuestPhase.Paused, GuestCause.Asked, "Resume")]
    [InlineData(GuestPhase.Paused, GuestCause.DiskError, "Resume")]
    [InlineData(GuestPhase.Crashed, GuestCause.Crash, "PowerOff Start")]
    [InlineData(GuestPhase.Paused, GuestCause.Crash, "PowerOff Start")]
    public async Task A_start_does_what_is_missing_and_asked_again_nothing(GuestPhase phase, GuestCause cause, string changes)
    {
        host.Set(Name, phase, cause);
        ResourceResult result = await RunAsync(ResourceOperation.Start);
        Assert.Equal((true, ResourceStatus.Running, true), (result.Success, result.Status, result.Begun));
        Assert.Equal(changes, string.Join(' ', host.Changes));
        Assert.True((await RunAsync(ResourceOperation.Start)).Success);
        Assert.Equal(changes, string.Join(' ', host.Changes));
    }

    [Theory]
    [InlineData(GuestPhase.Running, GuestCause.None, GuestJob.MigrationIn, "comes from another host")]
    [InlineData(GuestPhase.Running, GuestCause.None, GuestJob.MigrationOut, "goes to another host")]
    [InlineData(GuestPhase.Paused, GuestCause.Migration, GuestJob.None, "because of a migration")]
    [InlineData(GuestPhase.Paused, GuestCause.Starting, GuestJob.None, "about to run")]
    [InlineData(GuestPhase.Paused, GuestCause.None, GuestJob.Backup, "a backup is made")]
    [InlineData(GuestPhase.Paused, GuestCause.Snapshot, GuestJob.Snapshot, "a snapshot of it is made")]
    [InlineData(GuestPhase.Paused, GuestCause.Saved, GuestJob.Save, "its memory is written")]
    [InlineData(GuestPhase.Unknown, GuestCause.None, GuestJob.None, "does not say")]
    public async Task A_guest_that_something_else_has_in_hand_is_not_started_and_it_is_said_why(
        GuestPhase phase, GuestCause cause, GuestJob job, string why)
    {
        host.Set(Name, phase, cause, job);
        ResourceResult result = await RunAsync(ResourceOperation.Start);
        Assert.Equal((false, ResourceStatus.Unknown, false), (result.Success, result.Status, result.Begun));
        Assert.Contains(why, result.Message, StringComparison.Ordinal);
        Assert.Empty(host.Changes);
    }

    [Fact]
    public async Task A_guest_whose_migration_broke_is_stopped_before_it_is_started()
    {
        host.Set(Name, GuestPhase.Paused, GuestCause.MigrationBroken);
        ResourceResult result = await RunAsync(ResourceOperation.Start);
        Assert.Equal((false, ResourceStatus.Failed), (result.Success, result.Status));
        Assert.Empty(host.Changes);
        Assert.True((await RunAsync(ResourceOperation.Stop)).Success);
        Assert.True((await RunAsync(ResourceOperation.Start)).Success);
        Assert.Equal(["PowerOff", "Start"], host.Changes);
    }

    [Fact]
    public async Task A_guest_that_a_backup_holds_against_being_resumed_is_explained()
    {
        host.Set(Name, GuestPhase.Paused, GuestCause.Asked);
        host.Before("Resume", _ =>
        {
            host.Set(Name, GuestPhase.Paused, GuestCause.Asked, GuestJob.Backup);
            throw new HypervisorException(HypervisorFault.Busy, "Timed out.");
        });
        ResourceResult result = await RunAsync(ResourceOperation.Start);
        Assert.Equal((false, ResourceStatus.Unknown, true), (result.Success, result.Status, result.Begun));
        Assert.StartsWith("Guest 'web' is held: a backup is made of its disks. Wait", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_guest_without_a_definition_can_not_run_where_it_is_not_known()
    {
        ResourceResult result = await RunAsync(ResourceOperation.Start);
        Assert.Equal((false, ResourceStatus.CannotRun, false), (result.Success, result.Status, result.Begun));
        Assert.Contains("give 'definition'", result.Message, StringComparison.Ordinal);
        // One that was forgotten when it was switched off is not known either.
        host.Set(Name, GuestPhase.Crashed, GuestCause.Crash, isPersistent: false);
        result = await RunAsync(ResourceOperation.Start);
        Assert.Equal((false, ResourceStatus.CannotRun, true), (result.Success, result.Status, result.Begun));
    }

    [Theory]
    [InlineData("false", "Define Start", true)]
    [InlineData("true", "StartTransient", false)]
    public async Task A_guest_is_started_by_its_definition(string transient, string changes, bool persists)
    {
        string file = Write($"<domain><name>{Name}</name></domain>");
        ResourceResult result = await RunAsync(ResourceOperation.Start, ("definition", file), ("transient", transient));
        Assert.Equal((true, ResourceStatus.Running), (result.Success, result.Status));
        Assert.Contains(file, result.Message, StringComparison.Ordinal);
        Assert.Equal(changes, string.Join(' ', host.Changes));
        Assert.Equal(persists, host[Name]!.IsPersistent);
        host.OnShutdown = host.End;
        Assert.True((await RunAsync(ResourceOperation.Stop, ("definition", file), ("transient", transient))).Success);
        Assert.Equal(persists ? GuestPhase.Off : null, host[Name]?.Phase);
    }

    [Theory]
    [InlineData("<domain><name>other</name></domain>", "defines guest 'other', not 'web'")]
    [InlineData("<domain/>", "no <domain> with a <name>")]
    [InlineData("no definition", "can't be read")]
    [InlineData("<!DOCTYPE d [<!ENTITY n 'web'>]><domain><name>&n;</name></domain>", "DTD")]
    public async Task A_definition_of_another_guest_or_none_is_never_given_to_the_host(string definition, string why)
    {
        string file = Write(definition);
        ResourceResult result = await RunAsync(ResourceOperation.Start, ("definition", file));
        Assert.Equal((false, ResourceStatus.CannotRun, false), (result.Success, result.Status, result.Begun));
        Assert.Contains(file, result.Message, StringComparison.Ordinal);
        Assert.Contains(why, result.Message, StringComparison.Ordinal);
        Assert.Empty(host.Changes);
    }

    [Fact]
    public async Task A_definition_without_end_is_none()
    {
        string file = Write($"<domain><name>{Name}</name>{new string(' ', 4 << 20)}</domain>");
        ResourceResult result = await RunAsync(ResourceOperation.Start, ("definition", file));
        Assert.Equal(ResourceStatus.CannotRun, result.Status);
        Assert.Contains("longer than 4 MiB", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_definition_that_is_not_here_is_no_fault_of_the_guest_and_one_that_can_not_be_read_leaves_it_open()
    {
        foreach (string gone in (string[])[$"{folder.Path}/none.xml", $"{folder.Path}/none/web.xml"])
        {
            ResourceResult missing = await RunAsync(ResourceOperation.Start, ("definition", gone));
            Assert.Equal((false, ResourceStatus.CannotRun, false), (missing.Success, missing.Status, missing.Begun));
            Assert.Contains($"'{gone}', is not on this host. Put it there", missing.Message, StringComparison.Ordinal);
        }

        ResourceResult unread = await RunAsync(ResourceOperation.Start, ("definition", folder.Path));
        Assert.Equal((false, ResourceStatus.Unknown, false), (unread.Success, unread.Status, unread.Begun));
        Assert.Empty(host.Changes);
    }

    [Theory]
    [InlineData(HypervisorFault.Unreachable, ResourceStatus.Unknown, false)]
    [InlineData(HypervisorFault.Unanswered, ResourceStatus.Unknown, true)]
    [InlineData(HypervisorFault.WrongState, ResourceStatus.Unknown, true)]
    [InlineData(HypervisorFault.Failed, ResourceStatus.Failed, true)]
    [InlineData(HypervisorFault.BadDefinition, ResourceStatus.CannotRun, true)]
    public async Task A_start_that_comes_to_nothing_says_how_much_was_done(HypervisorFault fault, ResourceStatus status, bool begun)
    {
        host.Set(Name, GuestPhase.Off);
        host.Fail("Start", fault);
        ResourceResult result = await RunAsync(ResourceOperation.Start);
        Assert.Equal((false, status, begun), (result.Success, result.Status, result.Begun));
        Assert.Equal($"Start: {fault}.", result.Message);
        // Its definition was changed already.
        result = await RunAsync(ResourceOperation.Start, ("definition", Write($"<domain><name>{Name}</name></domain>")));
        Assert.Equal((false, status, true), (result.Success, result.Status, result.Begun));
    }

    [Fact]
    public async Task A_polite_guest_shuts_down_by_itself_and_is_known_to_be_off_as_it_happens()
    {
        host.Set(Name, GuestPhase.Running);
        Task<ResourceResult> stop = RunAsync(ResourceOperation.Stop);
        await host.CalledAsync("Shutdown");
        await host.CalledAsync("Find", 2);
        Assert.Equal(["Find", "Watch", "Shutdown", "Find"], host.Calls);
        Assert.False(stop.IsCompleted);
        // What happens to others is of no concern.
        host.Tell(new GuestChanged("other", Guid.Empty, GuestChange.Stopped, GuestCause.Guest));
        host.End(Name);
        ResourceResult result = await stop;
        Assert.Equal((true, ResourceStatus.Stopped, "Guest 'web' has shut down."), (result.Success, result.Status, result.Message));
        Assert.Equal(["Find", "Watch", "Shutdown", "Find", "Find"], host.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_guest_that_is_gone_before_anything_is_told_is_off(bool isPersistent)
    {
        host.Set(Name, GuestPhase.Running, isPersistent: isPersistent);
        host.OnShutdown = host.End;
        ResourceResult result = await RunAsync(ResourceOperation.Stop);
        Assert.Equal((true, "Guest 'web' has shut down."), (result.Success, result.Message));
        Assert.Equal(["Shutdown"], host.Changes);
    }

    [Fact]
    public async Task A_guest_that_booted_when_it_was_asked_is_asked_again()
    {
        host.Set(Name, GuestPhase.Running);
        Task<ResourceResult> stop = RunAsync(ResourceOperation.Stop);
        await host.CalledAsync("Find", 2);
        host.OnShutdown = host.End;
        await clock.PassAsync(TimeSpan.FromSeconds(10));
        ResourceResult result = await stop;
        Assert.Equal((true, TimeSpan.FromSeconds(10)), (result.Success, result.Duration));
        Assert.Equal(["Shutdown", "Shutdown"], host.Changes);
    }

    [Theory]
    [InlineData("15", 60, 15)]
    [InlineData(null, 30, 22.5)]
    [InlineData("86400", 30, 22.5)]
    [InlineData(null, 60, 50)]
    public async Task A_guest_that_does_not_listen_is_switched_off_while_there_is_time(string? wait, int timeout, double seconds)
    {
        host.Set(Name, GuestPhase.Running);
        Task<ResourceResult> stop = executor.RunAsync(
            Request(ResourceOperation.Stop, [.. wait is null ? [] : (ReadOnlySpan<(string, string)>)[("shutdown_wait", wait)]]) with
            {
                Timeout = TimeSpan.FromSeconds(timeout),
            },
            Cancel);
        double left = seconds;
        for (int asked = 1; left > 10; asked++, left -= 10)
        {
            await host.CalledAsync("Shutdown", asked);
            await clock.PassAsync(TimeSpan.FromSeconds(10));
        }

        await clock.PassAsync(TimeSpan.FromSeconds(left));
        ResourceResult result = await stop;
        Assert.Equal((true, ResourceStatus.Stopped, false), (result.Success, result.Status, result.TimedOut));
        Assert.Equal($"Guest 'web' did not shut down within {seconds:0.#} s and was switched off.", result.Message);
        Assert.Equal(["Shutdown", "PowerOff"], host.Changes.Distinct());
        Assert.Equal("PowerOff", host.Changes[^1]);
        Assert.Equal(GuestPhase.Off, host[Name]!.Phase);
    }

    [Fact]
    public async Task A_guest_that_is_not_waited_for_is_switched_off()
    {
        host.Set(Name, GuestPhase.Running);
        Assert.True((await RunAsync(ResourceOperation.Stop, ("shutdown_wait", "0"))).Success);
        Assert.Equal(["PowerOff"], host.Changes);
    }

    [Theory]
    [InlineData(GuestPhase.Paused, GuestCause.Asked, GuestJob.None)]
    [InlineData(GuestPhase.Paused, GuestCause.DiskError, GuestJob.None)]
    [InlineData(GuestPhase.Asleep, GuestCause.None, GuestJob.None)]
    [InlineData(GuestPhase.Crashed, GuestCause.Crash, GuestJob.None)]
    [InlineData(GuestPhase.Running, GuestCause.None, GuestJob.MigrationIn)]
    [InlineData(GuestPhase.Paused, GuestCause.Migration, GuestJob.MigrationIn)]
    public async Task A_guest_that_can_not_hear_is_switched_off_at_once(GuestPhase phase, GuestCause cause, GuestJob job)
    {
        host.Set(Name, phase, cause, job);
        ResourceResult result = await RunAsync(ResourceOperation.Stop);
        Assert.Equal((true, ResourceStatus.Stopped), (result.Success, result.Status));
        Assert.Contains("was switched off", result.Message, StringComparison.Ordinal);
        Assert.Equal(["PowerOff"], host.Changes);
    }

    [Theory]
    [InlineData(GuestPhase.Running)]
    [InlineData(GuestPhase.Paused)]
    public async Task A_guest_that_a_backup_holds_is_waited_for_and_shut_down_afterwards(GuestPhase phase)
    {
        host.Set(Name, phase, job: GuestJob.Backup);
        host.Fail("Shutdown", HypervisorFault.Busy);
        Task<ResourceResult> stop = RunAsync(ResourceOperation.Stop);
        await host.CalledAsync("Find", 2);
        host.Set(Name, GuestPhase.Running);
        host.Heal("Shutdown");
        host.OnShutdown = host.End;
        await clock.PassAsync(TimeSpan.FromSeconds(10));
        Assert.Equal("Guest 'web' has shut down.", (await stop).Message);
        Assert.Equal(["Shutdown", "Shutdown"], host.Changes);
    }

    [Fact]
    public async Task A_stop_has_the_last_word_over_a_backup_and_says_so()
    {
        host.Set(Name, GuestPhase.Running, job: GuestJob.Backup);
        host.Fail("Shutdown", HypervisorFault.Busy);
        Task<ResourceResult> stop = RunAsync(ResourceOperation.Stop, ("shutdown_wait", "5"));
        await host.CalledAsync("Find", 2);
        await clock.PassAsync(TimeSpan.FromSeconds(5));
        ResourceResult result = await stop;
        Assert.Equal((true, ResourceStatus.Stopped), (result.Success, result.Status));
        Assert.EndsWith("It could not be asked to shut down: a backup is made of its disks.", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_is_away_for_a_while_does_not_end_a_stop()
    {
        host.Set(Name, GuestPhase.Running);
        Task<ResourceResult> stop = RunAsync(ResourceOperation.Stop);
        await host.CalledAsync("Find", 2);
        host.Fail("Find", HypervisorFault.Unreachable);
        host.Tell(new HypervisorLost("gone"));
        await host.CalledAsync("Find", 3);
        host.Heal("Find");
        host.Set(Name, GuestPhase.Off);
        host.Tell(new GuestsListed([]));
        Assert.Equal("Guest 'web' has shut down.", (await stop).Message);
    }

    [Theory]
    [InlineData(HypervisorFault.Unreachable)]
    [InlineData(HypervisorFault.Unanswered)]
    [InlineData(HypervisorFault.Failed)]
    public async Task A_stop_that_comes_to_nothing_leaves_open_what_became_of_the_guest(HypervisorFault fault)
    {
        host.Set(Name, GuestPhase.Running);
        host.Fail("PowerOff", fault);
        Task<ResourceResult> stop = RunAsync(ResourceOperation.Stop, ("shutdown_wait", "5"));
        await host.CalledAsync("Find", 2);
        await clock.PassAsync(TimeSpan.FromSeconds(5));
        ResourceResult result = await stop;
        Assert.Equal((false, ResourceStatus.Unknown, true), (result.Success, result.Status, result.Begun));
    }

    [Theory]
    [InlineData(ResourceOperation.Start, "Start", true)]
    [InlineData(ResourceOperation.Stop, "PowerOff", true)]
    [InlineData(ResourceOperation.Stop, "Find", false)]
    [InlineData(ResourceOperation.Probe, "Find", false)]
    public async Task An_action_is_given_up_when_its_time_is_up(ResourceOperation operation, string stuck, bool begun)
    {
        host.Set(Name, operation == ResourceOperation.Start ? GuestPhase.Off : GuestPhase.Crashed);
        host.Before(stuck, static cancel => Task.Delay(Timeout.InfiniteTimeSpan, cancel));
        Task<ResourceResult> action = RunAsync(operation);
        await host.CalledAsync(stuck);
        await clock.PassAsync(TimeSpan.FromSeconds(60));
        ResourceResult result = await action;
        Assert.Equal((false, ResourceStatus.Unknown, true, begun), (result.Success, result.Status, result.TimedOut, result.Begun));
        Assert.Equal($"{operation} of guest 'web' took longer than 60 s and was given up.", result.Message);
        Assert.Equal(TimeSpan.FromSeconds(60), result.Duration);
    }

    [Fact]
    public async Task An_action_that_is_cancelled_before_it_did_anything_has_not_happened()
    {
        host.Set(Name, GuestPhase.Off);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => executor.RunAsync(Request(ResourceOperation.Start), new CancellationToken(canceled: true)));
        Assert.Empty(host.Calls);
        using var ending = new CancellationTokenSource();
        host.Before("Find", static cancel => Task.Delay(Timeout.InfiniteTimeSpan, cancel));
        Task<ResourceResult> start = executor.RunAsync(Request(ResourceOperation.Start), ending.Token);
        await host.CalledAsync("Find");
        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);
        Assert.Empty(host.Changes);
    }

    [Fact]
    public async Task A_stop_that_is_cancelled_on_the_way_says_so_and_switches_nothing_off()
    {
        host.Set(Name, GuestPhase.Running);
        using var ending = new CancellationTokenSource();
        Task<ResourceResult> stop = executor.RunAsync(Request(ResourceOperation.Stop), ending.Token);
        await host.CalledAsync("Find", 2);
        await ending.CancelAsync();
        ResourceResult result = await stop;
        Assert.Equal((false, ResourceStatus.Unknown, true), (result.Success, result.Status, result.Begun));
        Assert.Contains("was cancelled", result.Message, StringComparison.Ordinal);
        Assert.Equal(["Shutdown"], host.Changes);
    }

    [Fact]
    public async Task A_migration_is_ordered_as_the_parameters_say_and_told_with_its_figures()
    {
        host.Set(Name, GuestPhase.Running);
        host.Figures = new MigrationProgress
        {
            Elapsed = TimeSpan.FromSeconds(2.34), Downtime = TimeSpan.FromMilliseconds(45), Sent = 312L << 20,
        };
        var seen = new List<MigrationProgress>();
        MigrationResult result = await executor.MigrateAsync(
            Order(
                ("migration_limit", "77"), ("migration_at_limit", "pause"), ("migration_bandwidth", "12"), ("migration_connections", "3"),
                ("migration_tls", "true"), ("auto_converge", "false"), ("copy_disks", "true"), ("cache_safe", "true")) with
            {
                Network = "tcp://10.0.1.2",
                Kind = MigrationKind.Suspended,
            },
            new Reported(seen.Add), Cancel);
        Assert.Equal((true, true, false, host.Figures), (result.Success, result.Begun, result.WasCancelled, result.Figures));
        Assert.Equal(
            "2.3 s; it stood still for 45 ms, and 312.0 MiB were sent.", result.Message);
        Assert.Single(seen);
        Assert.Equal(
            new MigrationOrder
            {
                Destination = "qemu+tls://n2/system", Kind = MigrationKind.Suspended, Limit = TimeSpan.FromSeconds(77),
                AtLimit = MigrationAtLimit.Suspend, Network = "tcp://10.0.1.2", Bandwidth = 12, Connections = 3, AutoConverge = false,
                Tls = true, CopyDisks = true, IsCacheSafe = true,
            },
            host.Order);
        host.Set(Name, GuestPhase.Running);
        await executor.MigrateAsync(Order(), null, Cancel);
        Assert.Equal(new MigrationOrder { Destination = "qemu+tls://n2/system" }, host.Order);
    }

    [Theory]
    [InlineData(null, GuestCause.None, GuestJob.None, MigrationKind.Live, "does not run here")]
    [InlineData(GuestPhase.Off, GuestCause.None, GuestJob.None, MigrationKind.Live, "does not run here")]
    [InlineData(GuestPhase.Running, GuestCause.None, GuestJob.None, MigrationKind.Definition, "is not off")]
    [InlineData(GuestPhase.Running, GuestCause.None, GuestJob.Backup, MigrationKind.Live, "a backup is made of its disks")]
    [InlineData(GuestPhase.Running, GuestCause.None, GuestJob.MigrationOut, MigrationKind.Live, "goes to another host")]
    [InlineData(GuestPhase.Paused, GuestCause.Migration, GuestJob.None, MigrationKind.Live, "because of a migration")]
    [InlineData(GuestPhase.Crashed, GuestCause.Crash, GuestJob.None, MigrationKind.Live, "has crashed")]
    [InlineData(GuestPhase.ShuttingDown, GuestCause.None, GuestJob.None, MigrationKind.Live, "is shutting down")]
    public async Task A_guest_that_can_not_move_now_is_left_alone(
        GuestPhase? phase, GuestCause cause, GuestJob job, MigrationKind kind, string why)
    {
        if (phase is { } known)
        {
            host.Set(Name, known, cause, job);
        }

        MigrationResult result = await executor.MigrateAsync(Order() with { Kind = kind }, null, Cancel);
        Assert.Equal((false, false, false), (result.Success, result.Begun, result.WasCancelled));
        Assert.Contains(why, result.Message, StringComparison.Ordinal);
        Assert.Empty(host.Changes);
    }

    [Fact]
    public async Task The_definition_of_a_guest_that_is_off_moves_alone()
    {
        host.Set(Name, GuestPhase.Off);
        MigrationResult result = await executor.MigrateAsync(Order() with { Kind = MigrationKind.Definition }, null, Cancel);
        Assert.Equal((true, "its definition alone."), (result.Success, result.Message));
        Assert.Equal(MigrationKind.Definition, host.Order!.Kind);
    }

    [Theory]
    [InlineData("Find", HypervisorFault.Unanswered, false)]
    [InlineData("Migrate", HypervisorFault.Unreachable, false)]
    [InlineData("Migrate", HypervisorFault.Unanswered, true)]
    [InlineData("Migrate", HypervisorFault.MigrationFailed, true)]
    public async Task A_migration_that_fails_says_whether_it_had_begun(string call, HypervisorFault fault, bool begun)
    {
        host.Set(Name, GuestPhase.Running);
        host.Fail(call, fault);
        MigrationResult result = await executor.MigrateAsync(Order(), null, Cancel);
        Assert.Equal((false, begun, false, null), (result.Success, result.Begun, result.WasCancelled, result.Figures));
        Assert.Equal($"{call}: {fault}.", result.Message);
    }

    [Fact]
    public async Task A_migration_that_is_cancelled_is_waited_for_until_the_host_has_ended_it()
    {
        host.Set(Name, GuestPhase.Running);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Before("Migrate", async cancel =>
        {
            await ended.Task;
            cancel.ThrowIfCancellationRequested();
        });
        using var ending = new CancellationTokenSource();
        Task<MigrationResult> moving = executor.MigrateAsync(Order(), null, ending.Token);
        await host.CalledAsync("Migrate");
        await ending.CancelAsync();
        Assert.False(moving.IsCompleted);
        ended.SetResult();
        MigrationResult result = await moving;
        Assert.Equal((false, true, true), (result.Success, result.Begun, result.WasCancelled));
        Assert.Equal("The migration of guest 'web' to qemu+tls://n2/system was ended on request.", result.Message);
    }

    [Fact]
    public async Task A_migration_whose_last_step_was_taken_before_it_was_cancelled_has_come_about()
    {
        host.Set(Name, GuestPhase.Running);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Before("Migrate", _ => ended.Task);
        using var ending = new CancellationTokenSource();
        Task<MigrationResult> moving = executor.MigrateAsync(Order(), null, ending.Token);
        await host.CalledAsync("Migrate");
        await ending.CancelAsync();
        ended.SetResult();
        MigrationResult result = await moving;
        Assert.Equal((true, false), (result.Success, result.WasCancelled));
    }

    [Fact]
    public async Task A_migration_that_is_cancelled_before_it_began_has_not_happened()
    {
        host.Set(Name, GuestPhase.Running);
        using var ending = new CancellationTokenSource();
        host.Before("Find", _ => ending.CancelAsync());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => executor.MigrateAsync(Order(), null, ending.Token));
        Assert.Empty(host.Changes);
    }

    [Fact]
    public async Task Who_watches_is_told_of_all_guests_and_of_each_that_begins_or_ends()
    {
        host.Set("a", GuestPhase.Running, isPersistent: false);
        host.Set("b", GuestPhase.Off);
        await using IAsyncEnumerator<GuestNotice> notices = executor.WatchAsync(new GuestSettings().Uri, Cancel).GetAsyncEnumerator(Cancel);
        await NextAsync("a", true);
        await NextAsync("b", false);
        host.Set("b", GuestPhase.Running);
        foreach (GuestChange change in (GuestChange[])[GuestChange.Started, GuestChange.Paused, GuestChange.Resumed])
        {
            Tell("b", change);
            await NextAsync("b", true);
        }

        // Of no concern: what is told next is of something else.
        Tell("b", GuestChange.Rebooted);
        Tell("b", GuestChange.ShuttingDown);
        host.Tell(new HypervisorLost("gone"));
        host.Set("c", GuestPhase.Crashed);
        Tell("c", GuestChange.Crashed);
        await NextAsync("c", true);
        // What has started again before anybody looked runs.
        Tell("a", GuestChange.Stopped);
        await NextAsync("a", true);
        host.Set("b", GuestPhase.Off);
        Tell("b", GuestChange.Stopped);
        await NextAsync("b", false);
        // What ended while nobody listened, and was forgotten, is told with the next list.
        host.Tell(new GuestsListed([host["b"]!, host["c"]!]));
        await NextAsync("b", false);
        await NextAsync("c", true);
        await NextAsync("a", false);

        void Tell(string name, GuestChange change) => host.Tell(new GuestChanged(name, Guid.Empty, change, GuestCause.None));

        async Task NextAsync(string name, bool runs)
        {
            Assert.True(await notices.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60), Cancel));
            Assert.Equal((name, runs, false), (notices.Current.Name, notices.Current.Runs, notices.Current.MovedAway));
        }
    }

    [Fact]
    public async Task Who_watches_is_told_that_a_guest_was_moved_to_another_host()
    {
        host.Set(Name, GuestPhase.Running);
        await using IAsyncEnumerator<GuestNotice> notices = executor.WatchAsync(new GuestSettings().Uri, Cancel).GetAsyncEnumerator(Cancel);
        Assert.True(await notices.MoveNextAsync());
        Assert.Equal(host[Name]!.Id, notices.Current.Guest?.Id);
        host.Set(Name, GuestPhase.Off);
        host.Tell(new GuestChanged(Name, Guid.Empty, GuestChange.Stopped, GuestCause.Migration));
        Assert.True(await notices.MoveNextAsync());
        Assert.Equal((Name, false, true), (notices.Current.Name, notices.Current.Runs, notices.Current.MovedAway));
    }

    [Fact]
    public async Task A_guest_of_which_the_host_can_not_say_whether_it_ended_is_asked_after_until_it_can()
    {
        host.Set(Name, GuestPhase.Running);
        host.Fail("Find", HypervisorFault.Unanswered);
        await using IAsyncEnumerator<GuestNotice> notices = executor.WatchAsync(new GuestSettings().Uri, Cancel).GetAsyncEnumerator(Cancel);
        Assert.True(await notices.MoveNextAsync());
        host.End(Name);
        Task<bool> next = notices.MoveNextAsync().AsTask();
        await host.CalledAsync("Find");
        host.Heal("Find");
        await clock.PassAsync(TimeSpan.FromSeconds(1));
        Assert.True(await next);
        Assert.Equal((Name, false), (notices.Current.Name, notices.Current.Runs));
    }

    private static ResourceRequest Request(ResourceOperation operation, params (string Name, string Value)[] parameters) => new()
    {
        ActionId = "1",
        Group = "g",
        Resource = $"vm:{Name}",
        Agent = GuestSettings.Agent,
        Operation = operation,
        Timeout = TimeSpan.FromSeconds(60),
        Parameters = Of(parameters),
    };

    private static MigrationRequest Order(params (string Name, string Value)[] parameters) =>
        new() { Resource = $"vm:{Name}", Destination = "qemu+tls://n2/system", Parameters = Of(parameters) };

    private static ImmutableSortedDictionary<string, string> Of((string Name, string Value)[] parameters) =>
        parameters.ToImmutableSortedDictionary(static p => p.Name, static p => p.Value, StringComparer.Ordinal);

    private Task<ResourceResult> RunAsync(ResourceOperation operation, params (string Name, string Value)[] parameters) =>
        executor.RunAsync(Request(operation, parameters), Cancel);

    private string Write(string definition)
    {
        string file = Path.Combine(folder.Path, "web.xml");
        File.WriteAllText(file, definition);
        return file;
    }

    private sealed class Reported(Action<MigrationProgress> see) : IProgress<MigrationProgress>
    {
        public void Report(MigrationProgress value) => see(value);
    }
}
