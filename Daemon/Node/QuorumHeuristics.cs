using ClusterTools.Agents;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Node;

/// <summary>
/// Runs the heuristics of the quorum disk, each at its own interval, and adds up what the good ones give. One that has not been run yet is
/// good, else a new one would take every node's vote for a moment; one that fails at its first run is not.
/// </summary>
/// <param name="environment">Of the programs.</param>
/// <param name="scored">Is told each new sum.</param>
/// <param name="say">Is told in words which one has changed.</param>
internal sealed class QuorumHeuristics(
    IReadOnlyDictionary<string, string> environment, Action<int> scored, Action<string> say) : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<QuorumHeuristic, Run> runs = [];

    /// <summary>These are to be run from now on; those that were run already go on.</summary>
    public void Use(IEnumerable<QuorumHeuristic> heuristics)
    {
        QuorumHeuristic[] wanted = [.. heuristics.Distinct()];
        lock (gate)
        {
            foreach (QuorumHeuristic gone in runs.Keys.Except(wanted).ToArray())
            {
                runs[gone].End.Cancel();
                runs.Remove(gone);
            }

            foreach (QuorumHeuristic heuristic in wanted.Where(h => !runs.ContainsKey(h)))
            {
                var run = new Run();
                runs.Add(heuristic, run);
                run.Task = RepeatAsync(heuristic, run);
            }

            scored(Sum());
        }
    }

    public async ValueTask DisposeAsync()
    {
        Run[] all;
        lock (gate)
        {
            all = [.. runs.Values];
            runs.Clear();
        }

        foreach (Run run in all)
        {
            await run.End.CancelAsync().ConfigureAwait(false);
            await run.Task.ConfigureAwait(false);
        }
    }

    private int Sum() => runs.Where(r => r.Value.IsGood).Sum(r => r.Key.Score);

    private async Task RepeatAsync(QuorumHeuristic heuristic, Run run)
    {
        await Task.Yield();
        var interval = TimeSpan.FromMilliseconds(heuristic.Interval);
        try
        {
            using var timer = new PeriodicTimer(interval);
            do
            {
                Count(heuristic, run, await TryAsync(heuristic, interval, run.End.Token).ConfigureAwait(false));
            }
            while (await timer.WaitForNextTickAsync(run.End.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (run.End.IsCancellationRequested)
        {
            // It is not run any more.
        }
    }

    private async Task<string?> TryAsync(QuorumHeuristic heuristic, TimeSpan limit, CancellationToken ending)
    {
        try
        {
            ProcessOutcome outcome = await ProcessRunner.RunAsync(
                new ProcessRequest
                {
                    FileName = "/bin/sh",
                    Arguments = ["-c", heuristic.Program],
                    Environment = environment,
                    Timeout = limit,
                    KillGrace = TimeSpan.Zero,
                    OutputLimit = 1024,
                },
                ending).ConfigureAwait(false);
            ending.ThrowIfCancellationRequested();
            return outcome.ExitCode == 0 && !outcome.TimedOut ? null
                : outcome.TimedOut ? $"it took longer than {limit.TotalSeconds:0.#} s"
                : $"exit code {outcome.ExitCode}, {outcome.Output.Trim()}".TrimEnd(' ', ',');
        }
        catch (ProcessStartException e)
        {
            return e.Message;
        }
    }

    private void Count(QuorumHeuristic heuristic, Run run, string? why)
    {
        lock (gate)
        {
            run.Failures = why is null ? 0 : run.Failures + 1;
            bool isGood = why is null || (run.HasRun && run.IsGood && run.Failures < heuristic.Tko);
            run.HasRun = true;
            if (isGood == run.IsGood)
            {
                return;
            }

            run.IsGood = isGood;
            scored(Sum());
        }

        if (why is not null)
        {
            say($"The quorum disk's heuristic '{heuristic.Program}' fails on this node: {why}. Without its {heuristic.Score} "
                + $"{(heuristic.Score == 1 ? "point" : "points")} the node may have no vote (Get-ClusterQuorum). Look at what it "
                + "asks for.");
        }
        else
        {
            say($"The quorum disk's heuristic '{heuristic.Program}' is good again on this node.");
        }
    }

    private sealed class Run
    {
        public CancellationTokenSource End { get; } = new();

        public Task Task { get; set; } = Task.CompletedTask;

        public bool IsGood { get; set; } = true;

        public bool HasRun { get; set; }

        public int Failures { get; set; }
    }
}
