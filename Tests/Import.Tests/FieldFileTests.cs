namespace ClusterTools.Import.Tests;

/// <summary>What is found in files that ran for years: imported as the classic cluster took it, and told with its line.</summary>
public class FieldFileTests
{
    private static ClusterConfiguration Import(string text, params (int Line, string Word)[] warnings)
    {
        ImportResult result =
            TestData.AssertSound(ClusterConfImport.Read(text, static type => type == "nginx" ? "ocf:heartbeat:nginx" : null));
        Assert.True(result.Configuration is not null, string.Join('\n', result.Problems));
        foreach ((int line, string word) in warnings)
        {
            Assert.True(
                result.Warnings.Any(w => (w.Line == line || w.Lines.Contains(line)) && w.Message.Contains(word, StringComparison.Ordinal)),
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
        Assert.Equal(
            [("alpha.example", 3), ("beta.example", 1), ("zeta.example", 2)], configuration.Nodes.Values.Select(n => (n.Name, n.Id)));
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
            Three(
                "<rm><failoverdomains><failoverdomain name=\"d\" ordered=\"1\"><failoverdomainnode name=\"n1\" "
                    + "priority=\"100\"/>\n<failoverdomainnode name=\"n2\" "
                    + $"priority=\"{priority}\"/></failoverdomain></failoverdomains></rm>"),
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
        ClusterConfiguration configuration =
            Import(Three($"<rm>\n<vm name=\"g\" path=\"/guests\" {attributes}/></rm>"), (3, "migration is not there yet"));
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
            (2, "quorum disk"), (3, "log_level"), (4, "monitor_link"), (4, "sleeptime"), (5, "quick_status"), (5, "colour"),
            (7, "names no group"),
            (4, "nfslock reaches <ip>"), (5, "nfslock reaches <fs>"), (8, "__max_restarts"), (8, "__restart_expire_time"), (10, "migrate"),
            (10, "no_kill"), (10, "Xen's own tools"), (10, "'vbox'"));
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
        Assert.Contains(
            ClusterConfImport.Read(Three("<rm><service name=\"web\"><nginx name=\"front\"/></service></rm>")).Errors, e =>
            e.Message.Contains("<nginx>", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", DependencyMode.Hard)]
    [InlineData("depend_mode=\"hard\"", DependencyMode.Hard)]
    [InlineData("depend_mode=\"soft\"", DependencyMode.Soft)]
    public void A_group_that_depends_on_another_does_so_here(string mode, DependencyMode require)
    {
        ClusterConfiguration configuration =
            Import(
                Three(
                    $"<rm><service name=\"front\" depend=\"service:the db\" {mode}/><service name=\"the db\"/><vm name=\"v\" "
                        + $"xmlfile=\"/v.xml\" depend=\"front\"/></rm>"));
        Assert.Equal(
            new GroupDependency { Group = "the db", Require = require }, Assert.Single(configuration.Groups["front"].Dependencies));
        Assert.Equal("front", Assert.Single(configuration.Groups["v"].Dependencies).Group);
    }

    [Fact]
    public void A_dependency_on_nothing_or_on_itself_is_left_out_with_its_line()
    {
        ClusterConfiguration configuration = Import(
            Three(
                "<rm><service name=\"a\" depend=\"service:gone\"/>\n<service name=\"b\" depend=\"service:b\"/>\n<service name=\"c\" "
                    + "depend_mode=\"soft\"/>\n<service name=\"d\" depend=\"a\" depend_mode=\"firm\"/></rm>"),
            (2, "names no group"), (3, "names the group itself"), (4, "without depend"), (5, "neither hard nor soft"));
        Assert.All(["a", "b", "c"], g => Assert.Empty(configuration.Groups[g].Dependencies));
        Assert.Equal(DependencyMode.Hard, Assert.Single(configuration.Groups["d"].Dependencies).Require);
    }

    [Fact]
    public void Status_checks_of_several_depths_keep_their_intervals()
    {
        ResourceConfiguration Of(string actions) =>
            Assert.Single(
                Import(
                    Three(
                        "<rm><service name=\"s\"><script name=\"x\" file=\"/x\" "
                            + $"__enforce_timeouts=\"1\">{actions}</script></service></rm>")).Groups["s"].Resources);
        ResourceConfiguration deep = Of(
            """<action name="status" depth="20" interval="10m" timeout="30"/><action name="status" depth="10" interval="60"/><action name="status" depth="0" interval="5"/>""");
        Assert.Equal(5000, deep.MonitorInterval);
        Assert.Equal(
            [
                new StatusCheck { Depth = 10, Interval = 60_000, Timeout = 600_000 },
                new StatusCheck { Depth = 20, Interval = 600_000, Timeout = 30_000 }],
            deep.StatusChecks);
        ResourceConfiguration all =
            Of("""<action name="monitor" depth="10" interval="1m"/><action name="status" depth="*" interval="2m" timeout="7"/>""");
        Assert.Equal((120_000, 7000), (all.MonitorInterval, all.MonitorTimeout));
        Assert.Equal([new StatusCheck { Depth = 10, Interval = 120_000, Timeout = 7000 }], all.StatusChecks);
        ResourceConfiguration none = Of(
            """<action name="status" depth="10" interval="1m"/><action name="status" depth="10" interval="0"/><action name="status" depth="0" interval="0"/>""");
        Assert.Equal(0, none.MonitorInterval);
        Assert.Empty(none.StatusChecks);
    }

    [Fact]
    public void A_service_within_a_service_is_a_resource_and_its_children_are_the_group_s()
    {
        ClusterConfiguration configuration = Import(
            Three("""
                <rm><resources><service name="in ner" recovery="disable"/><ip address="192.0.2.9"/></resources>
                <service name="outer" nfslock="1"><script name="a" file="/a"/>
                <service ref="in ner"><script name="b" file="/b"/><fs name="f" device="/d" mountpoint="/f"/></service>
                <service name="second" domain="x"/></service></rm>
                """),
            (2, "'recovery' of <service> has no effect within a service"), (4, "nfslock reaches <fs>"), (5, "'domain'"));
        GroupConfiguration outer = Assert.Single(configuration.Groups.Values);
        Assert.Equal("service:in ner", outer.Resources[1].Id);
        Assert.Equal("ocf:heartbeat:Dummy", outer.Resources[1].Agent);
        Assert.Equal(
            "start service:outer, start script:a, start service:in ner, start fs:f, start script:b, start service:second",
            string.Join(", ", ResourcePlan.Start(outer)));
        Assert.Equal(
            "stop service:second, stop script:b, stop fs:f, stop service:in ner, stop script:a, stop service:outer",
            string.Join(", ", ResourcePlan.Stop(outer)));
    }

    [Theory]
    [InlineData("group")]
    [InlineData("resourcegroup")]
    public void The_old_names_of_a_service_are_understood(string name)
    {
        ClusterConfiguration configuration = Import(
            Three(
                $"<rm><resources><{name} name=\"shared\" recovery=\"relocate\"/></resources>\n<{name} name=\"old\"><script name=\"a\" "
                    + $"file=\"/a\"/></{name}><{name} ref=\"shared\"/></rm>"),
            (3, "old name of <service>"));
        Assert.Equal("stop script:a, stop service:old", string.Join(", ", ResourcePlan.Stop(configuration.Groups["old"])));
        Assert.Equal(RecoveryPolicy.Relocate, configuration.Groups["shared"].Recovery);
    }

    [Fact]
    public void Defaults_of_a_type_hold_where_a_resource_says_nothing()
    {
        ClusterConfiguration configuration = Import(
            Three("""
                <rm><resource-defaults><fs options="noatime" force_unmount="1" self_fence="1" colour="red" mountpoint="/never"/></resource-defaults>
                <service name="s"><fs name="a" device="/a" mountpoint="/a"/><fs name="b" device="/b" mountpoint="/b" options="ro" self_fence="0"/></service></rm>
                """),
            (2, "colour"), (2, "mountpoint"));
        Assert.Equal(["noatime", "ro"], configuration.Groups["s"].Resources.Select(r => r.Parameters["options"]));
        Assert.All(configuration.Groups["s"].Resources, r => Assert.Equal("true", r.Parameters["force_unmount"]));
        Assert.Equal([FinalAction.Reboot, null], configuration.Groups["s"].Resources.Select(r => r.Limits?.StopFinal));
    }

    [Fact]
    public void Event_scripts_of_the_classic_manager_are_told_one_by_one()
    {
        Import(
            Three("""
                <rm central_processing="1"><events>
                <event name="follow" class="service" service="service:web" service_state="started" file="/usr/share/cluster/follow-service.sl">notify_service("service:web");</event>
                <event name="node up" class="node" node_state="1"/></events></rm>
                """),
            (2, "central_processing"), (2, "S-Lang"), (3, "'follow' (class service, service service:web, service_state started)"),
            (3, "follow-service.sl is not run"), (4, "'node up'"));
    }

    [Fact]
    public void Databases_of_the_classic_types_are_run_by_today_s_agents()
    {
        GroupConfiguration group = Import(
            Three("""
                <rm><service name="s">
                <orainstance name="ORCL" user="oracle" home="/u01"><oralistener name="LSN" user="oracle" home="/u01" tns_admin="/u01/net"/></orainstance>
                <oracledb name="OLD" user="ora" home="/u02" type="10g" listener_name="L2" vhost="db.example"/>
                <ASEHAagent name="ase" sybase_home="/sybase" server_name="SRV" login_file="/login" interfaces_file="/sybase/interfaces" sybase_user="syb" deep_probe_timeout="5" db_user="sa" db_passwd="not-a-real-one"/>
                </service></rm>
                """),
            (4, "listener"), (4, "vhost"), (5, "login_file"), (5, "deep_probe_timeout")).Groups["s"];
        string[] parameters =
            [
                .. ResourceTree.Of(group).StartOrder
                .Select(r => $"{r.Agent} {string.Join(' ', r.Parameters.Select(p => $"{p.Key}={p.Value}"))}")];
        Assert.Equal(
            [
                "ocf:heartbeat:oracle home=/u01 sid=ORCL user=oracle",
                "ocf:heartbeat:oralsnr home=/u01 listener=LSN sid=ORCL tns_admin=/u01/net user=oracle",
                "ocf:heartbeat:oracle home=/u02 sid=OLD user=ora",
                "ocf:heartbeat:sybaseASE db_passwd=not-a-real-one db_user=sa interfaces_file=/sybase/interfaces server_name=SRV "
                    + "sybase_ase=ASE-15_0 sybase_home=/sybase sybase_ocs=OCS-15_0 sybase_user=syb",
            ],
            parameters);
    }

    [Fact]
    public void A_start_that_takes_longer_than_a_minute_is_waited_for_unless_limits_are_enforced()
    {
        ClusterConfiguration configuration = Import(Three("""
            <rm><service name="s"><script name="free" file="/a"/>
            <script name="said" file="/b"><action name="start" timeout="30"/><action name="stop" timeout="30"/><action name="status" timeout="30"/></script>
            <script name="held" file="/c" __enforce_timeouts="1"><action name="start" timeout="90"/></script><ip address="192.0.2.1" __enforce_timeouts="1"/></service>
            <vm name="guest" xmlfile="/g.xml"><action name="stop" timeout="300"/></vm></rm>
            """), (2, "limited nothing"), (3, "limits nothing without __enforce_timeouts"));
        (int, int, int) Of(string group, string id)
        {
            ResourceConfiguration resource = ResourceTree.Of(configuration.Groups[group]).Find(id)!;
            return (resource.StartTimeout, resource.StopTimeout, resource.MonitorTimeout);
        }
        Assert.Equal((3_600_000, 3_600_000, 600_000), Of("s", "script:free"));
        Assert.Equal((3_600_000, 3_600_000, 600_000), Of("s", "script:said"));
        Assert.Equal((90_000, 3_600_000, 600_000), Of("s", "script:held"));
        Assert.Equal((60_000, 60_000, 60_000), Of("s", "ip:192.0.2.1"));
        // How long its agent waits for the guest before it forces it off.
        Assert.Equal(300_000, Of("guest", "vm:guest").Item2);
    }

    [Fact]
    public void A_node_that_can_not_let_go_is_reset_where_the_classic_one_was()
    {
        ClusterConfiguration configuration = Import(Three("""
            <rm><service name="hard" hardrecovery="1"><script name="x" file="/x"/></service>
            <service name="soft"><fs name="f" device="/f" mountpoint="/f" fstype="ext4" self_fence="yes"><script name="y" file="/y"/></fs></service></rm>
            """));
        Assert.Equal(FinalAction.Reboot, configuration.Groups["hard"].Resources[0].Limits?.StopFinal);
        Assert.Equal(FinalAction.Reboot, configuration.Groups["soft"].Resources[0].Limits?.StopFinal);
        Assert.Null(configuration.Groups["soft"].Resources[0].Children[0].Limits);
    }

    [Fact]
    public void What_two_resources_should_not_share_is_told()
    {
        ClusterConfiguration configuration = Import(
            Three("""
                <rm><service name="a"><script name="web" file="/etc/init.d/web"/><fs name="f" device="/d" mountpoint="/f"/></service>
                <service name="b"><script name="web" file="/etc/init.d/web2"/>
                <script name="web3" file="/etc/init.d/web"/>
                <fs name="g" device="/d" mountpoint="/g"/></service></rm>
                """),
            (3, "same name as the one on line 2"), (4, "same file"), (5, "same device"));
        Assert.Equal(3, configuration.Groups["b"].Resources.Length);
    }

    [Fact]
    public void Ids_of_shared_exports_depend_neither_on_the_order_of_the_file_nor_on_further_references()
    {
        static string[] Ids(params string[] disks) =>
        [
            .. ResourceTree.Of(Import(Three(
                "<rm><resources><nfsexport name=\"e\"/><nfsclient name=\"c\" target=\"*\"/></resources><service name=\"s\">"
                + string.Concat(
                    disks.Select(
                        d =>
                        $"<fs name=\"{d}\" device=\"/dev/{d}\" mountpoint=\"/{d}\" fsid=\"{d[0] - 'a'}\"><nfsexport ref=\"e\"><nfsclient "
                            + $"ref=\"c\"/></nfsexport></fs>"))
                + "</service></rm>")).Groups["s"]).StartOrder.Select(r => r.Id).Order(StringComparer.Ordinal),
        ];
        string[] one = Ids("a");
        Assert.Equal(["fs:a", "nfsclient:c@e@a", "nfsexport:e@a"], one);
        Assert.Equal(Ids("a", "b"), Ids("b", "a"));
        Assert.Empty(one.Except(Ids("b", "a")));
    }
}
