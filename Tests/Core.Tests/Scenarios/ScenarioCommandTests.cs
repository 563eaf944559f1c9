using System.Text;
using Xunit;

namespace ClusterTools.Core.Tests.Scenarios;

/// <summary>
/// Every command is explained by an example that runs. With CLUSTERTOOLS_REWRITE=1 README.md beside the files is made anew.
/// </summary>
public sealed class ScenarioCommandTests
{
    public static TheoryData<string> Names => [.. ScenarioRunner.Commands.SelectMany(c => c.Commands).Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Its_example_uses_it_and_runs(string name)
    {
        ScenarioCommandAttribute command = ScenarioRunner.Commands.SelectMany(c => c.Commands).Single(c => c.Name == name);
        Assert.EndsWith(".", command.What, StringComparison.Ordinal);
        Assert.Contains(command.Example.Split('\n'), line => line.Split(' ')[0] == name);
        Assert.DoesNotContain("ignored", Play(command).Split('\n'));
    }

    [Fact]
    public void The_page_beside_the_files_lists_them_all_with_what_comes_out()
    {
        var page = new StringBuilder($"""
            # Commands of scenario files

            A file is comments (`#`), then blocks: commands, a line `----`, and what must come out, up to the next blank line. A command's
            indented lines belong to it. `CLUSTERTOOLS_REWRITE=1` makes a test run write what comes out, here too. This page is made of the
            commands themselves (`Commands/*.cs`); an example that does not begin with `cluster` finds this one at rest:

            ```
            {string.Join('\n', ScenarioRunner.ExampleCluster)}
            ```

            """);
        foreach ((string title, ScenarioCommandAttribute[] commands) in ScenarioRunner.Commands)
        {
            page.Append($"\n## {title}\n");
            foreach (ScenarioCommandAttribute command in commands)
            {
                page.Append($"\n`{command.Usage}`: {command.What}\n\n```\n{command.Example}\n----\n{Play(command)}\n```\n");
            }
        }

        string actual = page.ToString().ReplaceLineEndings("\n");
        string file = Path.Combine(ScenarioTests.Folder, "README.md");
        if (ScenarioTests.Rewrite)
        {
            File.WriteAllText(file, actual);
        }

        Assert.Equal(File.ReadAllText(file).ReplaceLineEndings("\n"), actual);
    }

    private static string Play(ScenarioCommandAttribute command)
    {
        var runner = new ScenarioRunner();
        if (!command.Example.StartsWith("cluster\n", StringComparison.Ordinal))
        {
            runner.Run(ScenarioRunner.ExampleCluster);
        }

        string result = runner.Run(command.Example.Split('\n'));
        Assert.Empty(runner.Violations);
        return result;
    }
}
