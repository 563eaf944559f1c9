using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>
/// Collects problems up to a limit, so that a hostile or hopeless file costs no memory; what is over is counted, not forgotten.
/// </summary>
/// <param name="groupWarnings">Warnings that differ in nothing but names become one, with the number of them and where.</param>
public sealed class ProblemList(bool groupWarnings = false)
{
    private const int Limit = 1000;
    private readonly List<ConfigurationProblem> _foremost = [];
    private readonly List<ConfigurationProblem> _problems = [];
    private readonly Dictionary<string, SameWarnings> _kinds = new(StringComparer.Ordinal);
    private int _errors;
    private int _warnings;

    /// <summary>Whether any of them is an error.</summary>
    public bool HasErrors => _errors > 0;

    /// <summary>How many errors there are, those over the limit too.</summary>
    public int Errors => _errors;

    /// <summary>Whether there is an error at a place, or beneath it.</summary>
    /// <param name="path">The place in the model.</param>
    public bool HasErrorAt(string path) => _problems.Exists(p =>
        p.Severity == ProblemSeverity.Error && p.Path.StartsWith(path, StringComparison.Ordinal)
            && (p.Path.Length == path.Length || p.Path[path.Length] == '/'));

    /// <summary>What refuses the configuration.</summary>
    /// <param name="path">Place in the model.</param>
    /// <param name="message">What is wrong.</param>
    /// <param name="remedy">What to do about it.</param>
    /// <param name="line">Line of the file, from 1; null: none.</param>
    public void Error(string path, string message, string remedy, int? line = null) =>
        Add(new ConfigurationProblem(ProblemSeverity.Error, path, message, remedy, line));

    /// <summary>What the user is told of.</summary>
    /// <param name="path">Place in the model.</param>
    /// <param name="message">What is wrong.</param>
    /// <param name="remedy">What to do about it.</param>
    /// <param name="line">Line of the file, from 1; null: none.</param>
    public void Warning(string path, string message, string remedy, int? line = null) =>
        Add(new ConfigurationProblem(ProblemSeverity.Warning, path, message, remedy, line));

    /// <summary>A warning that is read before everything else, wherever in the file it comes from.</summary>
    /// <param name="path">Place in the model.</param>
    /// <param name="message">What is wrong.</param>
    /// <param name="remedy">What to do about it.</param>
    /// <param name="line">Line of the file, from 1; null: none.</param>
    public void Foremost(string path, string message, string remedy, int? line = null)
    {
        _warnings++;
        _foremost.Add(new ConfigurationProblem(ProblemSeverity.Warning, path, message, remedy, line));
    }

    /// <summary>Adds one, with what is secret in it masked.</summary>
    /// <param name="problem">The problem.</param>
    public void Add(ConfigurationProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        // Messages cite what was given: command lines and values among it, and texts that are too long or can't be seen.
        var message = SecretText.HasSecret(problem.Message) ? SecretText.Mask(problem.Message) : problem.Message;
        var told = problem with { Message = Shown(message), Remedy = Shown(problem.Remedy) };
        var kind = groupWarnings && told.Severity == ProblemSeverity.Warning ? SameWarnings.KindOf(told) : null;
        if (kind is not null && _kinds.TryGetValue(kind, out var same))
        {
            same.Add(told);
            return;
        }
        // Each kind has a limit of its own: a thousand warnings must not hide an error.
        var count = told.Severity == ProblemSeverity.Error ? ++_errors : ++_warnings;
        if (count > Limit)
        {
            return;
        }
        if (kind is not null)
        {
            _kinds.Add(kind, new SameWarnings(told, _problems.Count));
        }
        _problems.Add(told);
    }

    private static string Shown(string text) => PlainText.CutWords(PlainText.Escape(text), TextLimits.Outcome);

    /// <summary>In the order of the file where lines are known, else in the order found.</summary>
    public ImmutableArray<ConfigurationProblem> ToImmutable()
    {
        ConfigurationProblem[] told = [.. _problems];
        foreach (var same in _kinds.Values)
        {
            told[same.At] = same.AsOne();
        }
        var all = ImmutableArray.CreateBuilder<ConfigurationProblem>(told.Length + _foremost.Count + 1);
        all.AddRange(_foremost);
        all.AddRange(told.OrderBy(p => p.Line ?? int.MaxValue));
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
