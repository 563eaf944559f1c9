using ClusterTools.Core.Tests.Scenarios;
using Xunit;

namespace ClusterTools.Core.Tests;

/// <summary>Which events of their own people may send.</summary>
public sealed class UserEventTests
{
    [Theory]
    [InlineData("backup", null)]
    [InlineData("back-up_done.2", "")]
    [InlineData("B2", "all of it, and a \"quote\"")]
    public void What_is_in_order_is_sent(string name, string? data)
    {
        ClusterState after = Send(name, data);
        Assert.Equal(OperationPhase.Succeeded, after.Operations["r1"].Phase);
        Assert.Contains(after.Journal, e => e.Kind == $"user.{name}");
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("two words", null)]
    [InlineData("up/down", null)]
    [InlineData("name", "a line\nand another")]
    [InlineData("name", "\u001b[2J")]
    public void What_is_not_is_refused_with_a_reason(string name, string? data)
    {
        ClusterState after = Send(name, data);
        Assert.Equal((OperationPhase.Failed, true), (after.Operations["r1"].Phase, after.Operations["r1"].Refused));
        Assert.NotEmpty(after.Operations["r1"].Message);
        Assert.DoesNotContain(after.Journal, e => e.Kind.StartsWith("user.", StringComparison.Ordinal));
    }

    [Fact]
    public void Names_and_data_have_their_limits()
    {
        Assert.Equal(
            OperationPhase.Succeeded, Send(new('n', Cluster.MaxUserEventName), new('d', Cluster.MaxUserEventData)).Operations["r1"].Phase);
        Assert.Equal(OperationPhase.Failed, Send(new('n', Cluster.MaxUserEventName + 1), null).Operations["r1"].Phase);
        Assert.Equal(OperationPhase.Failed, Send("name", new('d', Cluster.MaxUserEventData + 1)).Operations["r1"].Phase);
    }

    private static ClusterState Send(string name, string? data)
    {
        var runner = new ScenarioRunner(promises: false);
        runner.Run(["cluster", "  nodes n1 n2", "up"]);
        ClusterState state = runner.Agreed;
        return Cluster.Apply(state, state.Epoch, state.Index + 1, new EventEnvelope
        {
            Origin = "n1", Incarnation = 1, Time = state.Time, Event = new UserEvent("r1", "ada", name, data),
        });
    }
}
