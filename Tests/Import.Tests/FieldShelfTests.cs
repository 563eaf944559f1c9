using System.Runtime.CompilerServices;
using System.Text;

namespace ClusterTools.Import.Tests;

/// <summary>
/// Files as administrators have them, in the folder field: beside each FILE.conf stands FILE.txt with all that is said of it and how its
/// groups
/// start. With CLUSTERTOOLS_REWRITE=1 in the environment what comes out replaces what was expected in the source, so that a change shows as
/// a diff.
/// </summary>
public class FieldShelfTests
{
    private static readonly bool Rewrite = Environment.GetEnvironmentVariable("CLUSTERTOOLS_REWRITE") == "1";
    private static readonly string Folder = Rewrite ? Source() : Path.Combine(AppContext.BaseDirectory, "field");

    public static TheoryData<string> Files() =>
        [.. Directory.EnumerateFiles(Folder, "*.conf").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Usable() =>
        [.. Files().Select(f => (string)f.Data).Where(f => Read(f).Configuration is not null)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Each_imports_or_says_exactly_why_not(string file)
    {
        ImportResult result = TestData.AssertSound(Read(file));
        string told = Told(result);
        string expected = Path.Combine(Folder, $"{file}.txt");
        if (Rewrite)
        {
            File.WriteAllText(expected, told);
        }
        Assert.Equal(File.ReadAllText(expected), told, ignoreLineEndingDifferences: true);
    }

    [Theory]
    [MemberData(nameof(Usable))]
    public void What_is_exported_is_imported_as_the_same_thing(string file)
    {
        ClusterConfiguration configuration = Read(file).Configuration!;
        byte[] export = ConfigurationJson.Write(configuration);
        ImportResult again = ConfigurationFile.Read("export.json", export);
        Assert.Empty(again.Errors);
        Assert.True(ConfigurationEquality.Same(configuration, again.Configuration));
        Assert.Equal(export, ConfigurationJson.Write(again.Configuration!));
    }

    [Theory]
    [MemberData(nameof(Usable))]
    public void What_is_exported_without_its_secrets_has_them_again_where_they_are_known(string file)
    {
        ClusterConfiguration configuration = Read(file).Configuration!;
        ImportResult again = ConfigurationJson.Read(ConfigurationJson.Write(SecretParameters.Redact(configuration)), configuration);
        Assert.Empty(again.Errors);
        Assert.True(ConfigurationEquality.Same(configuration, again.Configuration));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void The_same_file_again_changes_nothing_of_what_runs(string file)
    {
        ImportResult result = Read(file);
        Assert.Empty(ResourcePlan.Change(result.Groups, result.Groups));
    }

    private static ImportResult Read(string file) => ConfigurationFile.Read(file, File.ReadAllBytes(Path.Combine(Folder, $"{file}.conf")));

    private static string Told(ImportResult result)
    {
        var text = new StringBuilder();
        foreach (ConfigurationProblem problem in result.Problems)
        {
            text.Append(
                $"{problem.Line}: {(problem.Severity == ProblemSeverity.Error ? "ERROR" : "warning")}: {problem.Path}: "
                    + $"{problem.Message}\n");
        }
        text.Append(result.Configuration is null ? "refused\n" : "imported\n");
        foreach (GroupConfiguration group in result.Groups)
        {
            text.Append($"{group.Name}: {string.Join(", ", ResourcePlan.Start(group))}\n");
            foreach (ResourceConfiguration resource in ResourceTree.Of(group).StartOrder)
            {
                text.Append(
                    $"  {resource.Id}: {resource.Agent} {string.Join(' ', resource.Parameters.Select(p => $"{p.Key}={p.Value}"))}"
                    .TrimEnd()).Append('\n');
            }
        }
        return text.ToString();
    }

    private static string Source([CallerFilePath] string path = "") => Path.Combine(Path.GetDirectoryName(path)!, "field");
}
