using ClusterTools.Engines.Corosync.Settings;

namespace ClusterTools.Engines.Tests.Corosync.Settings;

public sealed class CorosyncCheckTests
{
    private static readonly CorosyncSettings Three = SettingsSamples.Plain(3);

    [Fact]
    public void Plain_settings_have_no_problems()
    {
        foreach (int nodes in (int[])[1, 2, 3, 5, 26])
        {
            Assert.Empty(CorosyncCheck.Problems(SettingsSamples.Plain(nodes, links: 8, six: nodes == 3)));
        }
    }

    /// <summary>Settings, and where the one problem that they have is.</summary>
    public static IEnumerable<TheoryDataRow<string, CorosyncSettings>> Errors =>
    [
        Row("totem.cluster_name", Three with { ClusterName = "" }),
        Row("totem.cluster_name", Three with { ClusterName = new string('a', 65) }),
        Row("totem.cluster_name", Three with { ClusterName = "a b" }),
        Row("totem.config_version", Three with { Version = -1 }),
        Row("totem.keyfile", Three with { KeyFile = "authkey" }),
        Row("logging.logfile", Three with { LogFile = "/var/log/{now}" }),
        Row("totem.token", Three with { Timing = new() { Token = 199 } }),
        Row("totem.token", Three with { Timing = new() { Token = 60_001 } }),
        Row("totem.token_coefficient", Three with { Timing = new() { TokenCoefficient = -1 } }),
        // 1.2 times the token of three nodes, 3,650 ms.
        Row("totem.consensus", Three with { Timing = new() { Consensus = 4379 } }),
        Row("totem.token_retransmits_before_loss_const", Three with { Timing = CorosyncTiming.Lan with { Retransmits = 10 } }),
        Row("totem.token_retransmits_before_loss_const", Three with { Timing = CorosyncTiming.Lan with { Retransmits = 0 } }),
        Row("totem.hold", Three with { Timing = CorosyncTiming.Lan with { Hold = 13 } }),
        Row("totem.hold", Three with { Timing = CorosyncTiming.Lan with { Hold = 300 } }),
        Row("totem.seqno_unchanged_const", Three with { Timing = CorosyncTiming.Lan with { QuietRounds = 0 } }),
        Row("totem.interface.0", Three with { Links = [new() { Number = 0 }, new() { Number = 0, Port = 5 }] }),
        Row("totem.interface.1", Three with { Links = [new() { Number = 1 }] }),
        Row("totem.interface.0.knet_link_priority", Three with { Links = [new() { Number = 0, Priority = 256 }] }),
        Row("totem.interface.0.mcastport", Three with { Links = [new() { Number = 0, Port = 0 }] }),
        Row("totem.interface.0.knet_ping_timeout", Three with { Links = [new() { Number = 0, PingInterval = 90, PingTimeout = 89 }] }),
        Row("nodelist", Three with { Nodes = [] }),
        Row("nodelist", SettingsSamples.Plain(3, links: 9)),
        Row("nodelist", Three with { Nodes = [.. Three.Nodes.Select(node => node with { Votes = 0 })] }),
        Row("nodelist.node.1.name", With(1, node => node with { Name = "A" })),
        Row("nodelist.node.1.name", With(1, node => node with { Name = "" })),
        Row("nodelist.node.1.nodeid", With(1, node => node with { Id = 0 })),
        Row("nodelist.node.1.nodeid", With(1, node => node with { Id = 65_536 })),
        Row("nodelist.node.2.nodeid", With(2, node => node with { Id = 1 })),
        Row("nodelist.node.1.quorum_votes", With(1, node => node with { Votes = -1 })),
        Row("nodelist.node.1.ring0_addr", With(1, node => node with { Addresses = [] })),
        Row("nodelist.node.1.ring0_addr", With(1, node => node with { Addresses = ["10.1.0"] })),
        Row("nodelist.node.1.ring0_addr", With(1, node => node with { Addresses = ["10.1.0.1"] })),
        Row("nodelist.node.1.ring0_addr", With(1, node => node with { Addresses = ["fd00::1"] })),
        Row("nodelist.node.1.ring0_addr", With(1, node => node with { Addresses = ["224.0.0.1"] })),
        Row("nodelist.node.1.ring0_addr", With(1, node => node with { Addresses = ["0.0.0.0"] })),
        Row("quorum.two_node", Three with { TwoNode = true }),
        Row("quorum.two_node", SettingsSamples.Plain(2) with { Device = new CorosyncProgramDevice("disk") }),
        Row("quorum.wait_for_all", SettingsSamples.Plain(2) with { WaitForAll = false }),
        Row("quorum.last_man_standing_window", Three with { LastManStandingWindow = 0 }),
        Row("quorum.last_man_standing", Three.WithVotes("b", 2) with { LastManStanding = true, WaitForAll = true }),
        Row(
            "quorum.last_man_standing",
            Three with { LastManStanding = true, WaitForAll = true, Device = SettingsSamples.Arbiter }),
        Row("quorum.device.votes", Three.WithVotes("b", 2).WithDevice(new CorosyncProgramDevice("disk"))),
        Row("quorum.device.votes", Three.WithDevice(new CorosyncProgramDevice("disk") { Votes = 3 })),
        Row("quorum.device.timeout", Three.WithDevice(SettingsSamples.Arbiter with { Timeout = 0 })),
        Row("quorum.device.sync_timeout", Three.WithDevice(SettingsSamples.Arbiter with { SyncTimeout = -1 })),
        Row("quorum.device.model", Three.WithDevice(new CorosyncProgramDevice("net"))),
        Row("quorum.device.net.host", Three.WithDevice(SettingsSamples.Arbiter with { Host = "a/b" })),
        Row("quorum.device.net.algorithm", Three.WithDevice(SettingsSamples.Arbiter with { Votes = null })),
        Row("quorum.device.net.algorithm", Three.WithVotes("b", 2).WithDevice(SettingsSamples.Arbiter)),
    ];

    public static IEnumerable<TheoryDataRow<string, CorosyncSettings>> Warnings =>
    [
        Row("totem.config_version", Three with { Version = 0 }),
        Row("logging", Three with { LogToSyslog = false }),
        Row("totem.interface.0", Three with { Links = [new() { Number = 0, PingInterval = 90 }] }),
        Row("totem.interface.0.knet_ping_timeout", Three with { Links = [new() { Number = 0, PingInterval = 200, PingTimeout = 449 }] }),
        Row("nodelist.node.1.ring0_addr", With(1, node => node with { Addresses = ["b.example.net"] })),
        Row("nodelist.node.1.ring0_addr", With(1, node => node with { Addresses = ["127.0.0.1"] })),
        Row("quorum", SettingsSamples.Plain(2) with { TwoNode = false }),
        Row("quorum.last_man_standing", Three with { LastManStanding = true }),
        Row("quorum.device", SettingsSamples.Plain(1).WithDevice(SettingsSamples.Arbiter)),
    ];

    [Theory]
    [MemberData(nameof(Errors))]
    public void An_error_is_told_with_its_place_and_a_remedy(string place, CorosyncSettings settings) =>
        AssertOnly(CorosyncProblemSeverity.Error, place, settings);

    [Theory]
    [MemberData(nameof(Warnings))]
    public void A_warning_is_told_with_its_place_and_a_remedy(string place, CorosyncSettings settings) =>
        AssertOnly(CorosyncProblemSeverity.Warning, place, settings);

    private static void AssertOnly(CorosyncProblemSeverity severity, string place, CorosyncSettings settings)
    {
        CorosyncProblem problem = Assert.Single(CorosyncCheck.Problems(settings));
        Assert.Equal((severity, place), (problem.Severity, problem.Place));
        Assert.EndsWith(".", problem.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", problem.Remedy, StringComparison.Ordinal);
    }

    private static CorosyncSettings With(int index, Func<CorosyncNode, CorosyncNode> change) =>
        Three with { Nodes = Three.Nodes.SetItem(index, change(Three.Nodes[index])) };

    private static TheoryDataRow<string, CorosyncSettings> Row(string place, CorosyncSettings settings) => new(place, settings);
}
