using System.Text.RegularExpressions;
using Xunit;

namespace ClusterTools.Core.Tests.Scenarios;

/// <summary>
/// What people read in the journal and in descriptions has no words of the machinery, no names of values, no raw milliseconds.
/// </summary>
public sealed partial class PlainWordsTests
{
    [Theory]
    [MemberData(nameof(ScenarioTests.Files), MemberType = typeof(ScenarioTests))]
    public void Nothing_that_a_scenario_says_is_jargon(string file)
    {
        string[] lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Scenarios", file));
        bool said = false;
        var jargon = new List<string>();
        foreach (string line in lines)
        {
            said = line == "----" || (said && line.Length > 0);
            if (said && Jargon().IsMatch(NoWords().Replace(line, "")))
            {
                jargon.Add(line);
            }
        }

        Assert.Empty(jargon);
    }

    [Theory]
    [InlineData("Under way: FenceOff of n1.", true)]
    [InlineData("admin asks for node.fenceOff n1.", true)]
    [InlineData("Member n1 (incarnation 3) is out of the view; last heard 5387799 ms ago.", true)]
    [InlineData("Epoch 3: members n1.", true)]
    [InlineData("GET /v1/groups lists all.", true)]
    [InlineData("Members: n1, n2; quorate.", false)]
    [InlineData("Node n1 was last heard 350 ms ago.", false)]
    public void Jargon_is_known(string words, bool jargon) => Assert.Equal(jargon, Jargon().IsMatch(words));

    /// <summary>What a test sees of an action, and id and kind of an operation in a list of them, are no words for people.</summary>
    [GeneratedRegex(@"^(no more: )?(> )?\w+: .*$|^[>~] .*$|^\S+ [a-z]+\.\w+ ")]
    private static partial Regex NoWords();

    [GeneratedRegex(
        @"\b(incarnation|doomed|epoch|fence(Off|On|Reboot)|probe demand|the view|finalScript)\b"
            + @"|\b(GET|POST|PUT|DELETE) /|/v1/|\basks for \w+\.|\b\d{4,} ms\b",
        RegexOptions.IgnoreCase)]
    private static partial Regex Jargon();
}
