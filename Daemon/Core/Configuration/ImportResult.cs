using System.Collections.Immutable;

namespace ClusterTools.Core.Configuration;

/// <summary>What came of reading a configuration.</summary>
/// <param name="Configuration">The configuration, validated; null when any problem is an error, so that nothing half-read can be
/// used.</param>
/// <param name="Problems">Errors and warnings in the order of the file; where a line is known it is given.</param>
public sealed record ImportResult(ClusterConfiguration? Configuration, ImmutableArray<ConfigurationProblem> Problems)
{
    /// <summary>
    /// The groups in the order of the file, as far as they could be read: there even when the configuration as a whole is refused,
    /// so that a tree of resources can be looked at by itself (<see cref="ResourcePlan"/>). Never a base for anything that runs.
    /// </summary>
    public ImmutableArray<GroupConfiguration> Groups { get; init; } = [.. Configuration?.Groups.Values ?? []];

    /// <summary>
    /// The errors that leave a group's tree unreadable; what is wrong with nodes, votes, fencing, domains and parameters is not among them,
    /// nor are references to nothing and unknown elements: the classic manager went on without them, and so does the plan of the rest.
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
            && (slash < 0
                || (path.AsSpan(slash).StartsWith("/resources", StringComparison.Ordinal)
                    && !path.EndsWith("/parameters", StringComparison.Ordinal)));
    }

    /// <summary>Only the problems that refuse the configuration.</summary>
    public IEnumerable<ConfigurationProblem> Errors => Problems.Where(p => p.Severity == ProblemSeverity.Error);

    /// <summary>Only the problems the user is told of.</summary>
    public IEnumerable<ConfigurationProblem> Warnings => Problems.Where(p => p.Severity == ProblemSeverity.Warning);

    /// <summary>What is refused as a whole, for one reason.</summary>
    /// <param name="path">Place in the model, or the file's name; empty: the file as a whole.</param>
    /// <param name="message">What is wrong.</param>
    /// <param name="remedy">What to do about it.</param>
    /// <param name="line">Line of the file, from 1; null: none.</param>
    public static ImportResult Refused(string path, string message, string remedy, int? line = null) =>
        new(null, [new ConfigurationProblem(ProblemSeverity.Error, path, message, remedy, line)]);

    /// <summary>The refusal of what is too large to be read; null: it is not.</summary>
    /// <param name="size">Bytes of it.</param>
    public static ImportResult? RefuseSize(long size) =>
        size <= ConfigurationLimits.FileBytes
            ? null
            : Refused(
                "",
                $"The file is {size:N0} bytes long; the limit is {ConfigurationLimits.FileBytes:N0} (16 MiB). Nothing of it was read.",
                "Check that it is a cluster configuration. If it is, split the cluster.");

    /// <summary>The refusal of a file that holds nothing.</summary>
    public static ImportResult RefuseEmpty() => Refused("", "The file is empty.", "Give a cluster.conf or a configuration in JSON.", 1);
}
