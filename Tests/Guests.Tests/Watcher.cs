namespace ClusterTools.Guests.Tests;

/// <summary>Remembers what a hypervisor tells of its guests.</summary>
internal sealed class Watcher : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource ending = new();
    private readonly List<GuestEvent> events = [];
    private readonly Task watching;

    public Watcher(IHypervisor hypervisor) => watching = Task.Run(async () =>
    {
        await foreach (GuestEvent happening in hypervisor.WatchAsync(ending.Token))
        {
            lock (events)
            {
                events.Add(happening);
            }
        }
    });

    public int Count
    {
        get
        {
            lock (events)
            {
                return events.Count;
            }
        }
    }

    /// <summary>The first event of the kind that fits, now or later.</summary>
    /// <param name="after">Events that are not looked at.</param>
    /// <param name="fits">What is waited for.</param>
    public async Task<T> SeesAsync<T>(int after, Func<T, bool>? fits = null)
        where T : GuestEvent
    {
        long deadline = Environment.TickCount64 + (long)Limit.TotalMilliseconds;
        while (true)
        {
            lock (events)
            {
                if (events.Skip(after).OfType<T>().FirstOrDefault(e => fits?.Invoke(e) ?? true) is { } found)
                {
                    return found;
                }

                Assert.True(
                    Environment.TickCount64 < deadline && !watching.IsFaulted,
                    $"No such {typeof(T).Name} was told. {watching.Exception}\n{string.Join('\n', events)}");
            }

            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>What was told of a guest since, in its order.</summary>
    public IReadOnlyList<(GuestChange Change, GuestCause Cause)> Of(string guest, int after)
    {
        lock (events)
        {
            return [.. events.Skip(after).OfType<GuestChanged>().Where(e => e.Name == guest).Select(e => (e.Change, e.Cause))];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        try
        {
            await watching;
        }
        catch (OperationCanceledException)
        {
            // As it was asked to.
        }

        ending.Dispose();
    }
}
