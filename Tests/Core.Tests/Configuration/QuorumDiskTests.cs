using System.Collections.Immutable;
using System.Text;
using ClusterTools.Core.Configuration;
using Xunit;

namespace ClusterTools.Core.Tests.Configuration;

public sealed class QuorumDiskTests
{
    private static readonly QuorumDiskConfiguration Disk = new() { Device = "/dev/quorum" };

    [Fact]
    public void A_configuration_without_one_does_not_speak_of_it() =>
        Assert.DoesNotContain(
            "quorumDisk", Encoding.UTF8.GetString(ConfigurationJson.Write(Of(2, null))), StringComparison.OrdinalIgnoreCase);

    [Fact]
    public void It_is_read_as_it_was_written()
    {
        ClusterConfiguration configuration = Of(3, Disk with
        {
            Votes = 2,
            MinimumScore = 1,
            Heuristics = [new QuorumHeuristic { Program = "ping -c1 -w1 10.0.0.1", Score = 2, Interval = 5000, Tko = 4 }],
        });
        ImportResult read = ConfigurationJson.Read(ConfigurationJson.Write(configuration));
        Assert.Empty(read.Errors);
        Assert.True(ConfigurationEquality.Same(configuration, read.Configuration));
        Assert.True(ConfigurationDifference.Between(Of(3, Disk), configuration).Settings);
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(5, 4)]
    public void Its_votes_carry_the_last_node_unless_they_are_set(int nodes, int votes)
    {
        ClusterConfiguration configuration = Of(nodes, Disk);
        Assert.Empty(ConfigurationValidation.Validate(configuration).Where(p => p.Severity == ProblemSeverity.Error));
        Assert.Equal(votes, Disk.VotesAmong(configuration));
        Assert.Equal(nodes - 1, QuorumArithmetic.LossesSurvived(configuration, configuration.Nodes.Keys));
    }

    [Fact]
    public void The_score_that_is_needed_is_half_of_all_unless_it_is_set()
    {
        QuorumHeuristic[] both = [new QuorumHeuristic { Program = "a", Score = 2 }, new QuorumHeuristic { Program = "b", Score = 3 }];
        Assert.Equal(0, Disk.ScoreNeeded());
        Assert.Equal(3, (Disk with { Heuristics = [.. both] }).ScoreNeeded());
        Assert.Equal(5, (Disk with { Heuristics = [.. both], MinimumScore = 5 }).ScoreNeeded());
    }

    public static TheoryData<string, string> Wrong => new()
    {
        { "quorumDisk/device", "device" }, { "quorumDisk/votes", "votes" }, { "quorumDisk/interval", "interval" },
        { "quorumDisk/tko", "tko" },
        { "quorumDisk/minimumScore", "minimumScore" }, { "quorumDisk/heuristics/0/program", "program" },
        { "quorumDisk/heuristics/0/score", "score" }, { "twoNode", "twoNode" }, { "expectedVotes", "expectedVotes" },
        { "nodes/n2/id", "id" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_is_wrong_is_told_with_its_place_and_a_remedy(string path, string what)
    {
        ClusterConfiguration wrong = what switch
        {
            "device" => Of(2, Disk with { Device = "quorum" }),
            "votes" => Of(2, Disk with { Votes = 2 }),
            "interval" => Of(2, Disk with { Interval = 100 }),
            "tko" => Of(2, Disk with { Tko = 3 }),
            "minimumScore" => Of(2, Disk with { MinimumScore = 1 }),
            "program" => Of(2, Disk with { Heuristics = [new QuorumHeuristic { Program = " " }] }),
            "score" => Of(2, Disk with { Heuristics = [new QuorumHeuristic { Program = "true", Score = 0 }] }),
            "twoNode" => Of(2, Disk) with { TwoNode = true },
            "expectedVotes" => Of(2, Disk) with { ExpectedVotes = 2 },
            _ => Of(2, Disk) is var two
                ? two with { Nodes = two.Nodes.SetItem("n2", two.Nodes["n2"] with { Id = 65 }) }
                : throw new InvalidOperationException(),
        };
        ConfigurationProblem problem = ConfigurationValidation.Validate(wrong)
            .First(p => p.Severity == ProblemSeverity.Error && p.Path == path);
        Assert.NotEmpty(problem.Remedy);
    }

    [Fact]
    public void Edits_make_it_change_it_and_take_it_out()
    {
        ClusterConfiguration none = Of(2, null);
        ClusterConfiguration made = Edit(none, new QuorumDiskEdit { Device = "/dev/a", Interval = 2000 });
        Assert.Equal(("/dev/a", 2000, 10), (made.QuorumDisk!.Device, made.QuorumDisk.Interval, made.QuorumDisk.Tko));
        ClusterConfiguration changed = Edit(made, new QuorumDiskEdit { Tko = 20 });
        Assert.Equal(("/dev/a", 2000, 20), (changed.QuorumDisk!.Device, changed.QuorumDisk.Interval, changed.QuorumDisk.Tko));
        Assert.Null(ConfigurationEdit.Apply(changed, [new ConfigurationEdit { Quorum = new QuorumEdit { RemoveDisk = true } }]).QuorumDisk);
        Assert.Throws<EditRefusedException>(() => Edit(none, new QuorumDiskEdit { Tko = 20 }));
    }

    private static ClusterConfiguration Edit(ClusterConfiguration configuration, QuorumDiskEdit disk) =>
        ConfigurationEdit.Apply(configuration, [new ConfigurationEdit { Quorum = new QuorumEdit { Disk = disk } }]);

    private static ClusterConfiguration Of(int nodes, QuorumDiskConfiguration? disk) => new()
    {
        Name = "shop",
        Nodes = Enumerable.Range(1, nodes).Select(i => new NodeConfiguration { Name = $"n{i}", Id = i })
            .ToImmutableSortedDictionary(n => n.Name, n => n, StringComparer.Ordinal),
        QuorumDisk = disk,
    };
}
