using System.Collections.Concurrent;

namespace ClusterTools.Simulation;

/// <summary>A seed that broke an invariant.</summary>
internal sealed record SimulationFailure(ulong Seed, string Invariant, string Message);

/// <summary>What came of many seeds.</summary>
internal sealed record SimulationReport(Tally Tally, IReadOnlyList<SimulationFailure> Failures);

/// <summary>Plays seeds.</summary>
internal static class SimulationRun
{
    /// <summary>Plays one seed; throws <see cref="InvariantBrokenException"/>, and nothing else.</summary>
    public static void Play(ulong seed, Tally tally, Trace? trace = null, Sabotage? sabotage = null)
    {
        try
        {
            new World(seed, tally, trace, sabotage).Run();
        }
        catch (Exception error) when (error is not InvariantBrokenException)
        {
            throw new InvariantBrokenException(
                $"exception: {error.GetType().Name}: {error.Message} {error.StackTrace?.Split('\n').FirstOrDefault()?.Trim()}", error);
        }
    }

    /// <summary>Plays seeds on several cores.</summary>
    public static SimulationReport PlayMany(
        long first, long seeds, int workers, bool goOn, Func<bool> over, Func<long, ulong> seedOf, Action<SimulationFailure> failed)
    {
        var total = new Tally();
        var failures = new ConcurrentBag<SimulationFailure>();
        long next = first - 1;
        Thread[] threads = [.. Enumerable.Range(0, workers).Select(_ => new Thread(Work, 16 * 1024 * 1024))];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        return new SimulationReport(total, [.. failures.OrderBy(f => f.Seed)]);

        void Work()
        {
            var mine = new Tally();
            while (!over() && (goOn || failures.IsEmpty))
            {
                long number = Interlocked.Increment(ref next);
                if (number >= first + seeds)
                {
                    break;
                }

                ulong seed = seedOf(number);

                try
                {
                    Play(seed, mine);
                }
                catch (InvariantBrokenException broken)
                {
                    var failure = new SimulationFailure(seed, broken.Invariant.Length > 0 ? broken.Invariant : "exception", broken.Message);
                    failures.Add(failure);
                    lock (total)
                    {
                        failed(failure);
                    }
                }
            }

            lock (total)
            {
                total.Add(mine);
            }
        }
    }
}
