using ClusterTools.Core.Configuration;
using ClusterTools.Core.Tests.Scenarios;
using Xunit;

namespace ClusterTools.Core.Tests;

/// <summary>Whether a group could be started on the node that it is on, and what is said of names that nobody knows.</summary>
public sealed class PlacementTests
{
    [Fact]
    public void What_is_exclusive_is_not_in_its_own_way()
    {
        ClusterState rest = At("group web exclusive", "world n1 web/app:web", "up");
        Assert.Null(Placement.Obstacle(rest, rest.Groups["web"], "n1"));
    }

    [Fact]
    public void What_is_exclusive_and_shares_its_node_could_not_be_started_there()
    {
        ClusterState found = At("group web exclusive|group mail exclusive", "world n1 web/app:web mail/app:mail", "up");
        Assert.Equal("runs other groups, and this one is exclusive", Placement.Obstacle(found, found.Groups["web"], "n1"));
    }

    [Fact]
    public void What_shares_its_node_with_something_exclusive_could_not_be_started_there()
    {
        ClusterState found = At("group web exclusive|group mail", "world n1 web/app:web mail/app:mail", "up");
        Assert.Equal("runs an exclusive group", Placement.Obstacle(found, found.Groups["mail"], "n1"));
    }

    [Theory]
    [InlineData("domain nowhere restricted: n9|group web domain=nowhere|group mail with=web domain=nowhere", "have no node in common")]
    [InlineData("group web|group mail with=web domain=nowhere", "the failover domain 'nowhere', which is not defined")]
    [InlineData("group web|group mail with=ghost", "depends on group 'ghost', which is not defined")]
    public void Names_that_nobody_knows_are_told_and_not_followed(string lines, string said) =>
        Assert.Contains(Problems(Configured(lines)), p => p.Contains(said, StringComparison.Ordinal));

    [Fact]
    public void A_group_may_come_without_a_list_of_what_it_needs()
    {
        ClusterConfiguration configuration = Configured("group web");
        Assert.Empty(Problems(configuration));
        GroupConfiguration web = configuration.Groups["web"] with { Dependencies = default };
        Assert.Empty(Problems(configuration with { Groups = configuration.Groups.SetItem("web", web) }));
    }

    private static ClusterConfiguration Configured(string lines) => ScenarioConfiguration.Change(
        new ClusterConfiguration { Name = "one", Version = 1 }, ["nodes n1 n2", .. lines.Split('|')]);

    private static string[] Problems(ClusterConfiguration configuration) =>
        [.. ConfigurationValidation.Validate(configuration).Where(p => p.Severity == ProblemSeverity.Error).Select(p => p.ToString())];

    private static ClusterState At(string groups, params string[] lines)
    {
        var runner = new ScenarioRunner(promises: false);
        runner.Run(["cluster", "  nodes n1 n2 n3", .. groups.Split('|').Select(g => $"  {g}"), .. lines]);
        return runner.Agreed;
    }
}
