using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>Something wrong in a configuration: where, what, and what to do about it (FEATURES G2).</summary>
/// <param name="Severity">Error refuses the configuration, Warning does not.</param>
/// <param name="Path">Place in the model, such as <c>groups/webshop/resources/ip:192.0.2.100</c>.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Remedy">What to do.</param>
/// <param name="Line">Line in the source file, from 1; null when there is none.</param>
public sealed record ConfigurationProblem(ProblemSeverity Severity, string Path, string Message, string Remedy, int? Line = null)
{
    /// <summary>All lines that it is about, where one problem stands for several of its kind; else empty.</summary>
    public ImmutableArray<int> Lines { get; init; } = [];

    /// <summary>One line: <c>line 12: error: groups/web: … Remedy: …</c></summary>
    public override string ToString() =>
        $"{(Line is { } line ? $"line {line}: " : "")}{(Severity == ProblemSeverity.Error ? "error" : "warning")}: {Path}: "
            + $"{Message} {Remedy}";
}
