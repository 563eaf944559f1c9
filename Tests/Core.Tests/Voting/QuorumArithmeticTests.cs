using System.Collections.Immutable;
using ClusterTools.Core.Configuration;
using ClusterTools.Core.Tests.Scenarios;
using ClusterTools.Voting;
using Xunit;

namespace ClusterTools.Core.Tests.Voting;

/// <summary>Who may change the configuration by their votes, and whose votes count, where the engine has counted otherwise.</summary>
public sealed class QuorumArithmeticTests
{
    private ClusterState state = ClusterState.Empty;
    private long index;

    private string? Refusal(params string[] lines)
    {
        string id = $"r{++index}";
        ClusterConfiguration next = ScenarioConfiguration.Change(state.Configuration, lines);
        next = next with { Version = next.Version + 1 };
        Commit(new ConfigurationRequest(id, "admin", next));
        OperationState asked = state.Operations[id];
        return asked.Phase == OperationPhase.Failed ? asked.Message : null;
    }

    private void Commit(ClusterEvent e) => state = Cluster.Apply(
        state, 1, ++index, new EventEnvelope { Origin = "n1", Incarnation = 1, Event = e, Time = state.Time });

    private void View(VoteCount? votes, params string[] members) => state = Cluster.Apply(
        state, ++index,
        new ViewEvent(
            index, members.ToImmutableSortedDictionary(m => m, _ => 1L, StringComparer.Ordinal), Quorum.Quorate, true) { Votes = votes });

    private void Begin(params string[] lines)
    {
        View(null, "n1", "n2", "n3");
        Commit(new ConfigurationRequest(
            "first", "init", ScenarioConfiguration.Change(new ClusterConfiguration { Name = "one" }, lines) with { Version = 1 }));
    }

    [Fact]
    public void What_changes_no_votes_needs_none()
    {
        Begin("nodes n1 n2 n3");
        View(new VoteCount(1, 1, default), "n1");
        Assert.Empty(state.Superseded);
        Assert.Null(Refusal("group web"));
    }

    [Fact]
    public void A_node_that_loses_votes_is_a_change_of_votes_though_as_many_are_expected()
    {
        Begin("node n1", "node n2", "node n3 votes=2");
        Assert.Null(Refusal("group web"));
        state = state with { Configuration = state.Configuration with { ExpectedVotes = 4 } };
        View(new VoteCount(1, 1, default), "n1");
        Assert.Contains("hold 1 of 4", Refusal("node n3 votes=1"));
    }

    [Fact]
    public void One_of_two_nodes_changes_what_it_likes_but_that_one_is_enough()
    {
        Begin("nodes n1 n2", "two_node");
        View(new VoteCount(1, 1, default), "n1");
        Assert.Null(Refusal("group web"));
        ClusterConfiguration three = state.Configuration with { TwoNode = false, Version = state.Configuration.Version + 1 };
        Commit(new ConfigurationRequest("three", "admin", three));
        Assert.Contains("hold 1 of 2", state.Operations["three"].Message);
    }

    [Fact]
    public void Votes_that_are_expected_of_nobody_yet_are_a_change_of_votes()
    {
        Begin("nodes n1 n2 n3");
        View(new VoteCount(1, 1, default), "n1");
        ClusterConfiguration more = state.Configuration with { ExpectedVotes = 4, Version = state.Configuration.Version + 1 };
        Commit(new ConfigurationRequest("more", "admin", more));
        Assert.Contains("hold 1 of 4", state.Operations["more"].Message);
    }

    [Fact]
    public void Who_is_superseded_is_reckoned_from_the_count_of_the_engine()
    {
        Begin("nodes n1 n2 n3");
        View(new VoteCount(2, 4, default), "n1", "n2");
        Assert.Equal(["n3"], state.Superseded);
        View(new VoteCount(2, 3, default), "n1", "n2", "n3");
        Assert.Empty(state.Superseded);
    }

    [Fact]
    public void Members_hold_the_quorum_by_their_votes_and_without_those_that_do_not_count()
    {
        Begin("nodes n1 n2 n3");
        Assert.True(QuorumArithmetic.Holds(state.Configuration, ["n1", "n2"]));
        Assert.False(QuorumArithmetic.Holds(state.Configuration, ["n1"]));
        Assert.True(QuorumArithmetic.Holds(state, ["n1", "n2"]));
        Assert.False(QuorumArithmetic.Holds(state, ["n1"]));
        Assert.True(QuorumArithmetic.Holds(state with { Superseded = ["n2", "n3"] }, ["n1"]));
    }
}
