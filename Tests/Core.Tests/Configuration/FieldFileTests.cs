using ClusterTools.Core.Configuration;
using ClusterTools.Core.Configuration.Import;
using Xunit;

namespace ClusterTools.Core.Tests.Configuration;

/// <summary>What is found in files that ran for years: imported as the classic cluster took it, and told with its line.</summary>
public class FieldFileTests
{
    private static ClusterConfiguration Import(string text, params (int Line, string Word)[] warnings)
    {
        ImportResult result = TestData.AssertSound(ClusterConfImport.Read(text, static type => type == "nginx" ? "ocf:heartbeat:nginx" : null));
        Assert.True(result.Configuration is not null, string.Join('\n', result.Problems));
        foreach ((int line, string word) in warnings)
        {
            Assert.True(
                result.Warnings.Any(w => w.Line == line && w.Message.Contains(word, StringComparison.Ordinal)),
                $"expected a warning on line {line} with '{word}', but got:\n{string.Join('\n', result.Problems)}");
        }
        return result.Configuration;
    }

    private static string Three(string content) => $"""
        <cluster name="t" config_version="1"><clusternodes><clusternode name="n1" nodeid="1"/><clusternode name="n2" nodeid="2"/><clusternode name="n3" nodeid="3"/></clusternodes>
        {content}
        </cluster>
        """;

    [Fact]
    public void Files_of_the_first_release_have_no_node_ids_and_get_them_in_the_order_of_the_file()
    {
        ClusterConfiguration configuration = Import(
            """
            <?xml version="1.0"?>
            <cluster alias="old" config_version="13" name="old">
              <fence_daemon post_fail_delay="0" post_join_delay="3"/>
              <clusternodes>
                <clusternode name="zeta.example" votes="1"><fence><method name="1"><device name="by-hand" nodename="zeta.example"/></method></fence></clusternode>
                <clusternode name="beta.example" nodeid="1" votes="1"><fence/></clusternode>
                <clusternode name="alpha.example" votes="1"/>
              </clusternodes>
              <cman/>
              <fencedevices><fencedevice agent="fence_manual" name="by-hand"/></fencedevices>
              <rm><failoverdomains/><resources/></rm>
            </cluster>
            """,
            (5, "no nodeid"), (7, "no nodeid"), (10, "fence_manual"));
        Assert.Equal([("alpha.example", 3), ("beta.example", 1), ("zeta.example", 2)], configuration.Nodes.Values.Select(n => (n.Name, n.Id)));
    }

    [Fact]
    public void Expected_votes_below_the_nodes_votes_do_not_lower_quorum()
    {
        ClusterConfiguration configuration = Import(Three("""<cman expected_votes="1"/>"""), (2, "the higher number counts"));
        Assert.Null(configuration.ExpectedVotes);
        Assert.Equal(2, QuorumArithmetic.Needed(configuration));
    }

    [Theory]
    [InlineData("101")]
    [InlineData("1000")]
    public void A_priority_above_the_range_is_none(string priority)
    {
        ClusterConfiguration configuration = Import(
            Three($"<rm><failoverdomains><failoverdomain name=\"d\" ordered=\"1\"><failoverdomainnode name=\"n1\" priority=\"100\"/>\n<failoverdomainnode name=\"n2\" priority=\"{priority}\"/></failoverdomain></failoverdomains></rm>"),
            (3, "out of range"));
        Assert.Equal([100, 0], configuration.FailoverDomains["d"].Members.Values);
    }

    [Fact]
    public void A_fence_method_without_devices_is_left_out()
    {
        ClusterConfiguration configuration = Import(
            """
            <cluster name="t" config_version="1"><clusternodes><clusternode name="a" nodeid="1"><fence>
            <method name="none"/>
            <method name="power"><device name="pdu" port="1"/></method></fence></clusternode></clusternodes>
            <fencedevices><fencedevice name="pdu" agent="fence_apc" ipaddr="192.0.2.1"/></fencedevices></cluster>
            """,
            (2, "has no device"));
        Assert.Equal("power", Assert.Single(configuration.Nodes["a"].FenceMethods).Name);
    }

    [Fact]
    public void A_second_reference_to_a_service_is_left_out()
    {
        ClusterConfiguration configuration = Import(
            Three("""
                <rm><resources><service name="web"/><script name="a" file="/a"/><script name="b" file="/b"/></resources>
                <service ref="web"><script ref="a"/></service>
                <service ref="web"><script ref="b"/></service></rm>
                """),
            (4, "second time"));
        Assert.Equal("script:a", Assert.Single(configuration.Groups["web"].Resources).Id);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("hypervisor=\"auto\" hypervisor_uri=\"auto\" migration_uri=\"auto\"", null)]
    [InlineData("hypervisor=\"qemu\" hypervisor_uri=\"auto\"", "qemu:///system")]
    [InlineData("hypervisor=\"xen\" use_virsh=\"0\"", "xen:///system")]
    [InlineData("hypervisor=\"xen\" hypervisor_uri=\"xen+ssh://host/\"", "xen+ssh://host/")]
    public void A_guest_is_asked_for_at_the_hypervisor_of_the_file(string attributes, string? address)
    {
        ClusterConfiguration configuration = Import(Three($"<rm>\n<vm name=\"g\" path=\"/guests\" {attributes}/></rm>"), (3, "migration is not there yet"));
        ResourceConfiguration guest = Assert.Single(configuration.Groups["g"].Resources);
        Assert.Equal(address, guest.Parameters.GetValueOrDefault("hypervisor"));
        Assert.DoesNotContain("migrateuri", guest.Parameters.Keys);
        Assert.Equal("/guests/g.xml", guest.Parameters["config"]);
    }

    [Fact]
    public void What_asks_for_something_that_is_not_there_is_told_with_its_line()
    {
        Import(
            Three("""
                <quorumd interval="2" tko="10" votes="1" label="qdisk"><heuristic program="ping -c1 192.0.2.1" score="1" interval="2"/></quorumd>
                <rm log_level="6"><resources>
                <ip address="192.0.2.50/24" monitor_link="on" sleeptime="5"/>
                <fs name="data" device="/dev/d" mountpoint="/data" self_fence="1" quick_status="1" colour="blue"/>
                </resources>
                <service name="oracle db" depend="service:web" depend_mode="soft" nfslock="1">
                <fs ref="data" __max_restarts="2" __restart_expire_time="30"><script name="db" file="/etc/init.d/db"><action name="status" depth="10" interval="60"/></script></fs>
                <ip ref="192.0.2.50/24"/></service>
                <vm name="g" xmlfile="/g.xml" migrate="pause" no_kill="on" use_virsh="0" hypervisor="vbox"/></rm>
                """),
            (2, "quorumd"), (3, "log_level"), (4, "monitor_link"), (4, "sleeptime"), (5, "self_fence"), (5, "quick_status"), (5, "colour"), (7, "depend "), (7, "depend_mode"),
            (7, "nfslock"), (8, "__max_restarts"), (8, "__restart_expire_time"), (8, "depth"), (10, "migrate"), (10, "no_kill"), (10, "Xen's own tools"), (10, "'vbox'"));
    }

    [Fact]
    public void A_type_is_added_by_installing_an_agent_of_its_name()
    {
        ClusterConfiguration configuration = Import(
            Three("""
                <rm><service name="web"><ip address="192.0.2.1"/>
                <nginx name="front" configfile="/etc/nginx/front.conf" __independent_subtree="1"/></service></rm>
                """),
            (3, "ocf:heartbeat:nginx"));
        ResourceConfiguration nginx = configuration.Groups["web"].Resources[1];
        Assert.Equal(("nginx:front", "ocf:heartbeat:nginx", true), (nginx.Id, nginx.Agent, nginx.IndependentSubtree));
        Assert.Equal([KeyValuePair.Create("configfile", "/etc/nginx/front.conf")], nginx.Parameters);
        Assert.Contains(ClusterConfImport.Read(Three("<rm><service name=\"web\"><nginx name=\"front\"/></service></rm>")).Errors, e => e.Message.Contains("<nginx>", StringComparison.Ordinal));
    }
}
