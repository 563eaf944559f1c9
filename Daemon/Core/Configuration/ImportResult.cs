using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>What came of reading a configuration.</summary>
/// <param name="Configuration">The configuration, validated; null when any problem is an error, so that nothing half-read can be used.</param>
/// <param name="Problems">Errors and warnings in the order of the file; where a line is known it is given.</param>
public sealed record ImportResult(ClusterConfiguration? Configuration, ImmutableArray<ConfigurationProblem> Problems)
{
    /// <summary>
    /// The groups in the order of the file, as far as they could be read: there even when the configuration as a whole is refused,
    /// so that a tree of resources can be looked at by itself (<see cref="ResourcePlan"/>). Never a base for anything that runs.
    /// </summary>
    public ImmutableArray<GroupConfiguration> Groups { get; init; } = [.. Configuration?.Groups.Values ?? []];

    /// <summary>
    /// The errors that leave a group's tree unreadable; what is wrong with nodes, votes, fencing, domains and parameters is not among them, nor are
    /// references to nothing and unknown elements: the classic manager went on without them, and so does the plan of the rest.
    /// </summary>
    /// <param name="group">Name of the group; null: of all groups.</param>
    public IEnumerable<ConfigurationProblem> TreeErrors(string? group) => Errors.Where(e => e.Path switch
    {
        "" or "groups" => Groups.IsEmpty || e.Path == "groups",
        { } path when path.StartsWith("groups/", StringComparison.Ordinal) => IsOfTree(path["groups/".Length..], group),
        _ => false,
    });

    private static bool IsOfTree(string path, string? group)
    {
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var of = slash < 0 ? path : path[..slash];
        return (group is null || of == group)
            && (slash < 0 || (path.AsSpan(slash).StartsWith("/resources", StringComparison.Ordinal) && !path.EndsWith("/parameters", StringComparison.Ordinal)));
    }

    /// <summary>Only the problems that refuse the configuration.</summary>
    public IEnumerable<ConfigurationProblem> Errors => Problems.Where(p => p.Severity == ProblemSeverity.Error);

    /// <summary>Only the problems the user is told of.</summary>
    public IEnumerable<ConfigurationProblem> Warnings => Problems.Where(p => p.Severity == ProblemSeverity.Warning);

    internal static ImportResult Refused(string path, string message, string remedy, int? line = null) =>
        new(null, [new ConfigurationProblem(ProblemSeverity.Error, path, message, remedy, line)]);
}
