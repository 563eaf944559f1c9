using System.Runtime.CompilerServices;
using Xunit;

namespace ClusterTools.Core.Tests.Scenarios;

/// <summary>
/// Runs the scenario files beside this one. With CLUSTERTOOLS_REWRITE=1 in the environment what comes out replaces what was
/// expected in the source, so that a change of behaviour shows as a diff.
/// </summary>
public sealed class ScenarioTests
{
    internal static bool Rewrite { get; } = Environment.GetEnvironmentVariable("CLUSTERTOOLS_REWRITE") == "1";
    internal static string Folder { get; } = Rewrite ? Source() : Path.Combine(AppContext.BaseDirectory, "Scenarios");

    public static TheoryData<string> Files()
    {
        var files = new TheoryData<string>();
        foreach (string file in Directory.EnumerateFiles(Folder, "*.txt", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            files.Add(Path.GetRelativePath(Folder, file).Replace('\\', '/'));
        }

        return files;
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void What_comes_out_is_what_the_file_says(string file)
    {
        string expected = File.ReadAllText(Path.Combine(Folder, file)).ReplaceLineEndings("\n");
        var runner = new ScenarioRunner();
        string actual = ScenarioFile.Run(expected, runner);
        if (Rewrite && actual != expected)
        {
            File.WriteAllText(Path.Combine(Folder, file), actual);
        }

        if (runner.Violations.Count > 0)
        {
            Assert.Fail($"{file}:\n{string.Join('\n', runner.Violations)}");
        }

        if (!Rewrite)
        {
            Assert.Equal(expected, actual);
        }
    }

    private static string Source([CallerFilePath] string path = "") =>
        Path.GetDirectoryName(path) is { } folder && Directory.Exists(folder)
            ? folder
            : throw new DirectoryNotFoundException(
                "The sources are not here; build without ContinuousIntegrationBuild to rewrite scenario files.");
}
