using System.Collections.Immutable;
using System.Text;
using ClusterTools.Core.Configuration;
using Xunit;

namespace ClusterTools.Core.Tests.Configuration;

public sealed class LastManStandingTests
{
    [Fact]
    public void A_configuration_without_it_does_not_speak_of_it()
    {
        Assert.DoesNotContain(
            "lastManStanding", Encoding.UTF8.GetString(ConfigurationJson.Write(Of(3))), StringComparison.OrdinalIgnoreCase);
        Assert.Null(Of(3).VoteWindow);
        Assert.Null((Of(3) with { LastManStandingWindow = 5000 }).VoteWindow);
    }

    [Fact]
    public void It_is_read_as_it_was_written_and_its_window_is_that_of_corosync_unless_it_is_set()
    {
        ClusterConfiguration configuration = Of(3) with { LastManStanding = true };
        Assert.Equal(10_000, configuration.VoteWindow);
        configuration = configuration with { LastManStandingWindow = 20_000 };
        Assert.Equal(20_000, configuration.VoteWindow);
        ImportResult read = ConfigurationJson.Read(ConfigurationJson.Write(configuration));
        Assert.Empty(read.Errors);
        Assert.True(ConfigurationEquality.Same(configuration, read.Configuration));
        Assert.False(ConfigurationEquality.Same(configuration, Of(3) with { LastManStanding = true }));
        Assert.True(ConfigurationDifference.Between(Of(3), configuration).Settings);
        Assert.True(ConfigurationDifference.Between(configuration with { LastManStandingWindow = null }, configuration).Settings);
    }

    public static TheoryData<string> ThatItDoesNotGoTogetherWith => ["two_node", "a quorum disk", "expected votes"];

    [Theory]
    [MemberData(nameof(ThatItDoesNotGoTogetherWith))]
    public void It_is_refused_with_what_decides_otherwise(string what)
    {
        ClusterConfiguration configuration = what switch
        {
            "two_node" => Of(2) with { TwoNode = true },
            "a quorum disk" => Of(3) with { QuorumDisk = new QuorumDiskConfiguration { Device = "/dev/quorum" } },
            _ => Of(4) with { ExpectedVotes = 5 },
        };
        Assert.Empty(Errors(configuration));
        ConfigurationProblem refused = Assert.Single(Errors(configuration with { LastManStanding = true }));
        Assert.Equal("lastManStanding", refused.Path);
        Assert.Contains(what.Replace("a quorum", "quorum", StringComparison.Ordinal), refused.Message, StringComparison.Ordinal);
        Assert.NotEqual("", refused.Remedy);
    }

    [Theory]
    [InlineData(999, false)]
    [InlineData(1000, true)]
    [InlineData(3_600_000, true)]
    [InlineData(3_600_001, false)]
    public void Its_window_has_limits(int window, bool isGood) =>
        Assert.Equal(isGood, Errors(Of(3) with { LastManStanding = true, LastManStandingWindow = window }).Length == 0);

    [Fact]
    public void With_two_nodes_it_is_said_to_do_nothing()
    {
        Assert.Contains(ConfigurationValidation.Validate(Of(2) with { LastManStanding = true }), p => p.Path == "lastManStanding");
        Assert.DoesNotContain(ConfigurationValidation.Validate(Of(3) with { LastManStanding = true }), p => p.Path == "lastManStanding");
    }

    [Fact]
    public void It_is_edited_by_itself_and_with_its_window()
    {
        ClusterConfiguration on = Edited(Of(3), new QuorumEdit { LastManStanding = true, LastManStandingWindow = 30_000 });
        Assert.Equal(30_000, on.VoteWindow);
        Assert.Equal(30_000, Edited(on, new QuorumEdit { TwoNode = false }).VoteWindow);
        Assert.Null(Edited(on, new QuorumEdit { LastManStanding = false }).VoteWindow);

        static ClusterConfiguration Edited(ClusterConfiguration configuration, QuorumEdit edit) =>
            ConfigurationEdit.Apply(configuration, [new ConfigurationEdit { Quorum = edit }]);
    }

    private static ConfigurationProblem[] Errors(ClusterConfiguration configuration) =>
        [.. ConfigurationValidation.Validate(configuration).Where(p => p.Severity == ProblemSeverity.Error)];

    private static ClusterConfiguration Of(int nodes) => new()
    {
        Name = "shop",
        Nodes = Enumerable.Range(1, nodes).Select(i => new NodeConfiguration { Name = $"n{i}", Id = i })
            .ToImmutableSortedDictionary(n => n.Name, n => n, StringComparer.Ordinal),
    };
}
