using System.Collections.Immutable;
using ClusterTools.Core.Configuration;
using ClusterTools.Core.Tests.Scenarios;
using ClusterTools.Voting;
using Xunit;

namespace ClusterTools.Core.Tests;

/// <summary>Who waits before fencing whom, and who fences nobody, asked of states that no scenario comes to rest in.</summary>
public sealed class FenceDelayTests
{
    private static readonly string[] Lines = ["nodes n1 n2", "fence n1: power(power)", "timing post_fail_delay=5000 two_node_delay=20000"];

    private static readonly ClusterConfiguration Configuration =
        ScenarioConfiguration.Change(new ClusterConfiguration { Name = "one", Version = 1 }, Lines);

    /// <summary>Of two nodes one is a member, the other one was lost at 1000.</summary>
    private static ClusterState One(string member, string lost, NodePhase phase = NodePhase.Online) => ClusterState.Empty with
    {
        Configuration = Configuration,
        Quorum = Quorum.Contested,
        Members = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, [KeyValuePair.Create(member, 1L)]),
        Time = 2000,
        Nodes = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal,
        [
            KeyValuePair.Create(member, new NodeState { Name = member, Phase = phase, Member = true, Incarnation = 1 }),
            KeyValuePair.Create(lost, new NodeState { Name = lost, Phase = NodePhase.Lost, Incarnation = 1, LostAt = 1000 }),
        ]),
    };

    private static string Said(ClusterState state) => string.Join("; ", FenceDelay.Describe(state));

    [Theory]
    [InlineData("n1", "n2", 5000, "n1 fences n2 in 4 s (postFailDelay)")]
    [InlineData("n2", "n1", 25_000, "n2 fences n1 in 24 s (twoNodeDelay: it waits for the node with the lower id to go first)")]
    public void Of_two_the_one_with_the_lower_id_goes_first(string member, string lost, long delay, string said)
    {
        ClusterState state = One(member, lost);
        Assert.Equal(delay, FenceDelay.Of(state, state.Nodes[lost]));
        Assert.Equal(said, Said(state));
    }

    [Fact]
    public void It_is_said_for_the_present_time_and_before_the_time_of_the_loss_is_known()
    {
        ClusterState state = One("n1", "n2");
        Assert.Equal("n1 fences n2 in 0 s (postFailDelay)", Said(state with { Time = 60_000 }));
        NodeState undated = state.Nodes["n2"] with { LostAt = null };
        Assert.Equal("n1 fences n2 in 5 s (postFailDelay)", Said(state with { Nodes = state.Nodes.SetItem("n2", undated) }));
    }

    [Fact]
    public void Of_several_members_the_one_with_the_lowest_id_does_it()
    {
        ClusterConfiguration three = ScenarioConfiguration.Change(new ClusterConfiguration { Name = "one", Version = 1 }, [
            "node n1 id=9", "node n2 id=2", "node n3 id=5", "timing post_fail_delay=5000"]);
        ClusterState state = One("n1", "n2") with { Configuration = three, Quorum = Quorum.Quorate };
        Assert.Equal("n3 fences n2 in 4 s (postFailDelay)", Said(state with { Members = state.Members.Add("n3", 1) }));
    }

    [Fact]
    public void Nothing_is_said_of_what_will_not_be()
    {
        ClusterState state = One("n1", "n2");
        Assert.Empty(Said(state with { Quorum = Quorum.None }));
        Assert.Empty(Said(One("n1", "n2", NodePhase.Maintenance)));
        ClusterConfiguration unfenced = ScenarioConfiguration.Change(Configuration, ["fence n2: none"]);
        Assert.Empty(Said(state with { Configuration = unfenced }));
    }

    [Fact]
    public void Only_one_of_two_that_was_emptied_stays_back()
    {
        ClusterState emptied = One("n1", "n2", NodePhase.Maintenance);
        Assert.True(FenceDelay.StaysBack(emptied));
        Assert.False(FenceDelay.StaysBack(One("n1", "n2")));
        Assert.False(FenceDelay.StaysBack(emptied with { Quorum = Quorum.Quorate }));
        NodeState holds = emptied.Nodes["n1"] with { Groups = ["web"] };
        Assert.False(FenceDelay.StaysBack(emptied with { Nodes = emptied.Nodes.SetItem("n1", holds) }));
    }

    [Theory]
    [InlineData("n1", "n2", "n1 fences n2 in 4 s (postFailDelay)")]
    [InlineData("n2", "n1", "n2 fences n1 in 4 s (postFailDelay)")]
    public void Where_an_arbiter_has_said_which_of_two_goes_on_that_one_waits_for_nobody_and_the_other_stays_back(
        string member, string lost, string said)
    {
        ClusterState has = One(member, lost) with { Device = new QuorumDevice(1, true) };
        Assert.Equal(5000, FenceDelay.Of(has, has.Nodes[lost]));
        Assert.Equal((false, said), (FenceDelay.StaysBack(has), Said(has)));
        Assert.Contains("The arbiter's vote is among them.", Description.QuorumOf(has), StringComparison.Ordinal);
        ClusterState without = has with { Device = new QuorumDevice(1, false) };
        Assert.Equal((true, ""), (FenceDelay.StaysBack(without), Said(without)));
        Assert.Contains("The arbiter's vote is not here.", Description.QuorumOf(without), StringComparison.Ordinal);
        Assert.False(FenceDelay.StaysBack(without with { Quorum = Quorum.Quorate }));
    }

    [Fact]
    public void Who_is_not_configured_any_more_goes_last()
    {
        ClusterState state = One("n9", "n1");
        Assert.Equal(25_000, FenceDelay.Of(state, state.Nodes["n1"]));
        Assert.False(FenceDelay.StaysBack(state with { Nodes = state.Nodes.Remove("n9") }));
    }
}
