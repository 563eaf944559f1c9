using System.Collections.Immutable;
using System.Threading.Channels;
using ClusterTools.Agents;
using ClusterTools.Core.Configuration;
using ClusterTools.Guests.Tests.Hosts;

namespace ClusterTools.Guests.Tests;

/// <summary>The executor over libvirt with QEMU on two hosts in namespaces.</summary>
public sealed class LibvirtExecutorTests : IAsyncLifetime
{
    private const string Uri = "qemu:///system";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private LibvirtHosts hosts = null!;
    private GuestExecutor here = null!;
    private GuestExecutor there = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        hosts = await LibvirtHosts.StartAsync("h1", "h2");
        here = new GuestExecutor(_ => hosts.Connect("h1"));
        there = new GuestExecutor(_ => hosts.Connect("h2"));
    }

    public async ValueTask DisposeAsync()
    {
        if (hosts is not null)
        {
            await here.DisposeAsync();
            await there.DisposeAsync();
            await hosts.DisposeAsync();
        }
    }

    // One after the other, as the hosts take longer to come up than all of it.
    [Fact]
    public async Task Guests_are_started_stopped_moved_and_seen()
    {
        await A_guest_is_started_by_its_definition_and_a_polite_one_shuts_down();
        await A_deaf_guest_is_switched_off();
        await While_a_guest_moves_nobody_knows_where_it_runs();
        await A_guest_that_was_started_by_hand_is_seen();
    }

    private async Task A_guest_is_started_by_its_definition_and_a_polite_one_shuts_down()
    {
        (string, string) definition = ("definition", Define("polite", GuestManner.Polite));
        await IsAsync(here, ResourceOperation.Probe, ResourceStatus.Stopped, "polite");
        await IsAsync(here, ResourceOperation.Start, ResourceStatus.Running, "polite", definition);
        await IsAsync(here, ResourceOperation.Start, ResourceStatus.Running, "polite", definition);
        await hosts.Ticks("polite").GoOnAsync();
        await IsAsync(here, ResourceOperation.Monitor, ResourceStatus.Running, "polite", definition);
        ResourceResult stop = await IsAsync(here, ResourceOperation.Stop, ResourceStatus.Stopped, "polite", definition);
        Assert.Equal("Guest 'polite' has shut down.", stop.Message);
        Assert.True(hosts.Ticks("polite").SaidGoodbye);
        // It is known to the host yet.
        await IsAsync(here, ResourceOperation.Start, ResourceStatus.Running, "polite");
        await hosts.Ticks("polite").GoOnAsync();

        MigrationResult moved = await here.MigrateAsync(Migration("polite"), null, Cancel);
        Assert.True(moved.Success, moved.Message);
        Assert.Matches("^.* s; it stood still for .* ms, and .* MiB were sent\\.$", moved.Message);
        await IsAsync(here, ResourceOperation.Probe, ResourceStatus.Stopped, "polite");
        await IsAsync(there, ResourceOperation.Probe, ResourceStatus.Running, "polite");
        await hosts.Ticks("polite").GoOnAsync();
        hosts.Ticks("polite").AssertOne();
        await IsAsync(there, ResourceOperation.Stop, ResourceStatus.Stopped, "polite");
    }

    private async Task A_deaf_guest_is_switched_off()
    {
        (string, string)[] parameters =
            [("definition", Define("deaf", GuestManner.Stubborn)), ("transient", "true"), ("shutdown_wait", "1")];
        await IsAsync(here, ResourceOperation.Start, ResourceStatus.Running, "deaf", parameters);
        await hosts.Ticks("deaf").GoOnAsync();
        ResourceResult stop = await IsAsync(here, ResourceOperation.Stop, ResourceStatus.Stopped, "deaf", parameters);
        Assert.Equal("Guest 'deaf' did not shut down within 1 s and was switched off.", stop.Message);
        Assert.Contains("does not know", (await IsAsync(here, ResourceOperation.Probe, ResourceStatus.Stopped, "deaf")).Message,
            StringComparison.Ordinal);
    }

    private async Task While_a_guest_moves_nobody_knows_where_it_runs()
    {
        (string, string)[] parameters = [("definition", Define("busy", GuestManner.Busy)), ("transient", "true")];
        await IsAsync(here, ResourceOperation.Start, ResourceStatus.Running, "busy", parameters);
        await hosts.Ticks("busy").GoOnAsync();
        using var ending = new CancellationTokenSource();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<MigrationResult> moving = here.MigrateAsync(
            Migration("busy", ("migration_bandwidth", "1"), ("auto_converge", "false")),
            new Reported(seen => _ = seen.Sent > 0 && begun.TrySetResult()), ending.Token);
        await Task.WhenAny(begun.Task, moving);
        Assert.Contains("goes to another host", (await IsAsync(here, ResourceOperation.Probe, ResourceStatus.Unknown, "busy")).Message,
            StringComparison.Ordinal);
        await IsAsync(here, ResourceOperation.Monitor, ResourceStatus.Running, "busy");
        Assert.Contains("comes from another host", (await IsAsync(there, ResourceOperation.Probe, ResourceStatus.Unknown, "busy")).Message,
            StringComparison.Ordinal);
        await IsAsync(there, ResourceOperation.Start, ResourceStatus.Unknown, "busy");
        await ending.CancelAsync();
        MigrationResult ended = await moving;
        Assert.True(ended is { Success: false, WasCancelled: true }, ended.Message);
        await IsAsync(here, ResourceOperation.Probe, ResourceStatus.Running, "busy");
        await IsAsync(there, ResourceOperation.Probe, ResourceStatus.Stopped, "busy");
        await hosts.Ticks("busy").GoOnAsync();
        hosts.Ticks("busy").AssertOne();
        await IsAsync(here, ResourceOperation.Stop, ResourceStatus.Stopped, "busy", ("shutdown_wait", "0"));
    }

    private async Task A_guest_that_was_started_by_hand_is_seen()
    {
        var notices = Channel.CreateUnbounded<GuestNotice>();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task watching = Task.Run(async () =>
        {
            await foreach (GuestNotice notice in there.WatchAsync(Uri, ending.Token))
            {
                notices.Writer.TryWrite(notice);
            }
        });
        GuestNotice first = await notices.Reader.ReadAsync(Cancel).AsTask().WaitAsync(Limit, Cancel);
        Assert.Equal(("polite", false), (first.Name, first.Runs));
        await using IHypervisor hand = hosts.Connect("h2");
        await hand.StartTransientAsync(hosts.NewGuest("stray"), Cancel);
        await SeesAsync("stray", true);
        await hand.PowerOffAsync("stray", Cancel);
        await SeesAsync("stray", false);
        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);

        async Task SeesAsync(string name, bool runs)
        {
            while (await notices.Reader.ReadAsync(Cancel).AsTask().WaitAsync(Limit, Cancel) is var told
                && (told.Name, told.Runs) != (name, runs))
            {
                // A host may tell the same more than once.
            }
        }
    }

    private static async Task<ResourceResult> IsAsync(
        GuestExecutor executor, ResourceOperation operation, ResourceStatus status, string name,
        params (string Name, string Value)[] parameters)
    {
        ResourceResult result = await executor.RunAsync(
            new ResourceRequest
            {
                ActionId = Guid.NewGuid().ToString(),
                Group = "g",
                Resource = $"vm:{name}",
                Agent = GuestSettings.Agent,
                Operation = operation,
                Timeout = Limit,
                Parameters = Of(parameters),
            },
            Cancel);
        Assert.True((status, status != ResourceStatus.Unknown) == (result.Status, result.Success), $"{operation}: {result}");
        TestContext.Current.TestOutputHelper?.WriteLine($"{operation}: {result.Message}");
        return result;
    }

    private static ImmutableSortedDictionary<string, string> Of((string Name, string Value)[] parameters) =>
        parameters.ToImmutableSortedDictionary(static p => p.Name, static p => p.Value, StringComparer.Ordinal);

    private MigrationRequest Migration(string name, params (string Name, string Value)[] parameters) => new()
    {
        Resource = $"vm:{name}",
        Destination = hosts.Destination("h2"),
        Parameters = Of([.. parameters, ("cache_safe", "true")]),
    };

    /// <summary>A file with a definition, where both hosts have it.</summary>
    private string Define(string name, GuestManner manner)
    {
        string definition = hosts.NewGuest(name, manner);
        string file = Path.ChangeExtension(hosts.Ticks(name).Path, ".xml");
        File.WriteAllText(file, definition);
        return file;
    }

    private sealed class Reported(Action<MigrationProgress> see) : IProgress<MigrationProgress>
    {
        public void Report(MigrationProgress value) => see(value);
    }
}
