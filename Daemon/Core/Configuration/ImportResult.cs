using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>What came of reading a configuration.</summary>
/// <param name="Configuration">The configuration, validated; null when any problem is an error, so that nothing half-read can be used.</param>
/// <param name="Problems">Errors and warnings in the order of the file; where a line is known it is given.</param>
public sealed record ImportResult(ClusterConfiguration? Configuration, ImmutableArray<ConfigurationProblem> Problems)
{
    /// <summary>Only the problems that refuse the configuration.</summary>
    public IEnumerable<ConfigurationProblem> Errors => Problems.Where(p => p.Severity == ProblemSeverity.Error);

    /// <summary>Only the problems the user is told of.</summary>
    public IEnumerable<ConfigurationProblem> Warnings => Problems.Where(p => p.Severity == ProblemSeverity.Warning);

    internal static ImportResult Refused(string path, string message, string remedy, int? line = null) =>
        new(null, [new ConfigurationProblem(ProblemSeverity.Error, path, message, remedy, line)]);
}
