namespace ClusterTools.Import.Tests;

/// <summary>Trees as the classic resource manager's own tests have them: nothing but &lt;rm&gt;, no cluster around it.</summary>
public class ResourcePlanTests
{
    private const string Shared = """
        <resources>
          <service name="shop"/><service name="wiki"/>
          <ip address="192.0.2.10"/><ip address="192.0.2.11"/>
          <fs name="books" device="/dev/vg/books" mountpoint="/srv/books" fsid="1"/>
          <fs name="pages" device="/dev/vg/pages" mountpoint="/srv/pages" fsid="2"/>
          <clusterfs name="common" device="/dev/vg/common" mountpoint="/srv/common" fsid="3"/>
          <lvm name="vg" vg_name="vg"/>
          <nfsexport name="exports"/>
          <nfsclient name="staff" target="@staff" options="rw"/><nfsclient name="all guests" target="*" options="ro"/>
          <script name="db" file="/etc/init.d/db"/><script name="web" file="/etc/init.d/web"/><script name="mail" file="/etc/init.d/mail"/>
        </resources>
        """;

    private static ImportResult Read(string services, string shared = Shared) =>
        TestData.AssertSound(ClusterConfImport.Read($"<cluster><rm>{shared}{services}</rm></cluster>"));

    private static GroupConfiguration Group(ImportResult result, string name)
    {
        Assert.Empty(result.TreeErrors(name));
        return Assert.Single(result.Groups, g => g.Name == name);
    }

    private static string Text(IEnumerable<ResourceStep> steps) => string.Join(", ", steps);

    private static string Change(string old, string next, string? shared = null, Predicate<string>? knowsChildren = null)
    {
        ImportResult a = Read(old);
        ImportResult b = Read(next, shared ?? Shared);
        Assert.Empty(a.TreeErrors(null));
        Assert.Empty(b.TreeErrors(null));
        return Text(ResourcePlan.Change(a.Groups, b.Groups, knowsChildren));
    }

    [Theory]
    [InlineData("", "start service:shop", "stop service:shop")]
    [InlineData(
        """<script ref="web"/><ip ref="192.0.2.10"/><fs ref="books"/>""",
        "start service:shop, start fs:books, start ip:192.0.2.10, start script:web",
        "stop script:web, stop ip:192.0.2.10, stop fs:books, stop service:shop")]
    [InlineData(
        """<ip ref="192.0.2.10"/><fs ref="books"><nfsexport ref="exports"><nfsclient ref="staff"/><nfsclient ref="all guests"/></nfsexport></fs><lvm ref="vg"/>""",
        "start service:shop, start lvm:vg, start fs:books, start nfsexport:exports, start nfsclient:staff, start nfsclient:all guests, "
            + "start ip:192.0.2.10",
        "stop ip:192.0.2.10, stop nfsclient:all guests, stop nfsclient:staff, stop nfsexport:exports, stop fs:books, stop lvm:vg, stop "
            + "service:shop")]
    // Below a type that knows no levels the file's order holds, whatever the types are.
    [InlineData(
        """<script ref="web"/><script ref="db"><ip ref="192.0.2.10"/><fs ref="books"/><script ref="mail"/><ip ref="192.0.2.11"/></script>""",
        "start service:shop, start script:web, start script:db, start ip:192.0.2.10, start fs:books, start script:mail, start "
            + "ip:192.0.2.11",
        "stop ip:192.0.2.11, stop script:mail, stop fs:books, stop ip:192.0.2.10, stop script:db, stop script:web, stop service:shop")]
    [InlineData(
        """<fs ref="books"><script ref="web"/><nfsexport ref="exports"/><clusterfs ref="common"/><fs ref="pages"/></fs>""",
        "start service:shop, start fs:books, start clusterfs:common, start fs:pages, start nfsexport:exports, start script:web",
        "stop script:web, stop nfsexport:exports, stop fs:pages, stop clusterfs:common, stop fs:books, stop service:shop")]
    // One export under two file systems is told by its name both times.
    [InlineData(
        """<fs ref="books"><nfsexport ref="exports"/></fs><clusterfs ref="common"><nfsexport ref="exports"/></clusterfs>""",
        "start service:shop, start fs:books, start nfsexport:exports, start clusterfs:common, start nfsexport:exports",
        "stop nfsexport:exports, stop clusterfs:common, stop nfsexport:exports, stop fs:books, stop service:shop")]
    public void A_tree_starts_and_stops_in_the_classic_order(string resources, string start, string stop)
    {
        GroupConfiguration shop = Group(Read($"<service ref=\"shop\">{resources}</service>"), "shop");
        Assert.Equal(start, Text(ResourcePlan.Start(shop)));
        Assert.Equal(stop, Text(ResourcePlan.Stop(shop)));
    }

    [Fact]
    public void A_guest_is_a_line_by_itself()
    {
        GroupConfiguration guest = Group(Read("""<vm name="mail" xmlfile="/etc/mail.xml"/>"""), "mail");
        Assert.Equal("start vm:mail", Text(ResourcePlan.Start(guest)));
        Assert.Equal("stop vm:mail", Text(ResourcePlan.Stop(guest)));
    }

    [Fact]
    public void What_may_be_there_once_is_left_out_of_the_second_tree_and_the_rest_of_it_works()
    {
        ImportResult result = Read("""
            <service ref="shop"><ip ref="192.0.2.10"/></service>
            <service ref="wiki"><ip ref="192.0.2.10"><script ref="mail"/></ip><ip ref="192.0.2.11"/><script ref="web"/></service>
            """);
        Assert.Equal("start service:wiki, start ip:192.0.2.11, start script:web", Text(ResourcePlan.Start(Group(result, "wiki"))));
        Assert.Contains(result.Warnings, w => w.Message.Contains("ip:192.0.2.10", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_of_trees_alone_is_no_configuration_but_has_its_trees_in_the_order_of_the_file()
    {
        ImportResult result = Read("""<service ref="wiki"/><service ref="shop"/>""");
        Assert.Null(result.Configuration);
        Assert.Equal(["wiki", "shop"], result.Groups.Select(g => g.Name));
        Assert.Empty(result.TreeErrors(null));
        Assert.Equal(["name", "nodes"], result.Errors.Select(e => e.Path));
    }

    [Fact]
    public void A_reference_to_nothing_refuses_the_configuration_and_the_rest_of_the_tree_is_planned()
    {
        ImportResult result =
            Read("""<service ref="shop"><fs ref="none"><ip ref="192.0.2.11"/></fs><nonsense/><script ref="web"/></service>""");
        Assert.Null(result.Configuration);
        Assert.Empty(result.TreeErrors(null));
        Assert.Equal(2, result.Errors.Count(e => e.Path == "groups/shop/references"));
        Assert.Equal("start service:shop, start script:web", Text(ResourcePlan.Start(Group(result, "shop"))));
    }

    [Fact]
    public void A_tree_that_can_not_be_read_is_told_apart_from_the_others()
    {
        ImportResult result = Read("""<service ref="shop"><script name="x"/></service><service ref="wiki"/>""");
        Assert.Equal(result.TreeErrors(null), result.TreeErrors("shop"));
        Assert.NotEmpty(result.TreeErrors("shop"));
        Assert.Empty(result.TreeErrors("wiki"));
    }

    [Theory]
    [InlineData("""<ip ref="192.0.2.10"/>""", """<ip ref="192.0.2.10"/>""", "")]
    [InlineData("""<ip ref="192.0.2.10"/><script ref="web"/>""", """<script ref="web"/><ip ref="192.0.2.10"/>""", "")]
    [InlineData("""<script ref="web"/>""", """<ip ref="192.0.2.10"/><script ref="web"/>""", "start ip:192.0.2.10")]
    [InlineData("""<ip ref="192.0.2.10"/><script ref="web"/>""", """<script ref="web"/>""", "stop ip:192.0.2.10")]
    [
        InlineData(
            """<ip ref="192.0.2.10"/><script ref="web"/>""", """<ip ref="192.0.2.11"/><script ref="web"/>""",
            "stop ip:192.0.2.10, start ip:192.0.2.11")]
    [InlineData(
        """<fs ref="books"><nfsexport ref="exports"><nfsclient ref="staff"/></nfsexport></fs>""",
        """<fs ref="books"><nfsexport ref="exports"><nfsclient ref="staff"/><nfsclient ref="all guests"/></nfsexport></fs>""",
        "start nfsclient:all guests")]
    // What moves to another place is stopped there and started here; what it moves to goes on.
    [InlineData(
        """<ip ref="192.0.2.10"/><fs ref="books"><script ref="db"/></fs><script ref="web"/>""",
        """<script ref="web"><fs ref="books"><script ref="db"/></fs><ip ref="192.0.2.10"/></script><script ref="mail"/>""",
        "stop ip:192.0.2.10, stop script:db, stop fs:books, start fs:books, start script:db, start ip:192.0.2.10, start script:mail")]
    public void A_change_of_a_tree_stops_and_starts_only_what_it_must(string old, string next, string steps) =>
        Assert.Equal(steps, Change($"<service ref=\"shop\">{old}</service>", $"<service ref=\"shop\">{next}</service>"));

    [Fact]
    public void An_altered_attribute_restarts_the_resource_and_what_stands_below_it_wherever_it_is_used()
    {
        const string Trees = """
            <service ref="wiki"><fs ref="pages"><nfsexport ref="exports"><nfsclient ref="staff"/><nfsclient ref="all guests"/></nfsexport></fs></service>
            <service ref="shop"><fs ref="books"><nfsexport ref="exports"><nfsclient ref="staff"/></nfsexport></fs><script ref="web"/></service>
            """;
        Assert.Equal(
            "stop nfsclient:staff, stop nfsclient:staff, start nfsclient:staff, start nfsclient:staff",
            Change(Trees, Trees, Shared.Replace("options=\"rw\"", "options=\"rw,sync\"", StringComparison.Ordinal)));
        Assert.Equal(
            "stop nfsclient:staff, stop nfsexport:exports, stop fs:books, start fs:books, start nfsexport:exports, start nfsclient:staff",
            Change(Trees, Trees, Shared.Replace("/dev/vg/books", "/dev/vg/new", StringComparison.Ordinal)));
        Assert.Equal(
            "",
            Change(
                Trees,
                Trees.Replace(
                    "<service ref=\"wiki\">", "<service name=\"wiki\" recovery=\"relocate\" exclusive=\"1\">", StringComparison.Ordinal)));
    }

    [Fact]
    public void Groups_that_come_and_go_have_a_line_of_their_own_and_stops_come_first()
    {
        const string Old = """<service ref="wiki"><script ref="web"/></service><service ref="shop"><script ref="db"/></service>""";
        Assert.Equal(
            "stop script:web, stop service:wiki, start service:new, start ip:192.0.2.10, start script:web",
            Change(Old, """<service name="new"><script ref="web"/><ip ref="192.0.2.10"/></service><service ref="shop"><script ref="db"/></service>"""));
        Assert.Equal(
            "stop script:web, stop service:wiki",
            Change(
                Old,
                """<service ref="shop"><script ref="db"/></service><service name="new" autostart="0"><script ref="web"/></service>"""));
    }

    [Fact]
    public void One_address_of_thirty_resources_is_changed_and_touches_its_dependants_alone()
    {
        static string Tree(string address) => "<service name=\"big\">"
            + string.Concat(
                Enumerable.Range(1, 13).Select(i => $"<ip address=\"198.51.100.{i}\"><script name=\"s{i}\" file=\"/s{i}\"/></ip>"))
            + $"<ip address=\"198.51.100.200\" prefer_interface=\"{address}\"><script name=\"top\" file=\"/t\"><script name=\"under\" "
            + $"file=\"/u\"/></script></ip>"
            + "<script name=\"last\" file=\"/l\"/></service>";
        const string Steps =
            "stop script:under, stop script:top, stop ip:198.51.100.200, start ip:198.51.100.200, start script:top, start script:under";
        Assert.Equal(30, ResourceTree.Of(Group(Read(Tree("eth0")), "big")).StartOrder.Length);
        Assert.Equal(Steps, Change(Tree("eth0"), Tree("eth1")));
        Assert.Equal(Steps, Change(Tree("eth0"), Tree("eth1"), knowsChildren: ClassicTypes.KnowsChildren));

        // And so the cluster does it: the same rules, driven from a cold start through the change, with what it asks of agents recorded.
        static ClusterConfiguration Cluster(string tree, int version) =>
            ClusterConfImport.Read(
                $"<cluster name=\"c\" config_version=\"{version}\"><clusternodes><clusternode name=\"n1\" "
                    + $"nodeid=\"1\"/></clusternodes><rm>{tree}</rm></cluster>").Configuration!;
        Prediction run = Prediction.Form(Cluster(Tree("eth0"), 1), new HashSet<string>());
        Assert.Equal(30, run.Steps.Count);
        Assert.Equal(OperationPhase.Succeeded, run.Ask(new ConfigurationRequest("r", "test", Cluster(Tree("eth1"), 2))).Phase);
        Assert.Equal(
            Steps,
            string.Join(", ", run.Steps.Skip(30).Select(s => $"{(s.Action == PredictedAction.Start ? "start" : "stop")} {s.Resource}")));
        Assert.Equal(GroupPhase.Started, run.State.Groups["big"].Phase);
    }

    /// <summary>
    /// What goes on running is walked past in one way for stops and starts: types without a level first, the last one first.
    /// </summary>
    [Theory]
    [InlineData(
        """<script ref="web"><script ref="db"/></script><ip ref="192.0.2.10"/><fs ref="books"/><apache name="ap"/><mysql name="my"/>""",
        """<script ref="web"><script ref="db"/></script>""",
        "stop mysql:my, stop apache:ap, stop fs:books, stop ip:192.0.2.10",
        "stop mysql:my, stop apache:ap, stop ip:192.0.2.10, stop fs:books")]
    [InlineData(
        """<script ref="web"/>""",
        """<script ref="web"><fs ref="books"/><ip ref="192.0.2.10"/></script><apache name="ap"/><mysql name="my"><script ref="db"/></mysql><ip ref="192.0.2.11"/>""",
        "start mysql:my, start script:db, start apache:ap, start ip:192.0.2.11, start fs:books, start ip:192.0.2.10",
        "start ip:192.0.2.11, start fs:books, start ip:192.0.2.10, start apache:ap, start mysql:my, start script:db")]
    [InlineData(
        """<script ref="web"><fs ref="books"/><ip ref="192.0.2.10"/></script>""",
        """<script ref="web"/>""",
        "stop fs:books, stop ip:192.0.2.10",
        "stop ip:192.0.2.10, stop fs:books")]
    public void A_change_is_told_in_the_classic_tool_s_order_or_in_the_cluster_s(string old, string next, string classic, string cluster)
    {
        Assert.Equal(
            classic,
            Change(
                $"<service ref=\"shop\">{old}</service>", $"<service ref=\"shop\">{next}</service>",
                knowsChildren: ClassicTypes.KnowsChildren));
        Assert.Equal(cluster, Change($"<service ref=\"shop\">{old}</service>", $"<service ref=\"shop\">{next}</service>"));
    }

    [Fact]
    public void Limits_intervals_and_what_is_done_about_failures_are_changed_without_a_restart()
    {
        static string Tree(string flags, string action) =>
            $"<service name=\"a\"><script name=\"x\" file=\"/x\" {flags}>{action}<script name=\"y\" file=\"/y\"/></script></service>";
        Assert.Equal(
            "",
            Change(
                Tree("", ""),
                Tree(
                    "__independent_subtree=\"2\" __enforce_timeouts=\"0\"",
                    "<action name=\"status\" interval=\"7\"/><action name=\"stop\" timeout=\"99\"/>")));
    }

    [Fact]
    public void A_guest_that_comes_or_goes_is_neither_started_nor_stopped()
    {
        const string Guest = """<vm name="mail" xmlfile="/etc/mail.xml"/>""";
        Assert.Equal("", Change("", Guest));
        Assert.Equal("", Change(Guest, ""));
        Assert.Equal("stop vm:mail, start vm:mail", Change(Guest, Guest.Replace("/etc", "/srv", StringComparison.Ordinal)));
    }

    [Fact]
    public void Of_two_references_the_one_counts_that_the_classic_manager_came_to_first()
    {
        GroupConfiguration shop = Group(
            Read("""<service ref="shop"><script ref="web"><fs ref="books"/></script><apache name="ap"><ip ref="192.0.2.10"/></apache><fs ref="books"/><ip ref="192.0.2.10"/></service>"""), "shop");
        Assert.Equal(
            "start service:shop, start fs:books, start ip:192.0.2.10, start script:web, start apache:ap", Text(ResourcePlan.Start(shop)));
    }

    [Fact]
    public void A_tree_whose_parameters_could_not_work_or_which_says_things_twice_is_planned_all_the_same()
    {
        ImportResult result = Read(
            """<service ref="shop"><nfsclient ref="staff"/><ip address="the.address"/><ip address="192.0.2.99"/><ip address="192.0.2.99"/><script name="mail" file="/m"/></service>""");
        Assert.Equal(
            3,
            result.Errors.Count(e => e.Path.StartsWith("groups/shop/resources", StringComparison.Ordinal)
                || e.Path.StartsWith("resources/", StringComparison.Ordinal)));
        Assert.Equal(
            "start service:shop, start nfsclient:staff, start ip:the.address, start ip:192.0.2.99, start script:mail",
            Text(ResourcePlan.Start(Group(result, "shop"))));
    }
}
