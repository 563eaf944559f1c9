using System.Text;

namespace ClusterTools.Import.Tests;

/// <summary>Bad input of every kind: an error with line and remedy, and never a configuration.</summary>
public class BadInputTests
{
    private const string Nodes =
        """<clusternodes><clusternode name="n1" nodeid="1"/><clusternode name="n2" nodeid="2"/><clusternode name="n3" nodeid="3"/></clusternodes>""";

    /// <summary>What is wrong, the file, the line of the error, a word of its message.</summary>
    public static TheoryData<string, string, int, string> ClusterConfs => new()
    {
        { "malformed: a tag that is not closed", "<cluster name=\"t\" config_version=\"1\">\n<clusternodes>\n</cluster>", 3, "malformed" },
        { "malformed: cut off", "<cluster name=\"t\"\n config_version=\"1\">\n<rm>\n", 4, "malformed" },
        { "malformed: an attribute without quotes", "<cluster name=\"t\">\n<rm log_level=7/>\n</cluster>", 2, "malformed" },
        { "malformed: an attribute twice", "<cluster name=\"t\"\n name=\"u\"/>", 2, "malformed" },
        { "malformed: two roots", "<cluster name=\"t\"/>\n<cluster name=\"u\"/>", 2, "malformed" },
        { "malformed: an ampersand", "<cluster name=\"t\">\n<rm log_facility=\"a&b\"/></cluster>", 2, "malformed" },
        { "malformed: an entity nobody defined", "<cluster name=\"t\">\n<rm>&nbsp;</rm></cluster>", 2, "malformed" },
        { "malformed: a control character", "<cluster name=\"t\">\n<rm>\u0001</rm></cluster>", 2, "malformed" },
        { "not XML", "node1 is up\nnode2 is up\n", 1, "not XML" },
        { "empty", "", 1, "empty" },
        { "blank", " \n\n ", 1, "empty" },
        { "only a comment", "<!-- nothing -->", 1, "malformed" },
        { "a document type", "<?xml version=\"1.0\"?>\n<!DOCTYPE cluster [<!ENTITY x \"y\">]>\n<cluster name=\"&x;\"/>", 2,
            "document type" },
        { "an external entity", "<!DOCTYPE cluster [\n<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n<cluster name=\"&x;\"/>", 1,
            "document type" },
        { "another root", "<!-- x -->\n<configuration/>", 2, "root" },
        { "an unknown section", $"<cluster name=\"t\" config_version=\"1\">{Nodes}\n<servicemanager/></cluster>", 2, "<servicemanager>" },
        { "an unknown element among the nodes",
            "<cluster name=\"t\" config_version=\"1\"><clusternodes>\n<clusternode name=\"a\" nodeid=\"1\"/>\n<node "
                + "name=\"b\"/></clusternodes></cluster>", 3, "<node>" },
        { "an unknown element in a node",
            "<cluster name=\"t\" config_version=\"1\"><clusternodes><clusternode name=\"a\" "
                + "nodeid=\"1\">\n<fencing/></clusternode></clusternodes></cluster>", 2, "<fencing>" },
        { "an unknown element in a method",
            "<cluster name=\"t\" config_version=\"1\"><clusternodes><clusternode name=\"a\" nodeid=\"1\"><fence><method "
                + "name=\"m\">\n<dev/></method></fence></clusternode></clusternodes></cluster>", 2, "<dev>" },
        { "an unknown element in a device", "<cluster name=\"t\" config_version=\"1\">" + Nodes
            + "<fencedevices>\n<fencedevice name=\"d\" agent=\"fence_x\">\n<port/></fencedevice></fencedevices></cluster>", 3, "<port>" },
        { "an unknown resource type", Rm("<service name=\"s\">\n<scrpt name=\"x\" file=\"/x\"/></service>"), 3, "<scrpt>" },
        { "an unknown shared resource type", Rm("<resources>\n<scrpt name=\"x\" file=\"/x\"/></resources>"), 3, "<scrpt>" },
        { "an unknown element in rm", Rm("<sevice name=\"x\"/>"), 2, "<sevice>" },
        { "an unknown element in a domain",
            Rm("<failoverdomains><failoverdomain name=\"d\">\n<node name=\"n1\"/></failoverdomain></failoverdomains>"), 3, "<node>" },
        { "a resource type nothing can run", Rm("<service name=\"s\">\n<drbd name=\"x\" resource=\"r0\"/></service>"), 3, "drbd" },
        { "rm twice", $"<cluster name=\"t\" config_version=\"1\">{Nodes}\n<rm/>\n<rm/></cluster>", 3, "twice" },
        { "no name", $"<cluster config_version=\"1\">{Nodes}</cluster>", 1, "no name" },
        { "a name with a space", $"<cluster\n name=\"web shop\" config_version=\"1\">{Nodes}</cluster>", 1, "web shop" },
        { "no nodes", "<cluster name=\"t\" config_version=\"1\">\n<rm/></cluster>", 1, "no nodes" },
        { "a version that is no number", $"<cluster name=\"t\"\n config_version=\"one\">{Nodes}</cluster>", 2, "not a whole number" },
        { "a negative version", $"<cluster name=\"t\"\n config_version=\"-3\">{Nodes}</cluster>", 2, "negative" },
        { "a node without name",
            "<cluster name=\"t\" config_version=\"1\"><clusternodes>\n<clusternode nodeid=\"1\"/></clusternodes></cluster>", 2, "no name" },
        { "two nodes with one name",
            "<cluster name=\"t\" config_version=\"1\"><clusternodes>\n<clusternode name=\"a\" nodeid=\"1\"/>\n<clusternode name=\"a\" "
                + "nodeid=\"2\"/></clusternodes></cluster>", 3, "twice, first on line 2" },
        { "two nodes with one id",
            "<cluster name=\"t\" config_version=\"1\"><clusternodes>\n<clusternode name=\"a\" nodeid=\"1\"/>\n<clusternode name=\"b\" "
                + "nodeid=\"1\"/></clusternodes></cluster>", 3, "same id" },
        { "node id zero",
            "<cluster name=\"t\" config_version=\"1\"><clusternodes>\n<clusternode name=\"a\" nodeid=\"0\"/></clusternodes></cluster>", 2,
            "out of range" },
        { "negative votes",
            "<cluster name=\"t\" config_version=\"1\"><clusternodes>\n<clusternode name=\"a\" nodeid=\"1\" "
                + "votes=\"-1\"/></clusternodes></cluster>", 2, "negative" },
        { "votes that are no number",
            "<cluster name=\"t\" config_version=\"1\"><clusternodes>\n<clusternode name=\"a\" nodeid=\"1\" "
                + "votes=\"many\"/></clusternodes></cluster>", 2, "not a whole number" },
        { "a number beyond all numbers",
            "<cluster name=\"t\" config_version=\"1\"><clusternodes>\n<clusternode name=\"a\" "
                + "nodeid=\"99999999999999999999\"/></clusternodes></cluster>", 2, "not a whole number" },
        { "no votes at all",
            "<cluster name=\"t\" config_version=\"1\">\n<clusternodes><clusternode name=\"a\" nodeid=\"1\" "
                + "votes=\"0\"/></clusternodes></cluster>", 2, "never be quorate" },
        { "quorum out of reach", $"<cluster name=\"t\" config_version=\"1\">\n<cman expected_votes=\"9\"/>{Nodes}</cluster>", 2,
            "never be quorate" },
        { "two_node with three nodes",
            $"<cluster name=\"t\" config_version=\"1\">\n<cman two_node=\"1\" expected_votes=\"1\"/>{Nodes}</cluster>", 2, "split brain" },
        { "two_node with other expected votes",
            "<cluster name=\"t\" config_version=\"1\">\n<cman two_node=\"1\" expected_votes=\"3\"/><clusternodes><clusternode name=\"a\" "
                + "nodeid=\"1\"/><clusternode name=\"b\" nodeid=\"2\"/></clusternodes></cluster>", 2, "two_node" },
        { "a switch that is neither on nor off", $"<cluster name=\"t\" config_version=\"1\">\n<cman two_node=\"maybe\"/>{Nodes}</cluster>",
            2, "neither on nor off" },
        { "a delay that is no number",
            $"<cluster name=\"t\" config_version=\"1\">{Nodes}\n<fence_daemon post_fail_delay=\"soon\"/></cluster>", 2,
            "not a whole number" },
        { "a device nobody defined", Fence("<method name=\"m\">\n<device name=\"nix\"/></method>"), 4, "not defined" },
        { "a device without name", Fence("<method name=\"m\">\n<device port=\"1\"/></method>"), 4, "no name" },
        { "a method that only switches on", Fence("<method name=\"m\">\n<device name=\"d\" action=\"on\"/></method>"), 3,
            "only switches on" },
        { "on before the last off",
            Fence(
                "<method name=\"m\"><device name=\"d\" action=\"off\"/>\n<device name=\"d\" action=\"on\"/>\n<device name=\"d\" "
                    + "port=\"2\" action=\"off\"/></method>"), 5, "never be without power" },
        { "an action nobody knows", Fence("<method name=\"m\">\n<device name=\"d\" action=\"explode\"/></method>"), 4, "no fence action" },
        { "two methods with one name",
            Fence("<method name=\"m\"><device name=\"d\"/></method>\n<method name=\"m\"><device name=\"d\"/></method>"), 4, "twice" },
        { "a device twice",
            $"<cluster name=\"t\" config_version=\"1\">{Nodes}<fencedevices>\n<fencedevice name=\"d\" agent=\"fence_x\"/>\n<fencedevice "
                + $"name=\"d\" agent=\"fence_y\"/></fencedevices></cluster>", 3, "twice" },
        { "a device without agent",
            $"<cluster name=\"t\" config_version=\"1\">{Nodes}<fencedevices>\n<fencedevice name=\"d\"/></fencedevices></cluster>", 2,
            "agent" },
        { "an agent that climbs out of its folder",
            $"<cluster name=\"t\" config_version=\"1\">{Nodes}<fencedevices>\n<fencedevice name=\"d\" "
                + $"agent=\"../sh\"/></fencedevices></cluster>", 2, "agent" },
        { "a line end in a parameter",
            $"<cluster name=\"t\" config_version=\"1\">{Nodes}<fencedevices>\n<fencedevice name=\"d\" agent=\"fence_x\" "
                + $"ipaddr=\"a&#10;action=on\"/></fencedevices></cluster>", 2, "line end" },
        { "a domain twice", Rm("<failoverdomains><failoverdomain name=\"d\"/>\n<failoverdomain name=\"d\"/></failoverdomains>"), 3,
            "twice" },
        { "a domain without name", Rm("<failoverdomains>\n<failoverdomain/></failoverdomains>"), 3, "no name" },
        { "a member twice",
            Rm(
                "<failoverdomains><failoverdomain name=\"d\"><failoverdomainnode name=\"n1\"/>\n<failoverdomainnode "
                    + "name=\"n1\"/></failoverdomain></failoverdomains>"), 3, "twice" },
        { "a negative priority",
            Rm(
                "<failoverdomains><failoverdomain name=\"d\">\n<failoverdomainnode name=\"n1\" "
                    + "priority=\"-1\"/></failoverdomain></failoverdomains>"), 3, "negative" },
        { "a restricted domain without members", Rm("<failoverdomains>\n<failoverdomain name=\"d\" restricted=\"1\"/></failoverdomains>"),
            3, "no members" },
        { "a service twice", Rm("<service name=\"s\"/>\n<service name=\"s\"/>"), 3, "twice, first on line 2" },
        { "a service and a vm with one name", Rm("<service name=\"s\"/>\n<vm name=\"s\"/>"), 3, "twice" },
        { "a service without name", Rm("<service/>"), 2, "no name" },
        { "a service with a slash in its name", Rm("<service name=\"a/b\"/>"), 2, "not well-formed" },
        { "a recovery policy nobody knows", Rm("<service name=\"s\"\n recovery=\"pray\"/>"), 3, "recovery" },
        { "negative max_restarts", Rm("<service name=\"s\"\n max_restarts=\"-3\" restart_expire_time=\"3\"/>"), 3, "negative" },
        { "a time that is none", Rm("<service name=\"s\"\n max_restarts=\"3\" restart_expire_time=\"a while\"/>"), 3, "not a time" },
        { "a reference to nothing", Rm("<service name=\"s\">\n<script ref=\"nix\"/></service>"), 3, "refers to nothing" },
        { "a service reference to nothing", Rm("<service\n ref=\"nix\"/>"), 3, "refers to nothing" },
        { "a shared resource twice",
            Rm(
                "<resources><script name=\"x\" file=\"/x\"/>\n<script name=\"x\" file=\"/y\"/></resources><service name=\"s\"><script "
                    + "ref=\"x\"/></service>"), 3, "twice" },
        { "a shared resource without name", Rm("<resources>\n<script file=\"/x\"/></resources>"), 3, "no name" },
        { "a resource twice in a service",
            Rm("<service name=\"s\"><script name=\"x\" file=\"/x\"/>\n<script name=\"x\" file=\"/y\"/></service>"), 3, "twice" },
        { "an address in two services",
            Rm("<service name=\"s\"><ip address=\"192.0.2.1\"/></service>\n<service name=\"t\"><ip address=\"192.0.2.1\"/></service>"), 3,
            "twice" },
        { "a ref chain that loops",
            Rm(
                "<resources><script name=\"a\" ref=\"b\"/>\n<script name=\"b\" ref=\"a\"/></resources><service name=\"s\"><script "
                    + "ref=\"a\"/></service>"), 3, "back to itself" },
        { "a ref to itself",
            Rm("<resources>\n<script name=\"a\" ref=\"a\"/></resources><service name=\"s\"><script ref=\"a\"/></service>"), 3,
            "back to itself" },
        { "a shared resource that contains itself",
            Rm(
                "<resources><script name=\"a\" file=\"/a\">\n<script ref=\"a\"/></script></resources><service name=\"s\"><script "
                    + "ref=\"a\"/></service>"), 3, "loop" },
        { "shared resources that contain each other",
            Rm(
                "<resources><script name=\"a\" file=\"/a\"><script ref=\"b\"/></script>\n<script name=\"b\" file=\"/b\"><script "
                    + "ref=\"a\"/></script></resources><service name=\"s\"><script ref=\"a\"/></service>"), 3, "loop" },
        { "a service that contains itself",
            Rm("<resources><service name=\"s\"/></resources><service ref=\"s\">\n<service ref=\"s\"/></service>"), 3, "loop" },
        { "a script without file", Rm("<service name=\"s\">\n<script name=\"x\"/></service>"), 3, "no file" },
        { "a script that is no absolute path", Rm("<service name=\"s\">\n<script name=\"x\" file=\"../../bin/x\"/></service>"), 3,
            "agent" },
        { "a file system without device", Rm("<service name=\"s\">\n<fs name=\"x\" mountpoint=\"/x\"/></service>"), 3, "no device" },
        { "an address that is none", Rm("<service name=\"s\">\n<ip address=\"300.1.1.1\"/></service>"), 3, "no IP address" },
        { "a prefix length that is none", Rm("<service name=\"s\">\n<ip address=\"192.0.2.1/99\"/></service>"), 3, "prefix" },
        { "an ip without address", Rm("<service name=\"s\">\n<ip/></service>"), 3, "no address" },
        { "a negative timeout",
            Rm("<service name=\"s\"><script name=\"x\" file=\"/x\">\n<action name=\"start\" timeout=\"-5\"/></script></service>"), 3,
            "negative" },
        { "a name of 300 characters", Rm($"<service name=\"{new string('s', 300)}\"/>"), 2, "300 characters" },
        { "an attribute of 40,000 characters", Rm($"<service name=\"s\"\n domain=\"{new string('s', 40_000)}\"/>"), 3,
            "40,000 characters" },
    };

    [Fact]
    public void An_encoding_nobody_knows_is_refused()
    {
        var error =
            Assert.Single(
                TestData.AssertSound(
                    ClusterConfImport.Read("<?xml version=\"1.0\" encoding=\"klingon\"?>\n<cluster/>"u8.ToArray())).Errors);
        Assert.Equal(1, error.Line);
    }

    [Theory]
    [MemberData(nameof(ClusterConfs))]
    public void Each_is_refused_with_its_line_and_a_remedy(string what, string text, int line, string word)
    {
        var result = TestData.AssertSound(ClusterConfImport.Read(Encoding.UTF8.GetBytes(text)));
        Assert.Null(result.Configuration);
        Assert.True(
            result.Errors.Any(e => e.Line == line && e.Message.Contains(word, StringComparison.Ordinal)),
            $"{what}: expected an error on line {line} with '{word}', but got:\n{string.Join('\n', result.Problems)}");
        Assert.All(result.Errors, e => Assert.NotNull(e.Line));
        // Text and bytes are two ways in.
        Assert.Equal(result.Problems.Select(p => p.Line), ClusterConfImport.Read(text).Problems.Select(p => p.Line));
    }

    private static string Rm(string content) => $"<cluster name=\"t\" config_version=\"1\">{Nodes}<rm>\n{content}\n</rm></cluster>";

    private static string Fence(string content) =>
        "<cluster name=\"t\" config_version=\"1\"><fencedevices><fencedevice name=\"d\" "
            + "agent=\"fence_x\"/></fencedevices>\n<clusternodes><clusternode name=\"a\" "
            + $"nodeid=\"1\"><fence>\n{content}</fence></clusternode></clusternodes></cluster>";

    [Fact]
    public void A_malformed_file_names_the_column_too()
    {
        var error = Assert.Single(ClusterConfImport.Read("<cluster name=\"t\">\n  <rm log_level=7/>\n</cluster>").Errors);
        Assert.Contains("column 17", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_50_MB_is_refused_before_it_is_parsed()
    {
        var bytes = new byte[50_000_000];
        "<cluster>"u8.CopyTo(bytes);
        foreach (
            var result in new[] { ClusterConfImport.Read(bytes), ConfigurationJson.Read(bytes), ConfigurationFile.Read("big", bytes),
                ClusterConfImport.Read(new string('<', 50_000_000)) })
        {
            var error = Assert.Single(result.Errors);
            Assert.Null(result.Configuration);
            Assert.Contains("50,000,000", error.Message, StringComparison.Ordinal);
            Assert.NotEmpty(error.Remedy);
        }
    }

    [Fact]
    public void A_file_just_under_the_limit_is_not_refused_for_its_size()
    {
        var padding = new string(' ', ConfigurationLimits.FileBytes - TestData.Shop.Length - 10);
        Assert.NotNull(ClusterConfImport.Read(Encoding.UTF8.GetBytes(TestData.ShopText + padding)).Configuration);
    }

    [Fact]
    public void Wrong_encoding_is_an_error_with_a_line()
    {
        var bytes = Encoding.UTF8.GetBytes(TestData.ShopText);
        bytes[Array.IndexOf(bytes, (byte)'\n', 100) + 4] = 0xFF;
        var result = TestData.AssertSound(ClusterConfImport.Read(bytes));
        Assert.Null(result.Configuration);
        Assert.NotNull(Assert.Single(result.Errors).Line);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_junk_never_throws_and_never_gives_a_configuration(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 400; i++)
        {
            var junk = new byte[random.Next(0, 3000)];
            random.NextBytes(junk);
            if (junk.Length > 2 && i % 3 > 0)
            {
                junk[0] = i % 3 == 1 ? (byte)'<' : (byte)'{';
            }
            foreach (var read in Readers)
            {
                Assert.Null(TestData.AssertSound(read(junk)).Configuration);
            }
        }
    }

    [Fact]
    public void Every_truncated_prefix_of_the_example_is_refused_with_a_line()
    {
        var whole = TestData.Shop;
        var end = Encoding.UTF8.GetString(whole).IndexOf("</cluster>", StringComparison.Ordinal) + "</cluster>".Length;
        for (var length = 0; length < end; length++)
        {
            var result = TestData.AssertSound(ConfigurationFile.Read("cluster.conf", whole.AsMemory(0, length)));
            Assert.Null(result.Configuration);
            Assert.All(result.Errors, e => Assert.NotNull(e.Line));
        }
        Assert.NotNull(ConfigurationFile.Read("cluster.conf", whole.AsMemory(0, end)).Configuration);
    }

    [Fact]
    public void Damaged_copies_of_the_example_never_throw()
    {
        var random = new Random(17);
        var json = ConfigurationJson.Write(ClusterConfImport.Read(TestData.Shop).Configuration!);
        for (var i = 0; i < 1500; i++)
        {
            var damaged = (byte[])(i % 2 == 0 ? TestData.Shop : json).Clone();
            for (var hits = random.Next(1, 6); hits > 0; hits--)
            {
                damaged[random.Next(damaged.Length)] =
                    (byte)(random.Next(2) == 0 ? random.Next(256) : "<>\"={}[],:0123456789ab"[random.Next(22)]);
            }
            TestData.AssertSound(ConfigurationFile.Read("damaged", damaged));
        }
    }

    [Theory]
    [InlineData("hello", 1)]
    [InlineData("\n\nhello", 3)]
    [InlineData("[1]", 1)]
    [InlineData("PK\u0003\u0004", 1)]
    public void What_is_neither_form_is_refused_by_name(string text, int line)
    {
        var error = Assert.Single(ConfigurationFile.Read("notes.txt", Encoding.UTF8.GetBytes(text)).Errors);
        Assert.Contains("notes.txt", error.Message, StringComparison.Ordinal);
        Assert.Equal(line, error.Line);
        Assert.NotEmpty(error.Remedy);
    }

    [Fact]
    public void A_tree_deeper_than_the_limit_is_refused_at_its_line()
    {
        var open = string.Concat(Enumerable.Range(0, 70).Select(i => $"<script name=\"s{i}\" file=\"/s\">\n"));
        var close = string.Concat(Enumerable.Repeat("</script>", 70));
        var result = TestData.AssertSound(ClusterConfImport.Read(Rm($"<service name=\"s\">{open}{close}</service>")));
        Assert.Contains(result.Errors, e => e.Message.Contains("deeper than 64", StringComparison.Ordinal) && e.Line == 2 + 64);
    }

    [Fact]
    public void XML_a_million_levels_deep_is_refused()
    {
        var result = TestData.AssertSound(ClusterConfImport.Read(string.Concat(Enumerable.Repeat("<a>", 1_000_000))));
        Assert.Contains("nested deeper", Assert.Single(result.Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void References_within_shared_resources_neither_multiply_nor_nest()
    {
        var twice =
            string.Concat(
                Enumerable.Range(0, 40)
                .Select(i => $"<script name=\"s{i}\" file=\"/s{i}\"><script ref=\"s{i + 1}\"/><script ref=\"s{i + 1}\"/></script>"));
        var chain =
            string.Concat(
                Enumerable.Range(41, 5000).Select(i => $"<script name=\"s{i}\" file=\"/s{i}\"><script ref=\"s{i + 1}\"/></script>"));
        var result = TestData.AssertSound(ClusterConfImport.Read(Rm(
            $"<resources>{twice}<script name=\"s40\" file=\"/s\"/>{chain}<script name=\"s5041\" file=\"/s\"/></resources><service "
                + $"name=\"s\"><script ref=\"s0\"/><script ref=\"s41\"/></service>")));
        Assert.Equal(["script:s0", "script:s41"], ResourceTree.Of(result.Configuration!.Groups["s"]).StartOrder.Select(r => r.Id));
        Assert.Contains(
            result.Warnings, w => w.Message.Contains("stands within the shared resource 's0' and is left out", StringComparison.Ordinal));
    }

    [Fact]
    public void A_circle_of_many_shared_resources_is_found()
    {
        var chain =
            string.Concat(
                Enumerable.Range(0, 100_000)
                .Select(i => $"<script name=\"s{i}\" file=\"/s{i}\"><script ref=\"s{(i + 1) % 100_000}\"/></script>"));
        var result = TestData.AssertSound(ClusterConfImport.Read(Rm($"<resources>{chain}</resources>")));
        Assert.Contains(result.Errors, e => e.Message.Contains("loop", StringComparison.Ordinal));
    }

    [Fact]
    public void A_hundred_thousand_errors_are_counted_and_a_thousand_shown()
    {
        var result = TestData.AssertSound(ClusterConfImport.Read(Rm(string.Concat(Enumerable.Repeat("<x/>", 100_000)))));
        Assert.Equal(1001, result.Errors.Count());
        Assert.Contains("more errors", result.Problems[^1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_message_shows_a_password()
    {
        var text = TestData.ShopText.Replace("lanplus=\"1\"", "lanplus=\"1\" action=\"explode\"", StringComparison.Ordinal)
            .Replace("agent=\"fence_apc\"", "", StringComparison.Ordinal);
        var result = ClusterConfImport.Read(text);
        Assert.NotEmpty(result.Errors);
        Assert.DoesNotContain(result.Problems, p => p.ToString().Contains("-secret", StringComparison.Ordinal));
    }

    private static readonly Func<ReadOnlyMemory<byte>, ImportResult>[] Readers =
        [bytes => ClusterConfImport.Read(bytes), bytes => ConfigurationJson.Read(bytes), bytes => ConfigurationFile.Read("junk", bytes)];
}
