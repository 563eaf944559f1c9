using System.Collections.Immutable;

namespace ClusterTools.Engines.Corosync.Settings;

/// <summary>What was read of a file.</summary>
/// <param name="Settings">As far as they could be read; what could not has the value it has when nothing is said.</param>
/// <param name="Problems">What is wrong with the file and with the settings in it, by lines.</param>
public sealed record CorosyncReading(CorosyncSettings Settings, ImmutableArray<CorosyncProblem> Problems)
{
    /// <summary>ClusterTools can't work with the file as it is.</summary>
    public bool HasErrors => Problems.Any(problem => problem.Severity == CorosyncProblemSeverity.Error);
}
