using ClusterTools.Contract;
using ClusterTools.Views;

namespace ClusterTools.Packaging.Tests;

public sealed class ViewTextTests
{
    [Theory]
    [InlineData(0L, "0 ms")]
    [InlineData(350L, "350 ms")]
    [InlineData(1_000L, "1 s")]
    [InlineData(1_440L, "1.4 s")]
    [InlineData(12_900L, "12 s")]
    [InlineData(60_000L, "1 min")]
    [InlineData(200_000L, "3 min 20 s")]
    [InlineData(7_500_000L, "2 h 5 min")]
    [InlineData(356_400_000L, "4 d 3 h")]
    [InlineData(-1_000L, "-1 s")]
    public void A_duration_is_told_in_two_units_at_most(long milliseconds, string text) =>
        Assert.Equal(text, ViewText.Duration(TimeSpan.FromMilliseconds(milliseconds)));

    [Fact]
    public void A_duration_that_is_not_there_is_nothing() => Assert.Equal("", ViewText.Duration(null));

    [Theory]
    [InlineData(0L, "0 B")]
    [InlineData(512L, "512 B")]
    [InlineData(1_536L, "1.5 KiB")]
    [InlineData(5L << 30, "5 GiB")]
    public void A_size_is_told_in_its_largest_unit(long bytes, string text) => Assert.Equal(text, ViewText.Size(bytes));

    [Fact]
    public void Without_a_host_that_shows_colours_a_state_is_its_word_alone()
    {
        Assert.Equal("Failed", ViewText.State(GroupPhase.Failed, null));
        Assert.Equal("Started, frozen", ViewText.State(GroupPhase.Started, "frozen", true, null));
        Assert.Equal("Started", ViewText.State(GroupPhase.Started, "frozen", false, null));
        Assert.Equal("", ViewText.State(null, null));
    }

    [Fact]
    public void Members_of_an_ordered_domain_show_their_priority_and_those_of_another_do_not()
    {
        FailoverDomainMember[] members = [new() { Node = "node1", Priority = 1 }, new() { Node = "node2", Priority = 2 }];
        Assert.Equal("node1 (1), node2 (2)", ViewText.Members(new FailoverDomain { Ordered = true, Members = members }));
        Assert.Equal("node1, node2", ViewText.Members(new FailoverDomain { Members = members }));
    }

    [Fact]
    public void Changes_of_a_configuration_are_told_by_name()
    {
        var changes = new ConfigurationChanges
        {
            Groups = new NameChanges { Added = ["web"], Removed = ["old"] },
            Domains = new NameChanges { Changed = ["shop"] },
            Settings = true,
        };
        Assert.Equal("+group web; -group old; ~domain shop; settings", ViewText.Changes(changes));
    }

    [Fact]
    public void Counts_begin_with_the_largest() =>
        Assert.Equal("2 Started, 1 Disabled", ViewText.Counts(new Dictionary<string, int> { ["Disabled"] = 1, ["Started"] = 2 }));
}
