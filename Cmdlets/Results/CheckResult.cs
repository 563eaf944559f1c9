namespace ClusterTools.Client;

/// <summary>How a check came out.</summary>
public enum CheckOutcome
{
    /// <summary>All is well.</summary>
    Passed,

    /// <summary>Something must be done.</summary>
    Failed,

    /// <summary>It could not be judged; the message says why.</summary>
    Skipped,
}

/// <summary>The result of one operational check.</summary>
public sealed class CheckResult
{
    /// <summary>What is checked, as a sentence.</summary>
    public string Name { get; set; } = "";

    /// <summary>The subject, by which it can be chosen.</summary>
    public string Tag { get; set; } = "";

    /// <summary>How it came out.</summary>
    public CheckOutcome Result { get; set; }

    /// <summary>What is wrong, and what to do; when it has passed, what it found worth saying.</summary>
    public string Message { get; set; } = "";

    /// <summary>How long the check took.</summary>
    public TimeSpan Duration { get; set; }
}
