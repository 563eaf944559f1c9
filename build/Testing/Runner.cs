namespace ClusterTools.Build.Testing;

/// <summary>One process that runs tests. Several run side by side, so each keeps what it writes until it has ended.</summary>
/// <param name="name">What the table at the end calls it.</param>
/// <param name="limit">After it the process and all it started are ended, and one test counts as failed.</param>
internal abstract class Runner(string name, TimeSpan limit)
{
    public string Name { get; } = name;

    public TimeSpan Limit { get; } = limit;

    /// <summary>Runs the tests to their end.</summary>
    public abstract Task<Outcome> RunAsync(CancellationToken cancel);
}
