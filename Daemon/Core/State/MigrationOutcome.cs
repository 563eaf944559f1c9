using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>What came of a guest's last migration.</summary>
/// <param name="From">Where it was.</param>
/// <param name="To">Where it was to go.</param>
/// <param name="Kind">What it did meanwhile.</param>
/// <param name="Success">It has moved.</param>
/// <param name="Message">What the hypervisor said.</param>
/// <param name="Who">Who asked for it; null: the cluster decided by itself.</param>
/// <param name="Figures">What it took; null: not told.</param>
/// <param name="BeganWall">Milliseconds since 1970-01-01 UTC; 0: not known.</param>
/// <param name="EndedWall">The same of its end.</param>
public sealed record MigrationOutcome(
    string From, string To, MigrationKind Kind, bool Success, string Message, string? Who, MigrationFigures? Figures, long BeganWall,
    long EndedWall);
