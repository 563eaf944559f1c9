using ClusterTools.Engines.Corosync.Settings;

namespace ClusterTools.Engines.Tests.Corosync.Settings;

public sealed class CorosyncChangesTests
{
    private static readonly CorosyncSettings Two = SettingsSamples.Plain(2);

    [Fact]
    public void A_new_node_gets_the_lowest_id_that_no_node_has_or_had()
    {
        CorosyncSettings three = SettingsSamples.Plain(3);
        Assert.Equal(4, three.WithNode("d", ["10.1.0.4"]).Nodes[^1].Id);
        CorosyncSettings less = three.WithoutNode("b");
        Assert.Equal([1, 3], less.Nodes.Select(node => node.Id));
        Assert.Equal(2, less.WithNode("d", ["10.1.0.4"]).Nodes[^1].Id);
        Assert.Equal(4, less.WithNode("d", ["10.1.0.4"], formerIds: [2]).Nodes[^1].Id);
    }

    [Fact]
    public void Two_nodes_with_one_vote_each_have_two_node_and_nobody_else_has()
    {
        CorosyncSettings one = Two.WithoutNode("b");
        CorosyncSettings three = Two.WithNode("c", ["10.1.0.3"]);
        Assert.Equal((false, false), (one.TwoNode, three.TwoNode));
        Assert.True(three.WithoutNode("a").TwoNode);
        Assert.True(one.WithNode("b", ["10.1.0.2"]).TwoNode);
        Assert.False(Two.WithVotes("a", 2).TwoNode);
        Assert.False(Two.WithDevice(SettingsSamples.Arbiter).TwoNode);
        Assert.True(Two.WithDevice(SettingsSamples.Arbiter).WithDevice(null).TwoNode);
    }

    [Fact]
    public void Two_nodes_never_begin_alone()
    {
        CorosyncSettings one = SettingsSamples.Plain(1) with { WaitForAll = false };
        Assert.Null(one.WithNode("b", ["10.1.0.2"]).WaitForAll);
        Assert.True((one with { WaitForAll = true }).WithNode("b", ["10.1.0.2"]).WaitForAll);
    }

    [Fact]
    public void Each_change_has_the_next_version()
    {
        CorosyncSettings[] all =
        [
            Two.WithNode("c", ["10.1.0.3"]), Two.WithoutNode("a"), Two.WithVotes("a", 3), Two.WithTiming(CorosyncTiming.Lan),
            Two.WithDevice(SettingsSamples.Arbiter),
        ];
        Assert.All(all, settings => Assert.Equal(2, settings.Version));
        Assert.Equal(1, Two.Version);
    }

    [Fact]
    public void A_node_that_is_not_there_is_named_with_those_that_are()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => Two.WithVotes("x", 1));
        Assert.Contains("no node 'x' in cluster 'demo'; there are a, b.", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Two.WithoutNode("x"));
    }

    [Fact]
    public void The_token_grows_with_the_nodes_from_the_third_on()
    {
        Assert.Equal([3000, 3000, 3650, 4950], ((int[])[1, 2, 3, 5]).Select(CorosyncTiming.Default.EffectiveToken));
        Assert.Equal([300, 300, 300], ((int[])[1, 2, 16]).Select(CorosyncTiming.Lan.EffectiveToken));
    }

    [Fact]
    public void A_loss_is_noticed_after_the_token_and_consensus()
    {
        Assert.Equal(660, CorosyncTiming.Lan.Detection(3));
        Assert.Equal(6600, CorosyncTiming.Default.Detection(2));
        Assert.Equal(8030, CorosyncTiming.Default.Detection(3));
        Assert.Equal(800, (CorosyncTiming.Lan with { Consensus = 500 }).Detection(3));
    }

    [Fact]
    public void A_link_is_not_given_up_between_two_of_knet_s_looks_at_it()
    {
        Assert.Equal((200, 450), CorosyncTiming.Lan.Pings(3));
        Assert.Null(CorosyncTiming.Default.Pings(2));
        Assert.Null((CorosyncTiming.Lan with { Token = 900 }).Pings(3));
        Assert.NotNull((CorosyncTiming.Lan with { Token = 899 }).Pings(3));
        CorosyncSettings one =
            Two with { Timing = CorosyncTiming.Lan, Links = [new() { Number = 0, PingInterval = 300, PingTimeout = 600 }] };
        CorosyncLink link = Assert.Single(CorosyncFile.Read(CorosyncFile.Write(one)).Settings.Links);
        Assert.Equal((300, 600), (link.PingInterval, link.PingTimeout));
        link = Assert.Single(CorosyncFile.Read(CorosyncFile.Write(one with { Links = [] })).Settings.Links);
        Assert.Equal((200, 450), (link.PingInterval, link.PingTimeout));
    }

    [Fact]
    public void What_a_short_token_makes_necessary_for_the_links_goes_with_it()
    {
        CorosyncSettings lan = SettingsSamples.Plain(2, links: 3) with
        {
            Timing = CorosyncTiming.Lan,
            Links = [new() { Number = 0, PingInterval = 300, PingTimeout = 600 }, new() { Number = 1, Port = 5500 }],
        };
        CorosyncSettings written = CorosyncFile.Read(CorosyncFile.Write(lan)).Settings;
        Assert.Equal([(300, 600), (200, 450), (200, 450)], written.Links.Select(static l => (l.PingInterval, l.PingTimeout)));
        Assert.Equal(lan.Links, written.WithTiming(CorosyncTiming.Of(1000)).Links);
    }
}
