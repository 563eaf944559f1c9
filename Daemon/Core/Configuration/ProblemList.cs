using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>Collects problems up to a limit, so that a hostile or hopeless file costs no memory; what is over is counted, not forgotten.</summary>
internal sealed class ProblemList
{
    private const int Limit = 1000;
    private readonly List<ConfigurationProblem> _problems = [];
    private int _errors;
    private int _warnings;

    public bool HasErrors => _errors > 0;

    public void Error(string path, string message, string remedy, int? line = null) =>
        Add(new ConfigurationProblem(ProblemSeverity.Error, path, message, remedy, line));

    public void Warning(string path, string message, string remedy, int? line = null) =>
        Add(new ConfigurationProblem(ProblemSeverity.Warning, path, message, remedy, line));

    public void Add(ConfigurationProblem problem)
    {
        // Each kind has a limit of its own: a thousand warnings must not hide an error.
        var count = problem.Severity == ProblemSeverity.Error ? ++_errors : ++_warnings;
        if (count <= Limit)
        {
            // Messages cite what was given, command lines and values among it.
            _problems.Add(SecretText.HasSecret(problem.Message) ? problem with { Message = SecretText.Mask(problem.Message) } : problem);
        }
    }

    /// <summary>In the order of the file where lines are known, else in the order found.</summary>
    public ImmutableArray<ConfigurationProblem> ToImmutable()
    {
        var all = ImmutableArray.CreateBuilder<ConfigurationProblem>(_problems.Count + 1);
        all.AddRange(_problems.OrderBy(p => p.Line ?? int.MaxValue));
        var errors = Math.Max(_errors - Limit, 0);
        var warnings = Math.Max(_warnings - Limit, 0);
        if (errors + warnings > 0)
        {
            all.Add(new ConfigurationProblem(
                errors > 0 ? ProblemSeverity.Error : ProblemSeverity.Warning,
                "",
                $"{errors:N0} more errors and {warnings:N0} more warnings are not shown.",
                "Repair what is listed and check again."));
        }
        return all.ToImmutable();
    }
}
