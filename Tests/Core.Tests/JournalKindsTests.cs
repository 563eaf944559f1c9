using System.Text.RegularExpressions;
using Xunit;

namespace ClusterTools.Core.Tests;

public sealed partial class JournalKindsTests
{
    /// <summary>Kinds made of a phase, which no literal shows.</summary>
    private static readonly string[] OfPhases = ["group.disabled", "group.stopped"];

    [Fact]
    public void Every_kind_that_the_Core_writes_is_listed_and_no_other()
    {
        string[] written =
        [
            .. Directory.EnumerateFiles(Path.Combine(Repository(), "Daemon", "Core"), "*.cs", SearchOption.AllDirectories)
                .SelectMany(f => Calls().Matches(File.ReadAllText(f)))
                .SelectMany(c => Literals().Matches(c.Groups[1].Value)).Select(l => l.Groups[1].Value)
                .Where(k => !k.StartsWith("script.", StringComparison.Ordinal))
                .Concat(OfPhases).Distinct().Order(StringComparer.Ordinal),
        ];
        Assert.True(written.Length > 40, $"Only {written.Length} kinds were found.");
        Assert.Equal(written, JournalKinds.All.Keys);
    }

    // The compiler's word for where a source stands is not where it is in a reproducible build.
    private static string Repository()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "ClusterTools.slnx")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new DirectoryNotFoundException($"No ClusterTools.slnx stands above '{AppContext.BaseDirectory}'; this test reads the Core's sources.");
    }

    // The severity and the kind of a call, up to the message.
    [GeneratedRegex(@"\bJournal\(\s*([^$;]*?),\s*(?:\$""|e\.|message|""[A-Z])", RegexOptions.Singleline)]
    private static partial Regex Calls();

    [GeneratedRegex(@"""([a-z]+(?:\.[a-zA-Z]+)*)""")]
    private static partial Regex Literals();
}
