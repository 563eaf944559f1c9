using ClusterTools.Core.Configuration;

namespace ClusterTools.Import;

/// <summary>One translation of a classic file into the model: each part of the file has a reader of its own.</summary>
internal static class ClusterConfTranslation
{
    public static ImportResult Translate(ConfElement root, Func<string, string?> installed)
    {
        if (root.Name != "cluster")
        {
            return ImportResult.Refused("", $"The root element is <{root.Name.Shown()}>, not <cluster>.",
                "Give a cluster.conf: an XML file with <cluster> as its root.", root.Line);
        }
        var problems = new ImportProblems();
        var read = new AttributeReader(problems);
        problems.NoText(root, "");
        var sections = new ConfSections(root, problems);
        var configuration = Heading(root, read, problems);
        configuration = configuration with { Timing = new TimingSection(sections, read, problems).Read(root) };
        var devices = new FenceDeviceSection(sections, read, problems);
        configuration = configuration with
        {
            FenceDevices = devices.Read(),
            Nodes = new NodeSection(sections, new FenceMethods(devices, read, problems), read, problems).Read(),
        };
        configuration = new VoteSection(sections, read, problems).Read(configuration);
        var groups = new GroupSection(installed, read, problems);
        configuration = groups.Read(sections.Find("rm"), configuration);
        problems.Leftovers(root, "cluster", "");
        groups.TellLongLimits();
        Validate(configuration, sections, groups, problems, root.Line);
        return new ImportResult(problems.HasErrors ? null : configuration, problems.ToImmutable()) { Groups = groups.InOrder };
    }

    private static ClusterConfiguration Heading(ConfElement root, AttributeReader read, ImportProblems problems)
    {
        problems.Place(root.Line, "name", "version", "nodes", "expectedVotes", "twoNode");
        var name = root.Text("name");
        if (name is null)
        {
            problems.Error("name", "The cluster has no name.", "Add name=\"…\" to <cluster>.", root.Line);
        }
        if (root.Take("config_version") is null)
        {
            problems.Warning("version", "The cluster has no config_version; 1 is taken.",
                "Add config_version=\"1\" to <cluster>, and raise it with every change.", root.Line);
        }
        return new ClusterConfiguration
        {
            Name = name ?? "unnamed",
            Version = read.Number(root, "config_version", "version", 1, 1, long.MaxValue - 1),
        };
    }

    /// <summary>What the model's own rules say of what was read, at the lines it comes from.</summary>
    private static void Validate(
        ClusterConfiguration configuration, ConfSections sections, GroupSection groups, ImportProblems problems, int rootLine)
    {
        var validated = ConfigurationValidation.Validate(configuration);
        var fencingIsWrong = validated.Any(p =>
            p.Severity == ProblemSeverity.Error && p.Path.Contains("/fenceMethods", StringComparison.Ordinal));
        foreach (var problem in validated)
        {
            var line = problems.LineOf(problem.Path) ?? rootLine;
            if (problem is { Severity: ProblemSeverity.Warning, Path: "twoNode" })
            {
                if (!fencingIsWrong)
                {
                    problems.Foremost(problem.Path, problem.Message, problem.Remedy, line);
                }
            }
            else if (!Follows(problem.Path, configuration, sections, groups, problems))
            {
                problems.Add(problem with { Line = line });
            }
        }
    }

    /// <summary>Whether the problem is there only because of an error that was told already, at the line where it is.</summary>
    private static bool Follows(
        string path, ClusterConfiguration configuration, ConfSections sections, GroupSection groups, ImportProblems problems)
    {
        if (path == "nodes" && configuration.Nodes.IsEmpty)
        {
            return problems.HasErrorAt("nodes") || sections.MayBeMisspelled("clusternodes");
        }
        if (path.EndsWith("/device", StringComparison.Ordinal))
        {
            return problems.HasErrorAt("fenceDevices") || sections.MayBeMisspelled("fencedevices");
        }
        return (path == "name" && problems.HasErrorAt("name")) || groups.IsIncomplete(path);
    }
}
