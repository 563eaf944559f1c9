using System.Diagnostics;
using ClusterTools.Engines;
using ClusterTools.Engines.Corosync;
using ClusterTools.Engines.Tests.Corosync.Network;
using ClusterTools.Voting;

namespace ClusterTools.Benchmarks.Commits;

/// <summary>The engines of some machines, with consumers that take everything and do nothing.</summary>
internal sealed class EngineNodes : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource ending = new();
    private readonly CorosyncEngine[] engines;
    private readonly Task[] consumers;
    private readonly TaskCompletionSource[] together;

    /// <summary>Starts them.</summary>
    /// <param name="network">The machines.</param>
    /// <param name="names">Of the machines.</param>
    /// <param name="folder">Where the logs are.</param>
    public EngineNodes(CorosyncNetwork network, IReadOnlyList<string> names, string folder)
    {
        string group = Guid.NewGuid().ToString("N");
        var votes = new VoteTable(names.ToDictionary(n => n, _ => 1), names.Count, TwoNode: false);
        together = [.. names.Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];
        engines =
        [
            .. names.Select(name => new CorosyncEngine(new CorosyncEngineOptions
            {
                Setup = new EngineSetup
                {
                    Self = new Member(name, 1),
                    Votes = votes,
                    AcceptAnyLog = false,
                    MayBeNew = true,
                    Log = Console.Error.WriteLine,
                },
                Folder = Path.Combine(folder, name),
                Group = group,
                Token = CorosyncNetwork.Timing.Token,
                FormDelay = 500,
                OnThread = () => network.Enter(name),
            })),
        ];
        consumers = [.. engines.Select((engine, at) => Task.Run(() => ConsumeAsync(engine, together[at], names.Count)))];
    }

    public Task TogetherAsync() => Task.WhenAll(together.Select(t => t.Task)).WaitAsync(Limit);

    /// <summary>One proposal after the other, of one node: milliseconds of each.</summary>
    /// <param name="count">At most so many.</param>
    /// <param name="size">Bytes of each.</param>
    /// <param name="limit">None is begun after this: many nodes on few processors take their time.</param>
    public async Task<IReadOnlyList<double>> OneByOneAsync(int count, int size, TimeSpan limit)
    {
        byte[] payload = new byte[size];
        List<double> times = [];
        long began = Stopwatch.GetTimestamp();
        while (times.Count < count && Stopwatch.GetElapsedTime(began) < limit)
        {
            long start = Stopwatch.GetTimestamp();
            await engines[0].ProposeAsync(payload, ending.Token).ConfigureAwait(false);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return times;
    }

    /// <summary>Commits a second of many proposers.</summary>
    /// <param name="nodes">On how many nodes.</param>
    /// <param name="proposers">On all of them together.</param>
    /// <param name="size">Bytes of each proposal.</param>
    /// <param name="window">How long is measured.</param>
    public async Task<double> RateAsync(int nodes, int proposers, int size, TimeSpan window)
    {
        using var stopping = new CancellationTokenSource();
        long done = 0;
        Task[] all = [.. Enumerable.Range(0, proposers).Select(at => Task.Run(() => ProposeAsync(engines[at % nodes])))];
        await Task.Delay(TimeSpan.FromSeconds(1)).ConfigureAwait(false);
        long before = Interlocked.Read(ref done);
        long start = Stopwatch.GetTimestamp();
        await Task.Delay(window).ConfigureAwait(false);
        double rate = (Interlocked.Read(ref done) - before) / Stopwatch.GetElapsedTime(start).TotalSeconds;
        await stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(all).WaitAsync(Limit).ConfigureAwait(false);
        return rate;

        async Task ProposeAsync(CorosyncEngine engine)
        {
            byte[] payload = new byte[size];
            while (!stopping.IsCancellationRequested)
            {
                await engine.ProposeAsync(payload, ending.Token).ConfigureAwait(false);
                Interlocked.Increment(ref done);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(engines.Select(e => e.DisposeAsync().AsTask())).ConfigureAwait(false);
        await ending.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(consumers).WaitAsync(Limit).ConfigureAwait(false);
        ending.Dispose();
    }

    private async Task ConsumeAsync(CorosyncEngine engine, TaskCompletionSource seesAll, int count)
    {
        try
        {
            await foreach (EngineEvent happening in engine.RunAsync(ending.Token).ConfigureAwait(false))
            {
                if (happening is ViewChanged { Quorum: ViewQuorum.Quorate } view && view.Members.Count == count)
                {
                    seesAll.TrySetResult();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It is over.
        }
        catch (Exception e)
        {
            seesAll.TrySetException(e);
            throw;
        }
    }
}
