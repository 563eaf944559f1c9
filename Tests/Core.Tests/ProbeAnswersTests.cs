using System.Collections.Immutable;
using ClusterTools.Core.Configuration;
using ClusterTools.Core.Tests.Scenarios;
using Xunit;

namespace ClusterTools.Core.Tests;

/// <summary>What a node says with its answer to a probe, where scenario files have no words for it.</summary>
public sealed class ProbeAnswersTests
{
    private const long Wall = 1_700_000_000_000;

    private static readonly string[] Lines = ["nodes n1 n2", "group web", "  app:web", "  ip:1"];

    private ClusterState state = ClusterState.Empty;
    private long index;

    public ProbeAnswersTests()
    {
        state = Cluster.Apply(
            state, ++index,
            new ViewEvent(
                1, ImmutableSortedDictionary.CreateRange([KeyValuePair.Create("n1", 1L), KeyValuePair.Create("n2", 1L)]), Quorum.Quorate,
                false));
        Commit(
            new ConfigurationRequest(
                "first", "init",
                ScenarioConfiguration.Change(new ClusterConfiguration { Name = "one", Version = 1 }, Lines) with { Version = 1 }));
    }

    [Fact]
    public void A_resource_of_which_two_answers_come_runs_only_if_both_say_so()
    {
        Answer(
            "n1", Cluster.FunctionalLevel, new FoundResource("web", "app:web", FoundAnswer.Runs),
            new FoundResource("web", "app:web", FoundAnswer.Broken), new FoundResource("web", "ip:1", FoundAnswer.Runs));

        Assert.Equal("n1", state.Groups["web"].Owner);
        Assert.Equal(GroupPhase.Recovering, state.Groups["web"].Phase);
        Assert.Equal(ResourcePhase.Doomed, state.Groups["web"].Instance.Resources["app:web"]);
    }

    [Fact]
    public void Since_when_a_node_can_not_tell_is_kept_by_the_clock_of_people_too()
    {
        Answer("n1", Cluster.FunctionalLevel, new FoundResource("web", "ip:1", FoundAnswer.Unknown));
        long first = state.Nodes["n1"].Answers["web"].SinceWall;
        Commit(new Tick(), 1_000);
        Commit(new Probed(state.Nodes["n1"].Ask!.Id, Cluster.FunctionalLevel, [new FoundResource("web", "ip:1", FoundAnswer.Unknown)]));

        Assert.Equal(Wall, first);
        Assert.Equal(first, state.Nodes["n1"].Answers["web"].SinceWall);
        Assert.Equal(2, state.Nodes["n1"].Answers["web"].Asked);
    }

    [Theory]
    [InlineData(ActionOperation.Probe)]
    [InlineData(ActionOperation.Ask)]
    public void An_answer_of_a_node_that_is_not_there_is_counted_and_changes_nothing(ActionOperation operation)
    {
        ImmutableSortedDictionary<string, NodeState> before = state.Nodes;
        Commit(new Probed(new ActionId(1, 1, 1, "n9", "", operation, 0), Cluster.FunctionalLevel, []));

        Assert.Equal(1, state.Ignored);
        Assert.Same(before, state.Nodes);
    }

    private void Answer(string node, int level, params FoundResource[] found) =>
        Commit(new Probed(state.Nodes[node].Probe!.Id, level, [.. found]));

    private void Commit(ClusterEvent e, long later = 0)
    {
        long time = state.Time + later;
        state = Cluster.Apply(
            state, 1, ++index, new EventEnvelope { Origin = "n1", Incarnation = 1, Event = e, Time = time, WallTime = Wall + time });
    }
}
