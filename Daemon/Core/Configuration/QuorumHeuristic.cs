namespace ClusterTools.Core.Configuration;

/// <summary>A program that tells whether a node is of use, such as a ping to the router (qdisk(5), heuristic).</summary>
public sealed record QuorumHeuristic
{
    /// <summary>A command line for /bin/sh; exit code 0 is good.</summary>
    public required string Program { get; init; }

    /// <summary>What it adds to the node's score while it is good. 1 to 100.</summary>
    public int Score { get; init; } = 1;

    /// <summary>Milliseconds from one run to the next, and that one may take. 500 to 60,000.</summary>
    public int Interval { get; init; } = 2000;

    /// <summary>Runs in a row that must fail before it is not good any more. 1 to 60.</summary>
    public int Tko { get; init; } = 3;
}
