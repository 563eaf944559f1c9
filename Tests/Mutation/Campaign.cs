using System.Collections.Concurrent;

namespace ClusterTools.Mutation;

/// <summary>Tries every mutant: who reaches it looks, one after the other, until somebody notices.</summary>
internal sealed class Campaign(Options options, string folder, RulesImage rules, Results results)
{
    private const int SaveEvery = 20;
    private const string Program = "ClusterTools.Mutation.dll";

    private readonly Progress progress = new();

    /// <summary>Until all are tried, the time is up or somebody interrupts it; what is known by then stands in the results.</summary>
    public async Task RunAsync(IReadOnlyList<Mutant> mutants, CancellationToken cancel)
    {
        string program = LayOut();
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        timer.CancelAfter(TimeSpan.FromMinutes(options.Minutes));
        try
        {
            Coverage coverage;
            using (var first = new WorkerProcess(program, options))
            {
                int highest = rules.Mutants.Max(m => m.Id) + 1;
                coverage = await Coverage.OfAsync(
                    first, highest, (i, of) => progress.Say($"Which check reaches what: {i} of {of}"), timer.Token).ConfigureAwait(false);
            }

            coverage.Broken.ForEach(broken => progress.Note($"Left out, for it does not hold without mutants: {broken}"));
            await TryAllAsync(mutants, coverage, program, timer.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested)
        {
            progress.Note(cancel.IsCancellationRequested ? "Interrupted; what is known stays." : "The time is up; what is known stays.");
        }
        finally
        {
            results.Save();
            Directory.Delete(Path.GetDirectoryName(program)!, recursive: true);
        }
    }

    /// <summary>This program once more, with the mutated rules beside it.</summary>
    private string LayOut()
    {
        string worker = Path.Combine(folder, $"worker-{Environment.ProcessId}");
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory, "*", SearchOption.AllDirectories))
        {
            string to = Path.Combine(worker, Path.GetRelativePath(AppContext.BaseDirectory, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }

        foreach ((string name, byte[] image) in rules.Images)
        {
            File.WriteAllBytes(Path.Combine(worker, name + ".dll"), image);
        }

        return Path.Combine(worker, Program);
    }

    private async Task TryAllAsync(IReadOnlyList<Mutant> mutants, Coverage coverage, string program, CancellationToken cancel)
    {
        var queue = new ConcurrentQueue<Mutant>(mutants);
        int tried = 0;
        int noticed = 0;
        await Task.WhenAll(Enumerable.Range(0, options.Workers).Select(async _ =>
        {
            using var worker = new WorkerProcess(program, options);
            while (queue.TryDequeue(out Mutant? mutant))
            {
                Result result = await TryAsync(worker, mutant, coverage, cancel).ConfigureAwait(false);
                lock (results)
                {
                    // What only some checks have looked at may be noticed by others.
                    if (result.Noticed || options.Checks.Count == 0)
                    {
                        results.Add(result);
                    }

                    noticed += result.Noticed ? 1 : 0;
                    if (++tried % SaveEvery == 0)
                    {
                        results.Save();
                    }

                    progress.Say($"{tried} of {mutants.Count} tried, {tried - noticed} not noticed; {mutant.File}");
                }
            }
        })).ConfigureAwait(false);
    }

    private async Task<Result> TryAsync(WorkerProcess worker, Mutant mutant, Coverage coverage, CancellationToken cancel)
    {
        int reached = coverage.Reached(mutant.Id);
        if (reached == 0)
        {
            return new Result(mutant.Key, Fate.Unreached, null, 0);
        }

        await worker.StartAsync(cancel).ConfigureAwait(false);
        string question = $"try {mutant.Id} {string.Join(' ', coverage.Of(mutant.Id, worker.Checks, options.Thorough))}";
        (string? answer, int at) = await worker.AskAsync(question, coverage.LimitOf, cancel).ConfigureAwait(false);
        if (answer?.StartsWith("spoiled", StringComparison.Ordinal) == true)
        {
            // In a new process nothing is left of it, or of those before it.
            worker.Dispose();
            (answer, at) = await worker.AskAsync(question, coverage.LimitOf, cancel).ConfigureAwait(false);
            worker.Dispose();
        }

        if (answer == "survived")
        {
            return new Result(mutant.Key, Fate.Survived, null, reached)
            {
                Differs = await WhereAsync(worker, mutant, coverage, cancel).ConfigureAwait(false),
            };
        }

        string? by = at < 0 ? null : worker.Checks[at].Name;
        return answer switch
        {
            null => new Result(mutant.Key, Fate.Timeout, by, reached),
            _ => new Result(mutant.Key, FateOf(worker.Checks[at].Stage), $"{by}: {answer.Split(' ', 3)[^1]}", reached),
        };
    }

    private static async Task<string[]> WhereAsync(
        WorkerProcess worker, Mutant mutant, Coverage coverage, CancellationToken cancel)
    {
        IEnumerable<int> scenarios = coverage.Of(mutant.Id, worker.Checks, thorough: false)
            .Where(i => worker.Checks[i].Stage == Stage.Scenario);
        (string? answer, _) = await worker.AskAsync($"differ {mutant.Id} {string.Join(' ', scenarios)}".TrimEnd(), coverage.LimitOf, cancel)
            .ConfigureAwait(false);
        return answer?.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..] ?? [];
    }

    private static Fate FateOf(Stage stage) => stage switch
    {
        Stage.Scenario or Stage.Promises => Fate.Scenario,
        Stage.Test => Fate.Test,
        Stage.Seed => Fate.Simulation,
        _ => throw new InvalidOperationException($"Unknown stage {stage}."),
    };
}
