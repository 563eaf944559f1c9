using System.Text;

namespace ClusterTools.Import.Tests;

public class ClusterConfImportTests
{
    private static ClusterConfiguration Import(string text)
    {
        var result = TestData.AssertSound(ClusterConfImport.Read(text));
        Assert.True(result.Configuration is not null, string.Join('\n', result.Problems));
        return result.Configuration;
    }

    private static ClusterConfiguration Shop { get; } = Import(TestData.ShopText);

    /// <summary>A cluster of one node around the given content of &lt;rm&gt;, which begins on line 2.</summary>
    private static string Around(string rm) =>
        $"""<cluster name="t" config_version="1"><clusternodes><clusternode name="n1" nodeid="1"/></clusternodes><rm>{"\n"}{rm}{"\n"}</rm></cluster>""";

    private static GroupConfiguration Service(string resources, string attributes = "", string shared = "") =>
        Import(Around($"<resources>{shared}</resources><service name=\"s\" {attributes}>{resources}</service>")).Groups["s"];

    [Fact]
    public void The_frame_of_the_classic_file_is_read()
    {
        Assert.Equal("bookshop", Shop.Name);
        Assert.Equal(17, Shop.Version);
        Assert.Equal(3, Shop.TotalVotes);
        Assert.False(Shop.TwoNode);
        Assert.Equal(5000, Shop.Timing.Token);
        Assert.Equal(3000, Shop.Timing.PostJoinDelay);
        Assert.Equal(0, Shop.Timing.PostFailDelay);
        Assert.Equal(["alpha", "beta", "gamma"], Shop.Nodes.Keys);
        Assert.Equal([1, 2, 3], Shop.Nodes.Values.Select(n => n.Id));
        Assert.Equal([1, 1, 1], Shop.Nodes.Values.Select(n => n.Votes));
    }

    [Fact]
    public void Dual_power_is_two_offs_and_two_ons_in_the_old_and_the_new_spelling()
    {
        foreach (var (node, port) in new[] { ("alpha", "4"), ("beta", "5") })
        {
            var method = Assert.Single(Shop.Nodes[node].FenceMethods);
            Assert.Equal("power", method.Name);
            Assert.Equal(
                [
                    ("pdu-left", FenceAction.Off), ("pdu-right", FenceAction.Off), ("pdu-left", FenceAction.On),
                    ("pdu-right", FenceAction.On)],
                method.Steps.Select(s => (s.Device, s.Action)));
            Assert.All(method.Steps, s => Assert.Equal([KeyValuePair.Create("port", port)], s.Parameters));
        }
        Assert.Equal(["bmc", "power"], Shop.Nodes["gamma"].FenceMethods.Select(m => m.Name));
        Assert.Equal(FenceAction.Reboot, Shop.Nodes["gamma"].FenceMethods[0].Steps[0].Action);
    }

    [Fact]
    public void Fence_devices_keep_their_attributes_under_their_names()
    {
        var device = Shop.FenceDevices["bmc-gamma"];
        Assert.Equal("fence_ipmilan", device.Agent);
        Assert.Equal(
            new Dictionary<string,
            string> { ["ipaddr"] = "198.51.100.9", ["lanplus"] = "1", ["login"] = "admin", ["passwd"] = "bmc-secret" },
            device.Parameters);
    }

    [Fact]
    public void Failover_domains_are_read_with_every_spelling_of_yes_and_no()
    {
        var front = Shop.FailoverDomains["front"];
        Assert.Equal((true, true, false), (front.Ordered, front.Restricted, front.NoFailback));
        Assert.Equal([("alpha", 1), ("beta", 2)], front.Members.Select(m => (m.Key, m.Value)));
        var stay = Shop.FailoverDomains["stay"];
        Assert.Equal((true, false, true), (stay.Ordered, stay.Restricted, stay.NoFailback));
    }

    [Fact]
    public void Services_are_read_with_their_policies_and_trees()
    {
        Assert.Equal(["batch", "book shop", "mail", "reports"], Shop.Groups.Keys);
        var shop = Shop.Groups["book shop"];
        Assert.Equal(
            ("front", true, RecoveryPolicy.Restart, 3, 300),
            (shop.Domain, shop.Autostart, shop.Recovery, shop.MaxRestarts, shop.RestartExpireTime));
        Assert.Equal(["ip:198.51.100.50", "fs:books"], shop.Resources.Select(r => r.Id));
        var files = shop.Resources[1];
        Assert.Equal("ocf:heartbeat:Filesystem", files.Agent);
        Assert.Equal(
            new Dictionary<string,
            string> { ["device"] = "/dev/vg0/books", ["directory"] = "/srv/books", ["fast_stop"] = "true", ["force_unmount"] = "false",
                ["fstype"] = "ext4" }, files.Parameters);
        var db = Assert.Single(files.Children);
        Assert.Equal(("script:db", "lsb:/etc/init.d/db"), (db.Id, db.Agent));
        Assert.Equal("script:web front", Assert.Single(db.Children).Id);
        Assert.Equal(["fs:books", "ip:198.51.100.50"], ResourceOrder.Start(shop.Resources).Select(r => r.Id));
        Assert.Equal(["ip:198.51.100.50", "fs:books"], ResourceOrder.Stop(shop.Resources).Select(r => r.Id));

        Assert.Equal(RecoveryPolicy.Relocate, Shop.Groups["reports"].Recovery);
        var batch = Shop.Groups["batch"];
        Assert.Equal((false, true, RecoveryPolicy.Disable), (batch.Autostart, batch.Exclusive, batch.Recovery));
    }

    [Fact]
    public void A_guest_becomes_a_group_of_its_own_and_the_user_is_told_what_is_missing()
    {
        var mail = Shop.Groups["mail"];
        Assert.Equal("stay", mail.Domain);
        var guest = Assert.Single(mail.Resources);
        Assert.Equal(("vm:mail", "ocf:heartbeat:VirtualDomain"), (guest.Id, guest.Agent));
        Assert.Equal("/etc/libvirt/qemu/mail.xml", guest.Parameters["config"]);
        var line = TestData.LineOf(TestData.ShopText, "<vm ");
        var warnings = ClusterConfImport.Read(TestData.ShopText).Warnings
            .Where(w => w.Path.StartsWith("groups/mail", StringComparison.Ordinal)).ToList();
        Assert.All(warnings, w => Assert.Equal(line, w.Line));
        Assert.Contains(warnings, w => w.Message.Contains("migration is not there yet", StringComparison.Ordinal));
        Assert.Contains(warnings, w => w.Message.Contains("'migrate'", StringComparison.Ordinal));
    }

    [Fact]
    public void The_classic_example_has_only_the_warnings_it_deserves()
    {
        var result = ClusterConfImport.Read(TestData.Shop);
        Assert.Empty(result.Errors);
        Assert.All(
            result.Warnings, w =>
            Assert.True(w.Path.StartsWith("groups/mail", StringComparison.Ordinal)
                || w.Message.Contains("monitor_link", StringComparison.Ordinal)
                || w.Message.Contains("__enforce_timeouts", StringComparison.Ordinal), w.ToString()));
    }

    [Fact]
    public void The_example_that_ships_has_no_problem_but_that_nothing_was_limited()
    {
        var result = ConfigurationFile.Read("cluster.conf", TestData.Bytes("examples/webshop/cluster.conf"));
        Assert.Contains("limited nothing", Assert.Single(result.Problems).Message, StringComparison.Ordinal);
        Assert.Equal(["batch", "reports", "webshop"], result.Configuration!.Groups.Keys);
        Assert.Equal("lsb:/opt/webshop/init.d/web", result.Configuration.Groups["webshop"].Resources[0].Children[0].Agent);
    }

    [Fact]
    public void Two_node_in_its_classic_spelling_is_understood()
    {
        var two = Import("""
            <cluster name="t" config_version="1"><cman two_node="1" expected_votes="1"/>
            <clusternodes><clusternode name="a" nodeid="1"/><clusternode name="b" nodeid="2"/></clusternodes></cluster>
            """);
        Assert.True(two.TwoNode);
        Assert.Null(two.ExpectedVotes);
        Assert.Equal(2, two.TotalVotes);
    }

    [Theory]
    [InlineData("""<ip address="192.0.2.7/24"/>""", "ip:192.0.2.7/24", "ocf:heartbeat:IPaddr2", "cidr_netmask=24 ip=192.0.2.7")]
    [InlineData("""<ip address="2001:db8::7/64"/>""", "ip:2001:db8::7/64", "ocf:heartbeat:IPaddr2", "cidr_netmask=64 ip=2001:db8::7")]
    [InlineData("""<script name="my web" file="/etc/init.d/web"/>""", "script:my web", "lsb:/etc/init.d/web", "")]
    [
        InlineData(
            """<fs name="d" device="/dev/sdb1" mountpoint="/d" force_unmount="1" force_fsck="yes" options="noatime"/>""", "fs:d",
            "ocf:heartbeat:Filesystem", "device=/dev/sdb1 directory=/d fast_stop=true force_unmount=true options=noatime run_fsck=force")]
    [
        InlineData(
            """<clusterfs name="d" device="/dev/sdb1" mountpoint="/d/" fstype="ext3"/>""", "clusterfs:d", "ocf:heartbeat:Filesystem",
            "device=/dev/sdb1 directory=/d/ fast_stop=true force_unmount=false fstype=ext3")]
    [
        InlineData(
            """<netfs name="d" host="nas" export="/x" mountpoint="/d"/>""", "netfs:d", "ocf:heartbeat:Filesystem",
            "device=nas:/x directory=/d fast_stop=true force_unmount=false fstype=nfs")]
    [
        InlineData(
            """<netfs name="d" host="nas" export="x" fstype="cifs" mountpoint="/d"/>""", "netfs:d", "ocf:heartbeat:Filesystem",
            "device=//nas/x directory=/d fast_stop=true force_unmount=false fstype=cifs")]
    [
        InlineData(
            """<bind-mount name="d" source="/a" mountpoint="/b"/>""", "bind-mount:d", "ocf:heartbeat:Filesystem",
            "device=/a directory=/b fast_stop=true force_unmount=false fstype=none options=bind")]
    [
        InlineData(
            """<lvm name="l" vg_name="vg" lv_name="lv"/>""", "lvm:l", "ocf:heartbeat:LVM-activate",
            "lvname=lv vg_access_mode=tagging vgname=vg")]
    [
        InlineData(
            """<apache name="w" config_file="conf/shop.conf" server_root="/srv/httpd" httpd_options="-DX"/>""", "apache:w",
            "ocf:heartbeat:apache", "configfile=/srv/httpd/conf/shop.conf options=-DX")]
    [
        InlineData(
            """<mysql name="m" config_file="/etc/my.cnf" listen_address="192.0.2.9"/>""", "mysql:m", "ocf:heartbeat:mysql",
            "additional_parameters=--bind-address=192.0.2.9 config=/etc/my.cnf datadir=/var/lib/mysql")]
    [
        InlineData(
            """<postgres-8 name="p" config_file="/p/postgresql.conf" postmaster_user="pg" postmaster_options="-D /p -i"/>""",
            "postgres-8:p", "ocf:heartbeat:pgsql", "config=/p/postgresql.conf pgdata=/p pgdba=pg start_opt=-i")]
    [InlineData("""<named name="n" config_file="/etc/named.conf"/>""", "named:n", "ocf:heartbeat:named", "named_config=/etc/named.conf")]
    [
        InlineData(
            """<tomcat-6 name="t" java_home="/j" catalina_home="/c"/>""", "tomcat-6:t", "ocf:heartbeat:tomcat",
            "catalina_home=/c java_home=/j")]
    [InlineData("""<openldap name="o" url_list="ldap:///"/>""", "openldap:o", "ocf:heartbeat:slapd", "services=ldap:///")]
    [InlineData("""<samba name="s"/>""", "samba:s", "systemd:smb", "")]
    [InlineData("""<nfsserver name="n"/>""", "nfsserver:n", "ocf:heartbeat:nfsserver", "")]
    [
        InlineData(
            """<SAPInstance InstanceName="X_D00_h" START_PROFILE="/p"/>""", "SAPInstance:X_D00_h", "ocf:heartbeat:SAPInstance",
            "InstanceName=X_D00_h START_PROFILE=/p")]
    [InlineData("""<vm name="g" path="/guests/"/>""", "vm:g", "ocf:heartbeat:VirtualDomain", "config=/guests/g.xml")]
    public void Classic_types_are_run_by_today_s_agents(string xml, string id, string agent, string parameters)
    {
        var resource = Assert.Single(Service(xml).Resources);
        Assert.Equal(id, resource.Id);
        Assert.Equal(agent, resource.Agent);
        Assert.Equal(parameters, string.Join(' ', resource.Parameters.Select(p => $"{p.Key}={p.Value}")));
    }

    [Fact]
    public void Siblings_under_a_service_start_and_stop_by_the_classic_levels()
    {
        var service = Service("""
            <script name="s" file="/x"/><tomcat-6 name="first" java_home="/j" catalina_home="/c"/><ip address="192.0.2.1"/><smb name="m"/><nfsexport name="e"/>
            <netfs name="n" host="h" export="/e" mountpoint="/n"/><clusterfs name="c" device="/dev/c" mountpoint="/c" fstype="ext4"/>
            <fs name="f" device="/dev/f" mountpoint="/f"/><lvm name="l" vg_name="v"/><apache name="last"/><script name="s2" file="/y"/>
            """);
        Assert.Equal(
            [
                "lvm:l", "fs:f", "clusterfs:c", "netfs:n", "nfsexport:e", "ip:192.0.2.1", "smb:m", "script:s", "script:s2",
                "tomcat-6:first", "apache:last"],
            ResourceOrder.Start(service.Resources).Select(r => r.Id));
        Assert.Equal(
            [
                "apache:last", "tomcat-6:first", "script:s2", "script:s", "ip:192.0.2.1", "smb:m", "nfsexport:e", "netfs:n", "clusterfs:c",
                "fs:f", "lvm:l"],
            ResourceOrder.Stop(service.Resources).Select(r => r.Id));
    }

    [Fact]
    public void Levels_depend_on_the_parent()
    {
        var service = Service("""
            <script name="s" file="/x"><script name="z" file="/z"/><ip address="192.0.2.1"/></script>
            <fs name="f" device="/dev/f" mountpoint="/f"><nfsexport name="e"/><fs name="g" device="/dev/g" mountpoint="/f/g"/></fs>
            """);
        Assert.All(service.Resources[0].Children, r => Assert.Equal((0, 0), (r.StartLevel, r.StopLevel)));
        Assert.Equal(["fs:g", "nfsexport:e"], ResourceOrder.Start(service.Resources[1].Children).Select(r => r.Id));
        Assert.Equal(["nfsexport:e", "fs:g"], ResourceOrder.Stop(service.Resources[1].Children).Select(r => r.Id));
    }

    [Fact]
    public void An_nfs_client_inherits_path_and_fsid_from_the_file_system_around_it()
    {
        var service = Service("""
            <fs name="f" device="/dev/f" mountpoint="/srv/f" fsid="42"><nfsexport name="e"><nfsclient name="all" target="*" options="rw"/></nfsexport></fs>
            """);
        var client = service.Resources[0].Children[0].Children[0];
        Assert.Equal("ocf:heartbeat:exportfs", client.Agent);
        Assert.Equal(
            new Dictionary<string, string> { ["clientspec"] = "*", ["directory"] = "/srv/f", ["fsid"] = "42", ["options"] = "rw" },
            client.Parameters);
    }

    [Fact]
    public void A_shared_export_may_hang_under_several_file_systems_of_a_group()
    {
        var service = Service(
            """
            <fs name="f" device="/dev/f" mountpoint="/f" fsid="1"><nfsexport ref="e"><nfsclient ref="c"/></nfsexport></fs>
            <fs name="g" device="/dev/g" mountpoint="/g" fsid="2"><nfsexport ref="e"><nfsclient ref="c"/></nfsexport></fs>
            """,
            shared: """<nfsexport name="e"/><nfsclient name="c" target="*"/>""");
        Assert.Equal(["nfsexport:e@f", "nfsexport:e@g"], service.Resources.Select(r => r.Children[0].Id));
        Assert.Equal(["/f", "/g"], service.Resources.Select(r => r.Children[0].Children[0].Parameters["directory"]));
    }

    [Fact]
    public void A_second_reference_to_what_may_be_there_once_is_left_out_with_a_warning()
    {
        var result = ClusterConfImport.Read(Around("""
            <resources><ip address="192.0.2.1"/></resources>
            <service name="one"><ip ref="192.0.2.1"/></service>
            <service name="two"><ip ref="192.0.2.1"/><script name="x" file="/x"/></service>
            """));
        Assert.Equal(["script:x"], result.Configuration!.Groups["two"].Resources.Select(r => r.Id));
        var warning = Assert.Single(result.Warnings, w => w.Line == 4);
        Assert.Contains("second time", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_service_may_be_shared_too()
    {
        var configuration = Import(Around("""
            <resources><service name="s" recovery="relocate" autostart="0"/></resources>
            <service ref="s"><script name="x" file="/x"/></service>
            """));
        var group = configuration.Groups["s"];
        Assert.Equal((RecoveryPolicy.Relocate, false), (group.Recovery, group.Autostart));
        Assert.Equal("script:x", Assert.Single(group.Resources).Id);
    }

    [Theory]
    [InlineData("restart", RecoveryPolicy.Restart)]
    [InlineData("relocate", RecoveryPolicy.Relocate)]
    [InlineData("disable", RecoveryPolicy.Disable)]
    [InlineData("restart-disable", RecoveryPolicy.RestartDisable)]
    public void Every_recovery_policy_is_understood(string word, RecoveryPolicy policy) =>
        Assert.Equal(policy, Service("""<script name="x" file="/x"/>""", $"recovery=\"{word}\"").Recovery);

    [Theory]
    [InlineData("1", true)]
    [InlineData("0", false)]
    [InlineData("yes", true)]
    [InlineData("No", false)]
    [InlineData("on", true)]
    [InlineData("off", false)]
    [InlineData("TRUE", true)]
    [InlineData("false", false)]
    public void Every_spelling_of_a_switch_is_understood(string word, bool value) =>
        Assert.Equal(value, Service("""<script name="x" file="/x"/>""", $"exclusive=\"{word}\"").Exclusive);

    [Fact]
    public void Times_and_flags_of_a_resource_are_read_where_it_is_used()
    {
        var resource = Assert.Single(Service(
            """<script ref="x" __independent_subtree="1" __enforce_timeouts="0"><action name="status" interval="5" timeout="1m"/><action name="stop" timeout="90s"/></script>""",
            "restart_expire_time=\"5m\" max_restarts=\"2\"",
            """<script name="x" file="/x"/>""").Resources);
        Assert.True(resource.IndependentSubtree);
        Assert.False(resource.NonCritical);
        Assert.False(resource.EnforceTimeouts);
        Assert.Equal(
            (3_600_000, 3_600_000, 600_000, 5000),
            (resource.StartTimeout, resource.StopTimeout, resource.MonitorTimeout, resource.MonitorInterval));
        Assert.Empty(resource.Children);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("non-critical")]
    public void A_non_critical_subtree_is_given_up_when_it_fails_and_the_group_goes_on(string word)
    {
        ResourceConfiguration resource =
            Assert.Single(Service($"""<script name="x" file="/x" __independent_subtree="{word}"/>""").Resources);
        Assert.True(resource.NonCritical);
        Assert.False(resource.IndependentSubtree);
    }

    [Fact]
    public void Storage_fencing_switches_off_only_where_the_file_does_not_say()
    {
        var configuration = Import("""
            <cluster name="t" config_version="1"><clusternodes><clusternode name="a" nodeid="1"><fence><method name="m"><device name="d"/></method></fence></clusternode></clusternodes>
            <fencedevices><fencedevice name="d" agent="fence_scsi"/></fencedevices></cluster>
            """);
        Assert.Equal(FenceAction.Off, configuration.Nodes["a"].FenceMethods[0].Steps[0].Action);
    }

    [Fact]
    public void Known_parts_without_effect_are_warnings_that_say_what_is_lost()
    {
        var result = ClusterConfImport.Read("""
            <cluster name="t" config_version="1" alias="x">
            <quorumd interval="1" votes="1"><heuristic program="ping -c1 192.0.2.1"/></quorumd>
            <cman expected_votes="3" cluster_id="7"><multicast addr="239.0.0.1"/></cman>
            <dlm protocol="sctp"/><gfs_controld/><logging debug="on"><logging_daemon name="x"/></logging>
            <clusternodes><clusternode name="a" nodeid="1" strange="1"><altname name="a2"/><unfence/></clusternode><clusternode name="b" nodeid="2"/></clusternodes>
            <rm log_level="7"><events/><service name="s" depend="service:x" colour="red"><script name="x" file="/x"/></service></rm>
            </cluster>
            """);
        Assert.Empty(TestData.AssertSound(result).Errors);
        Assert.Null(result.Configuration!.ExpectedVotes);
        foreach (var (line, text) in new[]
        {
            (1, "alias"), (2, "quorum disk"), (3, "cluster_id"), (3, "multicast"), (4, "dlm"), (4, "gfs_controld"), (4, "logging"),
            (5, "strange"), (5, "altname"), (5, "unfence"), (6, "log_level"), (6, "events"), (6, "depend"), (6, "colour"),
        })
        {
            Assert.Contains(result.Warnings, w => w.Line == line && w.Message.Contains(text, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("utf-8", false)]
    [InlineData("utf-16", true)]
    [InlineData("iso-8859-1", false)]
    public void Other_encodings_are_read_as_the_file_declares_them(string encoding, bool byteOrderMark)
    {
        var text =
            TestData.ShopText.Replace(
                "<?xml version=\"1.0\"?>", $"<?xml version=\"1.0\" encoding=\"{encoding}\"?>", StringComparison.Ordinal)
            .Replace("book shop", "bücher", StringComparison.Ordinal);
        var code = Encoding.GetEncoding(encoding);
        byte[] bytes = [.. byteOrderMark ? code.GetPreamble() : [], .. code.GetBytes(text)];
        var result = ConfigurationFile.Read("cluster.conf", bytes);
        Assert.Empty(result.Errors);
        Assert.Contains("bücher", result.Configuration!.Groups.Keys);
    }

    [Fact]
    public void A_thousand_groups_are_no_work_to_speak_of()
    {
        var services =
            string.Concat(
                Enumerable.Range(0, 1000)
                .Select(i => $"<service name=\"s{i}\"><script ref=\"x\"><script name=\"c{i}\" file=\"/c\"/></script></service>\n"));
        var configuration = Import(Around($"<resources><script name=\"x\" file=\"/x\"/></resources>{services}"));
        Assert.Equal(1000, configuration.Groups.Count);
    }
}
