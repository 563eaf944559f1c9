using ClusterTools.Core.Configuration;
using Xunit;
using static ClusterTools.Core.Tests.Configuration.TestData;

namespace ClusterTools.Core.Tests.Configuration;

public class ConfigurationChangeTests
{
    private static ClusterConfiguration Next(Func<ClusterConfiguration, ClusterConfiguration> change) =>
        change(Sound()) with { Version = 8 };

    private static NodeConfiguration Node(string name, int id, int votes = 1) => new() { Name = name, Id = id, Votes = votes };

    [Fact]
    public void The_next_version_without_change_has_no_problem() =>
        Assert.Empty(ConfigurationValidation.ValidateChange(Sound(), Next(c => c)));

    [Fact]
    public void A_changed_token_time_is_said_to_have_no_effect_on_daemons_that_run()
    {
        var problem =
            Assert.Single(ConfigurationValidation.ValidateChange(Sound(), Next(c => c with { Timing = c.Timing with { Token = 3000 } })));
        Assert.Equal((ProblemSeverity.Warning, "timing/token"), (problem.Severity, problem.Path));
        Assert.Contains("no effect", problem.Message, StringComparison.Ordinal);
        Assert.Contains("node.json", problem.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(6, "undo what was changed since")]
    [InlineData(7, "undo what was changed since")]
    [InlineData(9, "missing")]
    public void Only_the_next_version_is_accepted(long version, string word)
    {
        var problem = Assert.Single(ConfigurationValidation.ValidateChange(Sound(), Sound() with { Version = version }));
        Assert.Equal((ProblemSeverity.Error, "version"), (problem.Severity, problem.Path));
        Assert.Contains(word, problem.Message, StringComparison.Ordinal);
        Assert.Contains("version 8", problem.Remedy, StringComparison.Ordinal);
    }

    public static TheoryData<string, Func<ClusterConfiguration, ClusterConfiguration>> SingleSteps => new()
    {
        { "add a node", c => c with { Nodes = c.Nodes.Add("d", Node("d", 4)) } },
        { "remove a node", c => c with { Nodes = c.Nodes.Remove("c") } },
        { "take a vote", c => c.WithNode("c", n => n with { Votes = 0 }) },
        { "give votes", c => c.WithNode("c", n => n with { Votes = 3 }) },
        { "add nodes without votes", c => c with { Nodes = c.Nodes.Add("d", Node("d", 4, 0)).Add("e", Node("e", 5, 0)) } },
        { "write down the sum", c => c with { ExpectedVotes = 3 } },
        { "add a node and expect it", c => c with { ExpectedVotes = 4, Nodes = c.Nodes.Add("d", Node("d", 4)) } },
    };

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(SingleSteps))]
    public void One_step_of_votes_is_accepted(string what, Func<ClusterConfiguration, ClusterConfiguration> change) =>
        Assert.True(ConfigurationValidation.ValidateChange(Sound(), Next(change)).All(p => p.Severity == ProblemSeverity.Warning), what);

    public static TheoryData<string, Func<ClusterConfiguration, ClusterConfiguration>, string> Refused => new()
    {
        { "two nodes added", c => c with { Nodes = c.Nodes.Add("d", Node("d", 4)).Add("e", Node("e", 5)) }, "nodes" },
        { "two nodes removed", c => c with { Nodes = c.Nodes.Remove("b").Remove("c") }, "nodes" },
        { "one added, one removed", c => c with { Nodes = c.Nodes.Remove("c").Add("d", Node("d", 4)) }, "nodes" },
        { "a vote moved", c => c.WithNode("a", n => n with { Votes = 2 }).WithNode("b", n => n with { Votes = 0 }), "nodes" },
        { "two_node and a node removed", c => c with { TwoNode = true, Nodes = c.Nodes.Remove("c") }, "twoNode" },
        { "expected votes jump", c => c with { ExpectedVotes = 5 }, "expectedVotes" },
        { "another name", c => c with { Name = "other" }, "name" },
        { "another id", c => c.WithNode("a", n => n with { Id = 9 }), "nodes/a/id" },
        { "an id handed on", c => c with { Nodes = c.Nodes.Remove("c").Add("d", Node("d", 3)) }, "nodes/d/id" },
        { "no administrator", c => c with { Access = c.Access.Clear() }, "access" },
    };

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Refused))]
    public void Each_is_refused_with_a_remedy(string what, Func<ClusterConfiguration, ClusterConfiguration> change, string place)
    {
        var problems = ConfigurationValidation.ValidateChange(Sound(), Next(change));
        Assert.True(problems.Any(p => p.Severity == ProblemSeverity.Error && p.Path == place), $"{what}:\n{string.Join('\n', problems)}");
        Assert.All(problems, p => Assert.NotEmpty(p.Remedy));
    }

    [Fact]
    public void A_third_node_ends_two_node_in_one_step()
    {
        var two = Sound() with { TwoNode = true, Nodes = Sound().Nodes.Remove("c") };
        var three = Sound() with { Version = 8 };
        Assert.Empty(ConfigurationValidation.ValidateChange(two, three));
    }

    [Fact]
    public void What_is_taken_out_is_told()
    {
        var problems =
            ConfigurationValidation.ValidateChange(Sound(), Next(c => c with { Nodes = c.Nodes.Remove("c"), Groups = c.Groups.Clear() }));
        Assert.Equal(["nodes/c", "groups/db", "groups/web"], problems.Select(p => p.Path));
        Assert.All(problems, p => Assert.Equal(ProblemSeverity.Warning, p.Severity));
    }
}
