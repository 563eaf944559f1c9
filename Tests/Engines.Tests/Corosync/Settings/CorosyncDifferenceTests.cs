using ClusterTools.Engines.Corosync.Settings;

namespace ClusterTools.Engines.Tests.Corosync.Settings;

public sealed class CorosyncDifferenceTests
{
    private static readonly CorosyncSettings Three = SettingsSamples.Plain(3, links: 2);

    [Fact]
    public void A_change_is_told_in_words()
    {
        CorosyncSettings next = Three.WithNode("d", ["10.1.0.4", "10.1.1.4"]).WithTiming(CorosyncTiming.Lan).WithoutNode("b");
        Assert.Equal(
            [
                "totem.config_version: It is 4 instead of 1.",
                "totem.token: It is 300 instead of 3000.",
                "totem.token_coefficient: It is 0 instead of 650.",
                "totem.seqno_unchanged_const: It is 3 instead of not set.",
                "totem.interface.0: What is set for link 0 is added.",
                "totem.interface.1: What is set for link 1 is added.",
                "nodelist.node.2: Node 'b' is removed.",
                "nodelist.node.4: Node 'd' is added.",
            ],
            CorosyncDifference.Between(Three, next).Select(difference => $"{difference.Place}: {difference.Text}"));
        Assert.All(CorosyncDifference.Between(Three, next), difference => Assert.Equal(CorosyncApply.Reload, difference.Apply));
    }

    public static IEnumerable<TheoryDataRow<CorosyncApply, string, CorosyncSettings>> Changes =>
    [
        Row(CorosyncApply.RestartCorosync, "totem.cluster_name", Three with { ClusterName = "other" }),
        Row(CorosyncApply.Reload, "totem.crypto_model", Three with { CryptoModel = CorosyncCryptoModel.Nss }),
        Row(CorosyncApply.Reload, "totem.keyfile", Three with { KeyFile = "/etc/key" }),
        Row(CorosyncApply.Reload, "totem.consensus", Three with { Timing = new() { Consensus = 5000 } }),
        Row(CorosyncApply.Reload, "totem.interface.1", Three with { Links = [new() { Number = 1, Priority = 2 }] }),
        Row(CorosyncApply.RestartCorosync, "totem.interface.1", Three with { Links = [new() { Number = 1, Port = 5500 }] }),
        Row(CorosyncApply.Reload, "nodelist.node.2.quorum_votes", With(node => node with { Votes = 2 })),
        Row(CorosyncApply.RestartCorosync, "nodelist.node.2.name", With(node => node with { Name = "bb" })),
        Row(
            CorosyncApply.RestartCorosync, "nodelist.node.2.ring1_addr",
            With(node => node with { Addresses = [node.Addresses[0], "10.2.0.2"] })),
        Row(CorosyncApply.Reload, "nodelist.node.2.ring1_addr", With(node => node with { Addresses = [node.Addresses[0]] })),
        Row(CorosyncApply.Reload, "nodelist", Three with { Nodes = [.. Three.Nodes.Reverse()] }),
        Row(CorosyncApply.Reload, "quorum.two_node", Three with { TwoNode = true }),
        Row(CorosyncApply.RestartCorosync, "quorum.wait_for_all", Three with { WaitForAll = true }),
        Row(CorosyncApply.RestartCorosync, "quorum.last_man_standing", Three with { LastManStanding = true }),
        Row(CorosyncApply.RestartDevice, "quorum.device", Three with { Device = SettingsSamples.Arbiter }),
        Row(CorosyncApply.Reload, "logging.to_syslog", Three with { LogToSyslog = false }),
    ];

    [Theory]
    [MemberData(nameof(Changes))]
    public void What_corosync_can_take_while_it_runs_is_told_from_what_it_can_not(CorosyncApply apply, string place, CorosyncSettings next)
    {
        CorosyncDifference difference = Assert.Single(CorosyncDifference.Between(Three, next));
        Assert.Equal((apply, place), (difference.Apply, difference.Place));
        // The other way it's the same, in other words.
        Assert.Equal((apply, place), (CorosyncDifference.Between(next, Three)[0].Apply, CorosyncDifference.Between(next, Three)[0].Place));
    }

    [Fact]
    public void Of_a_device_only_the_votes_are_taken_while_its_program_runs()
    {
        CorosyncSettings with = Three with { Device = SettingsSamples.Arbiter };
        CorosyncSettings other = Three with
        {
            Device = new CorosyncNetDevice
            {
                Host = "x", Algorithm = CorosyncDeviceAlgorithm.Lms, Tls = CorosyncDeviceTls.Off, Votes = 2, Timeout = 9,
            },
        };
        Assert.Equal(
            [
                ("quorum.device.votes", CorosyncApply.Reload), ("quorum.device.timeout", CorosyncApply.RestartDevice),
                ("quorum.device.net.host", CorosyncApply.RestartDevice), ("quorum.device.net.algorithm", CorosyncApply.RestartDevice),
                ("quorum.device.net.tls", CorosyncApply.RestartDevice),
            ],
            CorosyncDifference.Between(with, other).Select(difference => (difference.Place, difference.Apply)));
    }

    private static CorosyncSettings With(Func<CorosyncNode, CorosyncNode> change) =>
        Three with { Nodes = Three.Nodes.SetItem(1, change(Three.Nodes[1])) };

    private static TheoryDataRow<CorosyncApply, string, CorosyncSettings> Row(
        CorosyncApply apply, string place, CorosyncSettings settings) => new(apply, place, settings);
}
