using ClusterTools.Core.Configuration;
using ClusterTools.Core.Tests.Scenarios;
using Xunit;

namespace ClusterTools.Core.Tests;

/// <summary>
/// Looking at everything finds what was not looked at: scenarios and the simulation trust that after every event, so that each kind of
/// thing that could have been forgotten is forgotten here once.
/// </summary>
public sealed class UnsettledTests
{
    private readonly ClusterState rest = At([]);

    [Fact]
    public void At_rest_there_is_nothing_more()
    {
        Assert.Null(Cluster.Unsettled(rest));
        Assert.Equal(StateChecks.Json(rest), StateChecks.Json(Cluster.SettleInFull(rest)));
    }

    [Fact]
    public void A_group_that_was_forgotten_is_found()
    {
        GroupState web = rest.Groups["web"];
        ClusterState forgotten = rest with
        {
            Groups = rest.Groups.SetItem("web", web with { Goal = GroupGoal.Disable }), Restless = rest.Restless.Add("web"),
        };
        Assert.StartsWith("group web Started to Disable on 'n1'", Cluster.Unsettled(forgotten), StringComparison.Ordinal);
        Assert.Equal(
            ActionOperation.Stop, Cluster.SettleInFull(forgotten).Groups["web"].Pending?.Id.Operation);
    }

    [Fact]
    public void A_node_that_was_forgotten_is_found()
    {
        NodeState n3 = rest.Nodes["n3"];
        ClusterState forgotten = rest with
        {
            Nodes = rest.Nodes.SetItem(
                "n3", n3 with { Phase = NodePhase.Draining, Drain = n3.Drain with { Goal = DrainGoal.Standby } }),
        };
        Assert.StartsWith("node n3 Draining", Cluster.Unsettled(forgotten), StringComparison.Ordinal);
        Assert.Equal(NodePhase.Maintenance, Cluster.SettleInFull(forgotten).Nodes["n3"].Phase);
    }

    [Fact]
    public void A_fencing_that_was_forgotten_is_found()
    {
        ClusterState fencing = At(["view n1 n2"]);
        ClusterState forgotten = fencing with
        {
            Fences = fencing.Fences.SetItem("n3", fencing.Fences["n3"] with { Pending = null }),
        };
        Assert.StartsWith("fencing of n3 at 0.0 with", Cluster.Unsettled(forgotten), StringComparison.Ordinal);
    }

    [Fact]
    public void An_operation_that_was_forgotten_is_found()
    {
        ClusterState changed = At(["configure", "  group more", "run"]);
        OperationState operation = changed.Operations.Values.Single(o => o.Kind == OperationKind.ConfigurationSet && o.Id != "first");
        ClusterState forgotten = changed with
        {
            Operations = changed.Operations.SetItem(operation.Id, operation with { Phase = OperationPhase.Running }),
            Rollouts = changed.Rollouts.SetItem(operation.Id, new RolloutState { Operation = operation.Id, Version = 2 }),
        };
        Assert.StartsWith($"operation {operation.Id} configuration.set", Cluster.Unsettled(forgotten), StringComparison.Ordinal);
    }

    [Fact]
    public void A_deadline_that_was_forgotten_is_found()
    {
        ClusterState away = At(["maintenance n3", "view n1 n2"]);
        Deadline due = away.Deadlines.Single(d => d.Key == "n3");
        Assert.EndsWith(
            "was not awaited", Cluster.Unsettled(away with { Deadlines = away.Deadlines.Remove(due) }), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_journalled_says_when_and_of_what()
    {
        ClusterState after = Cluster.Apply(rest, rest.Epoch, rest.Index + 1, new EventEnvelope
        {
            Origin = "n1", Incarnation = 1, Time = rest.Time + 5, WallTime = 77,
            Event = new MonitorFailed("web", "app:web", "n1", 1, "it does not answer."),
        });
        JournalEntry failure = after.Journal[0];
        Assert.Equal(
            (rest.Index + 1, rest.Time + 5, 77L, "n1", "web", "app:web"),
            (failure.Index, failure.Time, failure.WallTime, failure.Node, failure.Group, failure.Resource));
    }

    private static ClusterState At(string[] lines)
    {
        var runner = new ScenarioRunner(promises: false);
        runner.Run([
            "cluster", "  nodes n1 n2 n3", "  fence n3: power(ipmi)", "  domain d ordered: n1=1 n2=2", "  group web domain=d", "up",
            .. lines,
        ]);
        return runner.Agreed;
    }
}
