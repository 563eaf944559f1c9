namespace ClusterTools.Build.Testing;

/// <summary>One process that runs tests. Several run side by side, so each keeps what it writes until it has ended.</summary>
/// <param name="name">What the table at the end calls it.</param>
/// <param name="limit">After it the process and all it started are ended, and one test counts as failed.</param>
internal abstract class Runner(string name, TimeSpan limit)
{
    public string Name { get; } = name;

    protected TimeSpan Limit { get; } = limit;

    /// <summary>Runs the tests to their end.</summary>
    /// <returns>The counts, and all that was written.</returns>
    public abstract Task<(Counts Counts, string Output)> RunAsync(CancellationToken cancel);

    /// <summary>The counts when a process has ended: one that ended badly without naming a failed test has failed as a whole.</summary>
    protected (Counts Counts, string Output) Judge(Counts counts, int? exitCode, string output)
    {
        if (exitCode is null)
        {
            return (counts with { Failed = counts.Failed + 1 }, $"{output}\n{Name} took longer than {Limit.TotalMinutes:0} minutes and was ended; that counts as one failure.");
        }

        return exitCode != 0 && counts.Failed == 0
            ? (counts with { Failed = 1 }, $"{output}\n{Name} ended with {exitCode} and reported no failed test; it counts as one.")
            : (counts, output);
    }
}
