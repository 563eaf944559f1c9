using System.Collections.Immutable;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Node;

/// <summary>
/// Runs what is done to one group's resources one after the other, and in between asks how they are: each resource by itself, so that one
/// that hangs does not keep the others from being looked at.
/// </summary>
/// <param name="monitor">Checks one resource, as deep as asked; false when there was no answer; throws when cancelled.</param>
internal sealed class GroupWorker(Func<ResourceConfiguration, StatusCheck, CancellationToken, Task<bool>> monitor) : IAsyncDisposable
{
    // What was not answered is asked again sooner than its interval says, and then less and less often.
    private static readonly TimeSpan FirstAgain = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim turn = new(1);
    private readonly Lock gate = new();
    private readonly Dictionary<string, SemaphoreSlim> askedOne = new(StringComparer.Ordinal);
    private int asking;
    private TaskCompletionSource? asked;
    private CancellationTokenSource? monitoring;
    private Task monitors = Task.CompletedTask;
    private int busy;

    /// <summary>Nothing is done, waits for its turn, or is checked.</summary>
    public bool IsIdle => Volatile.Read(ref busy) == 0 && monitoring is null && monitors.IsCompleted;

    /// <summary>From now on, until <see cref="Leave"/>, it is not idle.</summary>
    public void Enter() => Interlocked.Increment(ref busy);

    public void Leave() => Interlocked.Decrement(ref busy);

    /// <summary>Waits for its turn and runs, with nothing beside it; a status check under way is given up for it.</summary>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        Enter();
        try
        {
            return await RunInTurnAsync(work, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Leave();
        }
    }

    private async Task<T> RunInTurnAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await NobodyAsks().WaitAsync(cancellationToken).ConfigureAwait(false);
            return await work(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Asks a resource while nothing is done to the group, and nobody else asks the same one.</summary>
    public async Task<T> AskAsync<T>(string resource, Func<CancellationToken, Task<T>> question, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        SemaphoreSlim? own;
        lock (gate)
        {
            asking++;
            if (!askedOne.TryGetValue(resource, out own))
            {
                askedOne.Add(resource, own = new SemaphoreSlim(1));
            }
        }

        turn.Release();
        try
        {
            await own.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await question(cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                own.Release();
            }
        }
        finally
        {
            lock (gate)
            {
                if (--asking == 0)
                {
                    asked?.TrySetResult();
                    asked = null;
                }
            }
        }
    }

    private Task NobodyAsks()
    {
        lock (gate)
        {
            return asking == 0
                ? Task.CompletedTask
                : (asked ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
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
            var usual = TimeSpan.FromMilliseconds(check.Interval);
            TimeSpan again = FirstAgain;
            using var every = new PeriodicTimer(usual);
            while (await every.WaitForNextTickAsync(cancel).ConfigureAwait(false))
            {
                bool answered = await AskAsync(resource.Id, inner => monitor(resource, check, inner), cancel).ConfigureAwait(false);
                TimeSpan next = answered || again >= usual ? usual : again;
                again = answered ? FirstAgain : again * 2;
                if (every.Period != next)
                {
                    every.Period = next;
                }
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
        }
    }
}
