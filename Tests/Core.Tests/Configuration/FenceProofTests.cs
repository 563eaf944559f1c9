using System.Collections.Immutable;
using ClusterTools.Core.Configuration;
using Xunit;

namespace ClusterTools.Core.Tests.Configuration;

public class FenceProofTests
{
    [Theory]
    [InlineData("fence_dummy")]
    [InlineData("fence_manual")]
    [InlineData("fence_ack_manual")]
    [InlineData("fence_pcmk")]
    [InlineData("fence_heuristics_ping")]
    [InlineData("fence_heuristics_resource")]
    [InlineData("/opt/agents/fence_heuristics_ping.py")]
    [InlineData("FENCE_DUMMY")]
    [InlineData("fence_watchdog")]
    [InlineData("fence_evacuate")]
    [InlineData("fence_node")]
    [InlineData("/bin/true")]
    [InlineData("fence_manual.sh")]
    [InlineData("fence_null.pl")]
    [InlineData("fence_null.py")]
    public void Some_agents_cut_nothing_off(string agent) => Assert.NotNull(FenceProof.WhyNone(agent));

    [Theory]
    [InlineData("fence_ipmilan")]
    [InlineData("fence_apc_snmp")]
    [InlineData("fence_scsi")]
    [InlineData("fence_kdump")]
    [InlineData("fence_virt")]
    [InlineData("fence_lab")]
    [InlineData("watchdog")]
    [InlineData("/opt/agents/fence_own.sh")]
    [InlineData("/bin/false")]
    [InlineData("sh")]
    [InlineData("fence_dummy.conf")]
    public void Others_do_for_all_that_their_names_tell(string agent) => Assert.Null(FenceProof.WhyNone(agent));

    [Theory]
    [InlineData("fence_own", "An agent that is not called for fencing by itself", "off,on", true)]
    [InlineData("fence_own", "A DUMMY fence agent", "off,on", true)]
    [InlineData("fence_own", "Switches a power bar", "off,on", false)]
    [InlineData("fence_own", "Switches a power bar", "OFF", false)]
    [InlineData("fence_own", "Looks around", "status,monitor,on", true)]
    [InlineData("fence_own", "Resets it", "status,reset", false)]
    [InlineData("fence_own", "Does not say what it does", "", false)]
    [InlineData("fence_dummy", "Switches a power bar", "off,on", true)]
    public void What_an_agent_says_of_itself_counts(string name, string description, string actions, bool nothing) => Assert.Equal(
        nothing, FenceProof.WhyNone(name, description, actions.Split(',', StringSplitOptions.RemoveEmptyEntries)) is not null);

    [Fact]
    public void A_method_proves_by_those_of_its_devices_that_are_asked_to_switch_off()
    {
        ClusterConfiguration sound = TestData.Sound();
        FenceMethod method = sound.Nodes["a"].FenceMethods[0];

        Assert.Null(FenceProof.WhyNone(sound, method));
        Assert.NotNull(FenceProof.WhyNone(sound, method with { Steps = [.. method.Steps.Where(s => s.Action == FenceAction.On)] }));
        Assert.Contains("by its own words", FenceProof.WhyNone(sound, method, _ => "by its own words"), StringComparison.Ordinal);
        Assert.Contains("fence_dummy", FenceProof.WhyNone(With("fence_dummy"), method, _ => "by its own words"), StringComparison.Ordinal);
        Assert.Null(FenceProof.WhyNone(sound, method with { Steps = [new FenceStep { Device = "nowhere", Action = FenceAction.Off }] }));
        Assert.NotNull(FenceProof.WhyNone(sound, "nobody"));
    }

    [Theory]
    [InlineData("fence_manual", true)]
    [InlineData("fence_dummy", false)]
    [InlineData("fence_ipmilan", false)]
    public void Who_only_asks_a_person_is_known(string agent, bool asks) => Assert.Equal(asks, FenceProof.OnlyAsksAPerson(agent));

    [Theory]
    [InlineData("fence_pcmk_remote")]
    [InlineData("/usr/sbin/fence_dummy.pl")]
    [InlineData("fence-dummy")]
    public void Spellings_of_those_that_cut_nothing_off_are_known(string agent) => Assert.NotNull(FenceProof.WhyNone(agent));

    [Fact]
    public void A_configuration_from_before_the_rule_does_not_get_a_node_taken_for_dead()
    {
        // In force already, as after an upgrade: validation is not asked again.
        ClusterState state = ClusterState.Empty;
        state = Cluster.Apply(state, 1, new ViewEvent(1, TestData.By(("a", 1L), ("b", 1L), ("c", 1L)), Quorum.Quorate, Continuous: false));
        state = Cluster.Apply(
            state, 1, 2,
            new EventEnvelope { Origin = "a", Incarnation = 1, Time = 0,
                Event = new ConfigurationRequest("first", "init", TestData.Sound() with { Version = 1 }) });
        state = state with { Configuration = With("fence_dummy") };
        state =
            Cluster.Apply(state, state.Index
                + 1, new ViewEvent(state.Epoch + 1, state.Members.Remove("a"), Quorum.Quorate, Continuous: true));
        Assert.Equal(NodePhase.LeftCluster, state.Nodes["a"].Phase);
        Assert.Contains("cuts nothing off", $"{state.Nodes["a"].Why}", StringComparison.Ordinal);
    }

    [Fact]
    public void Who_only_sees_crashes_is_warned_of()
    {
        var problems = ConfigurationValidation.Validate(With("fence_kdump"));
        Assert.DoesNotContain(problems, p => p.Severity == ProblemSeverity.Error);
        Assert.Contains(problems, p => p.Message.Contains("fence_kdump alone", StringComparison.Ordinal));
        Assert.DoesNotContain(
            ConfigurationValidation.Validate(With("fence_ipmilan")), p => p.Message.Contains("alone", StringComparison.Ordinal));
    }

    private static ClusterConfiguration With(string agent)
    {
        ClusterConfiguration sound = TestData.Sound();
        return sound with { FenceDevices = sound.FenceDevices.SetItem("pdu", sound.FenceDevices["pdu"] with { Agent = agent }) };
    }
}
