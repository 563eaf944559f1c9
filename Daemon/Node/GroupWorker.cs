using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Node;

/// <summary>Runs what is done to one group's resources one after the other, and its recurring status checks in between.</summary>
/// <param name="monitor">Checks one resource, as deep as asked; throws when cancelled.</param>
internal sealed class GroupWorker(Func<ResourceConfiguration, StatusCheck, CancellationToken, Task> monitor) : IAsyncDisposable
{
    private readonly SemaphoreSlim turn = new(1);
    private CancellationTokenSource? monitoring;
    private Task monitors = Task.CompletedTask;

    /// <summary>Waits for its turn and runs; a status check under way is given up for it.</summary>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await work(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>From now on checks these and no others. Not thread-safe.</summary>
    public void Monitor(ImmutableArray<ResourceConfiguration> resources)
    {
        monitoring?.Cancel();
        monitoring = null;
        if (resources.IsEmpty)
        {
            return;
        }

        monitoring = new CancellationTokenSource();
        CancellationToken cancel = monitoring.Token;
        Task before = monitors;
        monitors = Task.WhenAll([before, .. resources.SelectMany(r => Checks(r).Select(c => MonitorAsync(r, c, cancel)))]);
    }

    /// <summary>The usual check, of depth 0, and the deeper ones.</summary>
    private static IEnumerable<StatusCheck> Checks(ResourceConfiguration resource)
    {
        StatusCheck[] usual = resource.MonitorInterval > 0
            ? [new StatusCheck { Depth = 0, Interval = resource.MonitorInterval, Timeout = resource.MonitorTimeout }]
            : [];
        return resource.StatusChecks.IsDefault ? usual : usual.Concat(resource.StatusChecks);
    }

    public async ValueTask DisposeAsync()
    {
        if (monitoring is not null)
        {
            await monitoring.CancelAsync().ConfigureAwait(false);
        }

        await monitors.ConfigureAwait(false);
        turn.Dispose();
    }

    private async Task MonitorAsync(ResourceConfiguration resource, StatusCheck check, CancellationToken cancel)
    {
        try
        {
            using var every = new PeriodicTimer(TimeSpan.FromMilliseconds(check.Interval));
            while (await every.WaitForNextTickAsync(cancel).ConfigureAwait(false))
            {
                await RunAsync(
                    async inner =>
                    {
                        await monitor(resource, check, inner).ConfigureAwait(false);
                        return true;
                    },
                    cancel).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
        }
    }
}
