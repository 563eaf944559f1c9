namespace ClusterTools.Engines.Corosync;

/// <summary>How a daemon takes part in a cluster of several machines.</summary>
public sealed record CorosyncEngineOptions
{
    private const int ShortestAnswerLimit = 10_000;

    /// <summary>The life.</summary>
    public required EngineSetup Setup { get; init; }

    /// <summary>The folder of this node alone that the log is in; created when absent.</summary>
    public required string Folder { get; init; }

    /// <summary>The name of the process group; the same on all nodes.</summary>
    public string Group { get; init; } = "clusterd";

    /// <summary>Milliseconds without a word of its own after which this node does not take itself for a member for granted.</summary>
    public required int Token { get; init; }

    /// <summary>
    /// Milliseconds that a member's daemon, disk or consumer may take to answer before the others go on without it: 10 s, and longer than
    /// corosync takes to agree on a new membership (a token, and 1.2 of them for consensus), in which nothing is heard of anybody.
    /// </summary>
    public int AnswerLimit
    {
        get => field > 0 ? field : Math.Max(ShortestAnswerLimit, 3 * Token);
        init;
    }

    /// <summary>Milliseconds that a start waits for nodes that are not there yet, when those that are could go on.</summary>
    public int FormDelay { get; init; } = 2_000;

    /// <summary>For tests: is called first on the thread that talks to corosync.</summary>
    internal Action? OnThread { get; init; }

    /// <summary>For tests: is called before each transaction on the disk.</summary>
    internal Action? BeforeWrite { get; init; }

    /// <summary>
    /// Never so long that who goes by the shortest token takes this node for one that hangs: the nodes change it one after the other.
    /// </summary>
    internal int PresenceInterval => Math.Clamp(Token / 4, 50, ShortestAnswerLimit / 4);

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Folder);
        ArgumentException.ThrowIfNullOrWhiteSpace(Group);
        ArgumentOutOfRangeException.ThrowIfLessThan(Token, 200);
        ArgumentOutOfRangeException.ThrowIfLessThan(AnswerLimit, Token);
        ArgumentOutOfRangeException.ThrowIfNegative(FormDelay);
    }
}
