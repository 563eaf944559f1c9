using System.Globalization;

namespace ClusterTools.Mutation;

/// <summary>Which checks reach a mutant, those that cost least first, and how long each takes.</summary>
internal sealed class Coverage
{
    // A machine may be busy, and a first call compiles.
    private static readonly TimeSpan LeastLimit = TimeSpan.FromSeconds(10);
    private const int Patience = 30;

    /// <summary>Checks of a stage that look at one mutant, where many could.</summary>
    private const int Enough = 60;

    private readonly List<int>[] reaching;
    private readonly TimeSpan[] took;

    private Coverage(int mutants, int checks)
    {
        reaching = [.. Enumerable.Range(0, mutants).Select(_ => new List<int>())];
        took = new TimeSpan[checks];
    }

    /// <summary>Checks that don't hold as it is, and so can't notice anything, with what they say.</summary>
    public List<string> Broken { get; } = [];

    /// <summary>Runs every check once with its eyes open.</summary>
    public static async Task<Coverage> OfAsync(WorkerProcess worker, int mutants, Action<int, int> progress, CancellationToken cancel)
    {
        await worker.StartAsync(cancel).ConfigureAwait(false);
        var coverage = new Coverage(mutants, worker.Checks.Count);
        for (int i = 0; i < worker.Checks.Count; i++)
        {
            progress(i, worker.Checks.Count);
            (string? answer, _) = await worker.AskAsync($"cover {i} {mutants}", _ => TimeSpan.FromMinutes(2), cancel).ConfigureAwait(false);
            string[] words = answer?.Split(' ') ?? [];
            if (words is not ["covers", ..])
            {
                coverage.Broken.Add($"{worker.Checks[i].Name}: {answer ?? "it does not come to an end"}");
                continue;
            }

            coverage.took[i] = TimeSpan.FromMilliseconds(int.Parse(words[1], CultureInfo.InvariantCulture));
            foreach (string word in words[2..])
            {
                coverage.reaching[int.Parse(word, CultureInfo.InvariantCulture)].Add(i);
            }
        }

        foreach (List<int> each in coverage.reaching)
        {
            each.Sort((a, b) => (worker.Checks[a].Stage, coverage.took[a], a).CompareTo((worker.Checks[b].Stage, coverage.took[b], b)));
        }

        return coverage;
    }

    /// <summary>How many checks reach it.</summary>
    public int Reached(int mutant) => reaching[mutant].Count;

    /// <summary>The checks that look at it, in their order: all scenarios that reach it, and the quickest of each later stage.</summary>
    public IReadOnlyList<int> Of(int mutant, IReadOnlyList<(Stage Stage, string Name)> checks, bool thorough) => thorough
        ? reaching[mutant]
        : [.. reaching[mutant].GroupBy(i => checks[i].Stage).SelectMany(s => s.Key == Stage.Scenario ? s : s.Take(Enough))];

    /// <summary>After it a check does not come to an end.</summary>
    public TimeSpan LimitOf(int check) => check < 0 ? LeastLimit : LeastLimit + (took[check] * Patience);
}
