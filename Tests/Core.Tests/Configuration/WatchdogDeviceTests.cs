using System.Collections.Immutable;
using ClusterTools.Core.Configuration;
using ClusterTools.Core.Tests.Scenarios;
using Xunit;

namespace ClusterTools.Core.Tests.Configuration;

public class WatchdogDeviceTests
{
    private const string Nodes = """
        nodes n1 n2 n3
        timing token=1000 quorum_loss_deadline=30000
        fence n1: reset(dog)
        """;

    [Theory]
    [InlineData("timeout=10", null)]
    [InlineData("timeout=10 wait=60", null)]
    [InlineData("timeout=10 wait=59", "13 s until it notices (by the token time), 32 s to stop its work (by quorumLossDeadline), "
        + "10 s of its watchdog, and 5 s to be sure make 60 s")]
    [InlineData("timeout=60 wait=60", "make 110 s")]
    [InlineData("timeout=10 wait=7201", "waits for '7201' seconds")]
    [InlineData("timeout=10 wait=soon", "waits for 'soon' seconds")]
    [InlineData("wait=100", "says no 'timeout' from 3 to 600 seconds")]
    [InlineData("timeout=2", "says no 'timeout'")]
    [InlineData("timeout=601", "says no 'timeout'")]
    [InlineData("timeout=10s", "says no 'timeout'")]
    [InlineData("timeout=10 plug=1", "has the parameter 'plug'")]
    public void The_wait_is_as_long_as_a_node_can_go_on(string parameters, string? wrong)
    {
        ConfigurationProblem[] errors = Errors($"{Nodes}\ndevice dog watchdog {parameters}");
        if (wrong is null)
        {
            Assert.Empty(errors);
        }
        else
        {
            ConfigurationProblem error = Assert.Single(errors);
            Assert.Contains("The watchdog 'dog' in fence method 'reset' of node 'n1' ", error.Message, StringComparison.Ordinal);
            Assert.Contains(wrong, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_longer_time_to_stop_makes_a_wait_that_was_long_enough_too_short() => Assert.Contains(
        "make 70 s",
        Assert.Single(Errors($"{Nodes}\ndevice dog watchdog timeout=10 wait=60\ntiming quorum_loss_deadline=40000")).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Two_nodes_that_each_go_on_alone_prove_nothing_by_it() => Assert.Contains(
        Errors("nodes n1 n2\ntwo_node\nfence n1: reset(dog)\ndevice dog watchdog timeout=10"),
        e => e.Message.Contains("proves nothing of two nodes", StringComparison.Ordinal));

    [Fact]
    public void What_is_left_out_is_reckoned()
    {
        ClusterConfiguration configuration = Read($"{Nodes}\ndevice dog watchdog timeout=10");
        FenceStep step = Assert.Single(Assert.Single(configuration.Nodes["n1"].FenceMethods).Steps);
        Assert.Equal(new WatchdogDevice(10, 60_000), WatchdogDevice.Of(configuration, configuration.FenceDevices["dog"], step));
        // A node with another watchdog says so in its own step.
        Assert.Equal(
            new WatchdogDevice(30, 80_000),
            WatchdogDevice.Of(
                configuration, configuration.FenceDevices["dog"], step with { Parameters = step.Parameters.SetItem("timeout", "30") }));
    }

    private static ConfigurationProblem[] Errors(string text) =>
        [.. ConfigurationValidation.Validate(Read(text)).Where(p => p.Severity == ProblemSeverity.Error)];

    private static ClusterConfiguration Read(string text) =>
        ScenarioConfiguration.Change(new ClusterConfiguration { Name = "dogs" }, text.ReplaceLineEndings("\n").Split('\n'));
}
