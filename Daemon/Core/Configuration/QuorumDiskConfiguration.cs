using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>A disk that all nodes share and that has votes of its own (FEATURES A4; qdisk(5)).</summary>
public sealed record QuorumDiskConfiguration
{
    /// <summary>Absolute path of a block device or a file, the same on every node.</summary>
    public required string Device { get; init; }

    /// <summary>Null: one less than there are nodes with votes, and at least 1, so that the last node goes on.</summary>
    public int? Votes { get; init; }

    /// <summary>Milliseconds between two writes of a node. 200 to 4,000.</summary>
    public int Interval { get; init; } = 1000;

    /// <summary>Writes that a node may miss before it counts as dead on the disk. 4 to 120.</summary>
    public int Tko { get; init; } = 10;

    /// <summary>
    /// A node whose heuristics add up to less has no vote, and does not hold the disk. Null: half of all scores, rounded up; 0 without
    /// heuristics.
    /// </summary>
    public int? MinimumScore { get; init; }

    public ImmutableArray<QuorumHeuristic> Heuristics { get; init; } = [];

    /// <summary>Milliseconds of silence after which a node counts as dead on the disk.</summary>
    public int Silence() => Interval * Tko;

    /// <summary>What counts below which a node has no vote.</summary>
    public int ScoreNeeded() => MinimumScore ?? (Heuristics.IsDefaultOrEmpty ? 0 : (Heuristics.Sum(h => h.Score) + 1) / 2);

    /// <summary>The votes that count.</summary>
    public int VotesAmong(ClusterConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return Votes ?? Math.Max(1, configuration.Nodes.Values.Count(n => n.Votes > 0) - 1);
    }
}
