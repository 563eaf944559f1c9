namespace ClusterTools.Mutation;

/// <summary>A file of rules, and how much of it the tests must hold.</summary>
/// <param name="File">Path from the top of the repository.</param>
/// <param name="Goal">Percentage of its mutants that must be noticed.</param>
internal sealed record Subject(string File, int Goal)
{
    private const int Safety = 95;
    private const int Rest = 85;

    /// <summary>What decides whether something may run, has stopped or is off.</summary>
    private static readonly HashSet<string> DecideSafety =
    [
        "Membership", "Probes", "UnknownAnswers", "Fencing", "FenceRequests", "FenceProof", "FenceDelay", "HandsOff", "Nodes",
        "WithoutQuorum", "Reforming", "Starting", "Groups", "Stopping", "QuorumArithmetic", "Majority", "JointMajority",
    ];

    /// <summary>What decides besides the rules' own folder and the arithmetic of votes.</summary>
    private static readonly string[] Others =
    [
        "Daemon/Core/Draft.cs", "Daemon/Core/FenceDelay.cs", "Daemon/Core/Fold.cs", "Daemon/Core/GroupDependencies.cs",
        "Daemon/Core/GroupIndices.cs", "Daemon/Core/Placement.cs", "Daemon/Core/QuorumArithmetic.cs", "Daemon/Core/ResourceTree.cs",
        "Daemon/Core/Configuration/FenceProof.cs",
        "Daemon/Core/State/DrainOrder.cs", "Daemon/Core/State/NodeState.cs", "Daemon/Core/State/PlacementOrder.cs",
    ];

    /// <summary>The file's name alone.</summary>
    public string Name => Path.GetFileNameWithoutExtension(File);

    /// <summary>All of them, those that decide safety first.</summary>
    public static IReadOnlyList<Subject> All(string root) =>
    [
        .. new[] { "Daemon/Core/Rules", "Daemon/Voting" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root, folder), "*.cs")
                .Select(f => $"{folder}/{Path.GetFileName(f)}"))
            .Concat(Others)
            .Select(file => new Subject(file, DecideSafety.Contains(Path.GetFileNameWithoutExtension(file)) ? Safety : Rest))
            .OrderByDescending(s => s.Goal).ThenBy(s => s.File, StringComparer.Ordinal),
    ];
}
