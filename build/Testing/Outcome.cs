namespace ClusterTools.Build.Testing;

/// <summary>What came of one runner.</summary>
/// <param name="Counts">Its tests.</param>
/// <param name="Output">All that was written.</param>
/// <param name="Failures">Each failed test, with what it said: shown once more at the end, where they are looked for.</param>
internal sealed record Outcome(Counts Counts, string Output, IReadOnlyList<string> Failures)
{
    /// <summary>The outcome when a process has ended: one that ended badly without naming a failed test has failed as a whole.</summary>
    public static Outcome Of(Runner runner, Counts counts, int? exitCode, string output, IReadOnlyList<string> failures)
    {
        if (exitCode is null)
        {
            string late =
                $"{runner.Name} took longer than {runner.Limit.TotalMinutes:0} minutes and was ended; that counts as one failure.";
            return new Outcome(counts with { Failed = counts.Failed + 1 }, $"{output}\n{late}", [.. failures, late]);
        }

        if (exitCode != 0 && counts.Failed == 0)
        {
            string bad = $"{runner.Name} ended with {exitCode} and reported no failed test; it counts as one.";
            return new Outcome(counts with { Failed = 1 }, $"{output}\n{bad}", [$"{bad}\n{LastLines(output)}"]);
        }

        return new Outcome(counts, output, failures);
    }

    private static string LastLines(string output) => string.Join('\n', output.TrimEnd().Split('\n').TakeLast(15));
}
