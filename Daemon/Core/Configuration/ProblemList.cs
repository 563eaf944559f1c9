using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>Collects problems up to a limit, so that a hostile or hopeless file costs no memory; what is over is counted, not forgotten.</summary>
internal sealed class ProblemList
{
    private const int Limit = 1000;
    private readonly List<ConfigurationProblem> _problems = [];
    private int _errorsLeftOut;
    private int _warningsLeftOut;

    public bool HasErrors { get; private set; }

    public void Error(string path, string message, string remedy, int? line = null) =>
        Add(new ConfigurationProblem(ProblemSeverity.Error, path, message, remedy, line));

    public void Warning(string path, string message, string remedy, int? line = null) =>
        Add(new ConfigurationProblem(ProblemSeverity.Warning, path, message, remedy, line));

    public void Add(ConfigurationProblem problem)
    {
        HasErrors |= problem.Severity == ProblemSeverity.Error;
        if (_problems.Count < Limit)
        {
            _problems.Add(problem);
        }
        else if (problem.Severity == ProblemSeverity.Error)
        {
            _errorsLeftOut++;
        }
        else
        {
            _warningsLeftOut++;
        }
    }

    /// <summary>In the order of the file where lines are known, else in the order found.</summary>
    public ImmutableArray<ConfigurationProblem> ToImmutable()
    {
        var all = ImmutableArray.CreateBuilder<ConfigurationProblem>(_problems.Count + 1);
        all.AddRange(_problems.OrderBy(p => p.Line ?? int.MaxValue));
        if (_errorsLeftOut + _warningsLeftOut > 0)
        {
            all.Add(new ConfigurationProblem(
                _errorsLeftOut > 0 ? ProblemSeverity.Error : ProblemSeverity.Warning,
                "",
                $"{_errorsLeftOut} more errors and {_warningsLeftOut} more warnings are not shown.",
                "Repair what is listed and check again."));
        }
        return all.ToImmutable();
    }
}
