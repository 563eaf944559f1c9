using System.Collections.Immutable;
using System.Text;
using ClusterTools.Core.Configuration;
using Xunit;

namespace ClusterTools.Core.Tests.Configuration;

public sealed class QuorumArbiterTests
{
    private static readonly QuorumArbiterConfiguration Arbiter = new() { Host = "arbiter.example.com" };

    [Fact]
    public void A_configuration_without_one_does_not_speak_of_it() => Assert.DoesNotContain(
        "arbiter",
        Encoding.UTF8.GetString(ConfigurationJson.Write(Pair() with { QuorumArbiter = null })),
        StringComparison.OrdinalIgnoreCase);

    [Fact]
    public void It_is_read_as_it_was_written_and_is_shown()
    {
        ClusterConfiguration configuration = Pair() with { QuorumArbiter = Arbiter with { Tls = false } };
        ImportResult read = ConfigurationJson.Read(ConfigurationJson.Write(configuration));
        Assert.Empty(read.Errors);
        Assert.True(ConfigurationEquality.Same(configuration, read.Configuration));
        Assert.False(ConfigurationEquality.Same(configuration, Pair()));
        Assert.True(ConfigurationDifference.Between(Pair(), configuration).Settings);
        Assert.Contains(ConfigurationTree.Of(configuration), l => l.Text == "arbiter arbiter.example.com, without TLS");
    }

    [Fact]
    public void It_is_in_force_between_two_nodes_with_two_node()
    {
        Assert.Empty(Problems(Pair()));
        Assert.Equal(Arbiter, Pair().ArbiterInForce);
        Assert.Null((Pair() with { TwoNode = false }).ArbiterInForce);
    }

    public static TheoryData<string, ProblemSeverity, string> Wrong => new()
    {
        { "no host", ProblemSeverity.Error, "quorumArbiter/host" },
        { "not a host", ProblemSeverity.Error, "quorumArbiter/host" },
        { "a node", ProblemSeverity.Error, "quorumArbiter/host" },
        { "a node's address", ProblemSeverity.Error, "quorumArbiter/host" },
        { "a quorum disk", ProblemSeverity.Error, "quorumArbiter" },
        { "no two_node", ProblemSeverity.Warning, "quorumArbiter" },
        { "no addresses", ProblemSeverity.Warning, "quorumArbiter" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_is_wrong_is_told_with_its_place_and_a_remedy(string what, ProblemSeverity severity, string path)
    {
        ClusterConfiguration wrong = what switch
        {
            "no host" => Pair() with { QuorumArbiter = Arbiter with { Host = "" } },
            "not a host" => Pair() with { QuorumArbiter = Arbiter with { Host = "a b" } },
            "a node" => Pair() with { QuorumArbiter = Arbiter with { Host = "n2" } },
            "a node's address" => Pair() with { QuorumArbiter = Arbiter with { Host = "10.0.0.1" } },
            "a quorum disk" => Pair() with { TwoNode = false, QuorumDisk = new QuorumDiskConfiguration { Device = "/dev/quorum" } },
            "no two_node" => Pair() with { TwoNode = false },
            "no addresses" => Pair() with
            {
                Nodes = Pair().Nodes.ToImmutableSortedDictionary(n => n.Key, n => n.Value with { Addresses = [] }, StringComparer.Ordinal),
            },
            _ => throw new InvalidOperationException(what),
        };
        Assert.NotEmpty(Assert.Single(Problems(wrong), p => p.Severity == severity && p.Path == path).Remedy);
    }

    [Fact]
    public void Edits_make_it_change_it_and_take_it_out()
    {
        ClusterConfiguration none = Pair() with { QuorumArbiter = null };
        ClusterConfiguration made = Edit(none, new QuorumArbiterEdit { Host = "a" });
        Assert.Equal(new QuorumArbiterConfiguration { Host = "a", Tls = true }, made.QuorumArbiter);
        Assert.Equal(
            new QuorumArbiterConfiguration { Host = "a", Tls = false }, Edit(made, new QuorumArbiterEdit { Tls = false }).QuorumArbiter);
        Assert.Null(Apply(made, new QuorumEdit { RemoveArbiter = true }).QuorumArbiter);
        Assert.Throws<EditRefusedException>(() => Edit(none, new QuorumArbiterEdit { Tls = false }));
        Assert.Throws<EditRefusedException>(
            () => Apply(made, new QuorumEdit { RemoveArbiter = true, Arbiter = new QuorumArbiterEdit { Host = "b" } }));
    }

    private static IEnumerable<ConfigurationProblem> Problems(ClusterConfiguration configuration) =>
        ConfigurationValidation.Validate(configuration).Where(p => p.Path.StartsWith("quorumArbiter", StringComparison.Ordinal));

    private static ClusterConfiguration Edit(ClusterConfiguration configuration, QuorumArbiterEdit arbiter) =>
        Apply(configuration, new QuorumEdit { Arbiter = arbiter });

    private static ClusterConfiguration Apply(ClusterConfiguration configuration, QuorumEdit edit) =>
        ConfigurationEdit.Apply(configuration, [new ConfigurationEdit { Quorum = edit }]);

    private static ClusterConfiguration Pair() => new()
    {
        Name = "shop",
        TwoNode = true,
        QuorumArbiter = Arbiter,
        Nodes = Enumerable.Range(1, 2).Select(i => new NodeConfiguration { Name = $"n{i}", Id = i, Addresses = [$"10.0.0.{i}"] })
            .ToImmutableSortedDictionary(n => n.Name, n => n, StringComparer.Ordinal),
    };
}
