using System.Collections.Immutable;
using ClusterTools.Core.Configuration;
using ClusterTools.Core.Tests.Scenarios;
using Xunit;

namespace ClusterTools.Core.Tests;

/// <summary>Daemons of several versions (FEATURES A14), by the levels that they say they know.</summary>
public sealed class FunctionalLevelTests
{
    private static readonly string[] Lines = ["nodes n1 n2", "group web"];

    private ClusterState state = ClusterState.Empty;
    private long index;

    public FunctionalLevelTests()
    {
        View("n1", "n2");
        Commit(
            new ConfigurationRequest(
                "first", "init",
                ScenarioConfiguration.Change(new ClusterConfiguration { Name = "one", Version = 1 }, Lines) with { Version = 1 }));
    }

    [Fact]
    public void The_functional_level_is_raised_on_request_alone_to_what_all_nodes_know()
    {
        Assert.Equal(Cluster.FirstLevel, state.FunctionalLevel);
        Answer("n1", 3);
        Assert.Contains("daemon of n2 knows is not known now", Raise().Message, StringComparison.Ordinal);
        Answer("n2", 2);
        Assert.Equal((Cluster.FirstLevel, 2), (state.FunctionalLevel, FunctionalLevels.Available(state)));

        OperationState raised = Raise();
        Assert.Equal((OperationPhase.Succeeded, 2), (raised.Phase, state.FunctionalLevel));
        Assert.Contains(state.Journal, e => e.Kind == "cluster.level");
        OperationState again = Raise();
        Assert.Equal(OperationPhase.Failed, again.Phase);
        Assert.Contains("daemon of n2 knows no level above 2", again.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_all_know_the_level_in_force_and_no_other_there_is_nothing_to_raise()
    {
        Answer("n1", Cluster.FirstLevel);
        Answer("n2", Cluster.FirstLevel);
        Assert.Contains("is 1 already", Raise().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_life_of_a_node_may_be_of_another_version()
    {
        Answer("n1", 2);
        Answer("n2", 2);
        View("n1");
        Assert.Contains("daemon of n2 knows is not known now", Raise().Message, StringComparison.Ordinal);
        Assert.Equal(Cluster.FirstLevel, state.FunctionalLevel);
    }

    private OperationState Raise()
    {
        string id = $"raise {index}";
        Commit(new LevelRequest(id, "admin"));
        return state.Operations[id];
    }

    private void Answer(string node, int level) => Commit(new Probed(state.Nodes[node].Probe!.Id, level, []));

    private void View(params string[] members) => state = Cluster.Apply(
        state, ++index,
        new ViewEvent(1, members.ToImmutableSortedDictionary(m => m, _ => 1L, StringComparer.Ordinal), Quorum.Quorate, index > 1));

    private void Commit(ClusterEvent e) => state = Cluster.Apply(
        state, 1, ++index,
        new EventEnvelope { Origin = "n1", Incarnation = 1, Event = e, Time = state.Time, WallTime = 1_700_000_000_000 });
}
