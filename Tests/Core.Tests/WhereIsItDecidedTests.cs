using System.Text.RegularExpressions;
using Xunit;

namespace ClusterTools.Core.Tests;

public sealed partial class WhereIsItDecidedTests
{
    [Fact]
    public void Every_question_on_the_page_names_a_file_that_is_there_and_has_in_it_what_is_named()
    {
        string root = Checkout.Root();
        string page = File.ReadAllText(Path.Combine(root, "docs", "where-is-it-decided.md"));
        Match[] rows = [.. Row().Matches(page).Cast<Match>()];
        Assert.True(rows.Length > 40, $"Only {rows.Length} rows were read.");
        Assert.All(rows, row =>
        {
            string file = Path.Combine(root, row.Groups["file"].Value);
            Assert.True(File.Exists(file), $"'{row.Value}': there is no such file.");
            Assert.Matches($@"\b{row.Groups["name"].Value}\b", File.ReadAllText(file));
        });
    }

    [Fact]
    public void Every_file_of_rules_answers_a_question_on_the_page()
    {
        string root = Checkout.Root();
        string page = File.ReadAllText(Path.Combine(root, "docs", "where-is-it-decided.md"));
        string[] silent =
        [
            .. Directory.EnumerateFiles(Path.Combine(root, "Daemon", "Core", "Rules"), "*.cs")
                .Select(Path.GetFileName).OfType<string>()
                .Where(file => !page.Contains($"/Rules/{file}`", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
        ];
        // What a look leads to, what a group waits for in words, and who hands requests on decide nothing.
        Assert.Equal(["Nodes.cs", "Requests.cs", "Step.cs", "UserEvents.cs", "Waiting.cs"], silent);
    }

    [GeneratedRegex(@"^\| [^|]+ \| `(?<file>[^`]+)` \| `(?<name>[^`]+)` \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
