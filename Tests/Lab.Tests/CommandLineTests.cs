using System.Text;
using System.Text.Json;

namespace ClusterTools.Lab.Tests;

/// <summary><c>clusterd</c> as people call it: what it prints where, and what it ends with.</summary>
public sealed class CommandLineTests
{
    private const string OneNode =
        """<cluster name="one" config_version="1"><clusternodes><clusternode name="alone" nodeid="1"/></clusternodes></cluster>""";

    private static readonly string Webshop = Path.Combine(AppContext.BaseDirectory, "webshop.conf");

    public static TheoryData<string, string, int> BadConfigurations => new()
    {
        { "malformed XML", "<cluster name=\"c\">\n<clusternodes>\n</cluster>", 3 },
        { "an unknown root element", "<cluster2 name=\"c\"/>", 1 },
        { "a reference to a resource that is not there", Conf("<service name=\"s\">\n<ip ref=\"192.0.2.9\"/>\n</service>"), 7 },
        { "a service with a recovery policy that is none", Conf("<service name=\"s\" recovery=\"pray\"/>"), 6 },
        { "two services of one name", Conf("<service name=\"s\"/>\n<service name=\"s\"/>"), 7 },
        { "a negative number", Conf("<service name=\"s\" max_restarts=\"-1\" restart_expire_time=\"10\"/>"), 6 },
        { "two nodes of one name",
            "<cluster name=\"c\" config_version=\"1\">\n<clusternodes>\n<clusternode name=\"n\" nodeid=\"1\"/>\n<clusternode name=\"n\" "
                + "nodeid=\"2\"/>\n</clusternodes>\n</cluster>", 4 },
        { "JSON that is cut off", "{ \"name\": \"c\",\n \"nodes\": {", 2 },
        { "neither XML nor JSON", "\nhello", 2 },
        { "nothing at all", "", 1 },
    };

    [Theory]
    [MemberData(nameof(BadConfigurations))]
    public async Task Check_refuses_with_line_and_remedy(string what, string content, int line)
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("bad.conf", content);
        ClusterdResult result = await Clusterd.RunAsync("check", file);
        Assert.True(result.ExitCode == 1, $"{what}: exit code {result.ExitCode}, {result.Error}");
        string[] lines = result.Error.Split('\n');
        int at = Array.FindIndex(lines, l => l.StartsWith($"{file}:{line}: error: ", StringComparison.Ordinal));
        Assert.True(at >= 0, $"{what}: no error for line {line} in: {result.Error}");
        Assert.True(lines[at + 1].StartsWith("    ", StringComparison.Ordinal), $"{what}: no remedy in: {result.Error}");
        Assert.Equal([file], Directory.GetFiles(folder.Path));
        Assert.Equal(content, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("check")]
    [InlineData("check", "--json")]
    [InlineData("plan", "start", "web", "--config")]
    public async Task What_a_file_says_does_not_speak_to_the_terminal(params string[] verb)
    {
        // Named in every problem that it is in: a screen that is wiped, a name that reads backwards, a line that seems to be another.
        const string bad = "w\u202Eeb\u001b[2J\u200B";
        using var folder = new TemporaryFolder();
        string file =
            folder.Write(
                "bad.json",
                JsonSerializer.Serialize(
                    new { name = bad, groups = new Dictionary<string, object> { [bad] = new { name = bad, domain = bad } } }));
        ClusterdResult result = await Clusterd.RunAsync([.. verb, file]);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(@"w\u202Eeb", result.Error + result.Output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(result.Error + result.Output, c => c is '\u202E' or '\u001b' or '\u200B');
    }

    [Fact]
    public async Task Check_refuses_50_megabytes_without_reading_them()
    {
        using var folder = new TemporaryFolder();
        string file = folder.In("large.conf");
        await using (FileStream stream = File.Create(file))
        {
            // Sparse: reading it would show in memory, not on disk.
            stream.SetLength(50_000_000);
        }

        ClusterdResult result = await Clusterd.RunAsync("check", file);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("50,000,000 bytes", result.Error, StringComparison.Ordinal);
        Assert.Contains("limit", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_refuses_binary_junk()
    {
        using var folder = new TemporaryFolder();
        var random = new Random(1);
        for (int round = 0; round < 5; round++)
        {
            byte[] junk = new byte[10_000];
            random.NextBytes(junk);
            // Once each as if it were XML, JSON, UTF-16.
            (round switch { 1 => "<"u8, 2 => "{"u8, 3 => (ReadOnlySpan<byte>)[0xFF, 0xFE], _ => [] }).CopyTo(junk);
            ClusterdResult result = await Clusterd.RunAsync("check", folder.Write("junk", junk));
            Assert.True(result.ExitCode == 1, $"Round {round}: exit code {result.ExitCode}, {result.Error}");
            Assert.Contains("error:", result.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Check_can_not_read_what_is_not_there()
    {
        using var folder = new TemporaryFolder();
        ClusterdResult missing = await Clusterd.RunAsync("check", folder.In("none.conf"));
        Assert.Equal(2, missing.ExitCode);
        Assert.Contains("There is no file", missing.Error, StringComparison.Ordinal);
        ClusterdResult directory = await Clusterd.RunAsync("check", folder.Path);
        Assert.Equal(2, directory.ExitCode);
        Assert.Contains("is a folder", directory.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_says_in_one_line_what_is_understood()
    {
        ClusterdResult result = await Clusterd.RunAsync("check", Webshop);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(1, result.Error.Split('\n').Count(l => l.Contains(": warning: ", StringComparison.Ordinal)));
        Assert.Contains(
            "cluster 'webshop' version 1: 3 nodes, 3 groups with 4 resources", Assert.Single(result.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_gives_its_result_as_JSON()
    {
        using var folder = new TemporaryFolder();
        ClusterdResult result =
            await Clusterd.RunAsync("check", "--json", folder.Write("bad.conf", Conf("<service name=\"s\" recovery=\"pray\"/>")));
        Assert.Equal(1, result.ExitCode);
        using JsonDocument json = JsonDocument.Parse(result.Output);
        Assert.False(json.RootElement.GetProperty("usable").GetBoolean());
        JsonElement problem = json.RootElement.GetProperty("problems").EnumerateArray()
            .First(p => p.GetProperty("severity").GetString() == "error");
        Assert.Equal(6, problem.GetProperty("line").GetInt32());
        Assert.NotEqual("", problem.GetProperty("remedy").GetString());
    }

    [Fact]
    public async Task Plan_prints_the_order_of_start_and_of_stop_and_nothing_else()
    {
        ClusterdResult start = await Clusterd.RunAsync("plan", "start", "webshop", "--config", Webshop);
        Assert.Equal(["start service:webshop", "start script:shop-db", "start script:shop-web"], start.Lines);
        ClusterdResult stop = await Clusterd.RunAsync("plan", "stop", "webshop", "--config", Webshop);
        Assert.Equal(["stop script:shop-web", "stop script:shop-db", "stop service:webshop"], stop.Lines);
    }

    [Fact]
    public async Task Plan_of_a_change_prints_every_stop_then_every_start_of_trees_without_a_cluster_around_them()
    {
        using var folder = new TemporaryFolder();
        string old =
            folder.Write(
                "old.conf",
                "<cluster><rm><service name=\"web\"><ip address=\"192.0.2.1\"><script name=\"a\" file=\"/a\"/></ip><script name=\"b\" "
                    + "file=\"/b\"/></service></rm></cluster>");
        string next =
            folder.Write(
                "new.conf",
                "<cluster><rm><service name=\"web\"><ip address=\"192.0.2.1\" prefer_interface=\"eth1\"><script name=\"a\" "
                    + "file=\"/a\"/></ip><script name=\"b\" file=\"/b\"/></service><service name=\"mail\"/></rm></cluster>");
        ClusterdResult result = await Clusterd.RunAsync("plan", "delta", old, next);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(["stop script:a", "stop ip:192.0.2.1", "start ip:192.0.2.1", "start script:a", "start service:mail"], result.Lines);
        Assert.Contains("The cluster has no name", result.Error, StringComparison.Ordinal);
        ClusterdResult same = await Clusterd.RunAsync("plan", "delta", old, old);
        Assert.Equal((0, ""), (same.ExitCode, same.Output));
    }

    [Fact]
    public async Task Plan_of_a_tree_with_something_missing_tells_its_line_and_plans_the_rest()
    {
        using var folder = new TemporaryFolder();
        ClusterdResult result = await Clusterd.RunAsync(
            "plan", "start", "web", "--config",
            folder.Write("bad.conf", "<cluster><rm><service name=\"web\">\n<ip ref=\"192.0.2.1\"/></service></rm></cluster>"));
        Assert.Equal((0, "start service:web\n"), (result.ExitCode, result.Output));
        Assert.Contains("bad.conf:2: error", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_of_a_group_that_is_not_there_names_those_that_are()
    {
        ClusterdResult result = await Clusterd.RunAsync("plan", "start", "none", "--config", Webshop);
        Assert.Equal(1, result.ExitCode);
        Assert.Equal("", result.Output);
        Assert.Contains("webshop", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_places_groups_by_their_domains_without_the_nodes_that_are_down()
    {
        ClusterdResult all = await Clusterd.RunAsync("plan", "place", "--config", Webshop);
        Assert.Contains(all.Lines, l => l.StartsWith("webshop: node1: ", StringComparison.Ordinal));
        Assert.Contains(all.Lines, l => l.StartsWith("reports: node2: ", StringComparison.Ordinal));
        Assert.Contains(all.Lines, l => l == "batch: nowhere: autostart is off");
        ClusterdResult without = await Clusterd.RunAsync("plan", "place", "--config", Webshop, "--down", "node2");
        Assert.Contains(without.Lines, l => l.StartsWith("reports: node3: ", StringComparison.Ordinal));
        ClusterdResult minority = await Clusterd.RunAsync("plan", "place", "--config", Webshop, "--down", "node2,node3");
        Assert.Contains(minority.Lines, l => l == "webshop: nowhere: no quorum");
    }

    [Fact]
    public async Task Plan_of_a_failure_says_what_moves_where_and_what_stays()
    {
        ClusterdResult result = await Clusterd.RunAsync("plan", "fail", "node1", "--config", Webshop);
        Assert.Contains(result.Lines, l => l.StartsWith("webshop: node1 -> node2: ", StringComparison.Ordinal));
        Assert.Contains(result.Lines, l => l == "reports: stays on node2");
        Assert.Contains(result.Lines, l => l.StartsWith("Node node1 is proven off", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Plan_of_a_failing_group_says_where_it_goes_and_what_stays()
    {
        ClusterdResult result = await Clusterd.RunAsync("plan", "fail", "webshop", "--config", Webshop);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("webshop: node1 -> node1: restarted in place; if it can't be started there again:", result.Lines[0]);
        Assert.Contains(result.Lines, l => l.StartsWith("webshop: node1 -> node2: ", StringComparison.Ordinal)
            && l.Contains("node1 was tried and failed", StringComparison.Ordinal));
        Assert.Contains(result.Lines, l => l == "reports: stays on node2");
        Assert.Equal(
            ["batch: stays nowhere: autostart is off"], (await Clusterd.RunAsync("plan", "fail", "batch", "--config", Webshop)).Lines);
        ClusterdResult none = await Clusterd.RunAsync("plan", "fail", "nobody", "--config", Webshop);
        Assert.Equal((1, ""), (none.ExitCode, none.Output));
        Assert.Contains("no node and no group 'nobody'", none.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"webshop": "node2", "reports": null}""")]
    [InlineData("""{"groups": {"webshop": {"owner": "node2"}, "reports": {"state": "Disabled"}}}""")]
    [
        InlineData(
            """[{"name": "webshop", "owner": "node2", "phase": "started"}, {"name": "reports", "phase": "failed", "owner": "node2"}]""")]
    [InlineData("""{"cluster": {}, "nodes": [{"name": "node1", "phase": "online"}], "groups": [{"Name": "webshop", "Owner": "node2", "Phase": "Started"}, {"Name": "reports", "Phase": "Disabled"}]}""")]
    public async Task Plan_of_a_failure_starts_from_where_the_groups_are_said_to_run(string state)
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("state.json", state);
        ClusterdResult result = await Clusterd.RunAsync("plan", "fail", "node2", "--config", Webshop, "--state", file);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains(result.Lines, l => l.StartsWith("webshop: node2 -> node1: ", StringComparison.Ordinal));
        Assert.Contains(result.Lines, l => l == "reports: stays nowhere: it was down before");
    }

    [Fact]
    public async Task Plan_of_a_failure_knows_the_nodes_that_are_down_already()
    {
        using var folder = new TemporaryFolder();
        string file =
            folder.Write(
                "state.json", """{"nodes": [{"name": "node3", "phase": "lost"}], "groups": {"webshop": "node2", "gone": "node1"}}""");
        ClusterdResult result = await Clusterd.RunAsync("plan", "fail", "node1", "--config", Webshop, "--state", file);
        Assert.Contains(result.Lines, l => l == "webshop: node2 -> nowhere: those left have no quorum");
        Assert.Contains("'gone'", result.Error, StringComparison.Ordinal);
        Assert.Equal(1, (await Clusterd.RunAsync("plan", "fail", "node3", "--config", Webshop, "--state", file)).ExitCode);
    }

    [Theory]
    [InlineData("nonsense", "is no JSON")]
    [InlineData("7", "neither a list nor an object")]
    [InlineData("""[{"owner": "node1"}]""", "has no name")]
    [InlineData("""{"webshop": "node9"}""", "'node9'")]
    [InlineData("""{"webshop": 7}""", "is no JSON")]
    public async Task A_state_that_says_nothing_is_refused(string state, string word)
    {
        using var folder = new TemporaryFolder();
        ClusterdResult result =
            await Clusterd.RunAsync("plan", "fail", "node1", "--config", Webshop, "--state", folder.Write("state.json", state));
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains(word, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_of_a_failure_of_one_of_two_nodes_lets_fencing_decide()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("two.conf", TwoNodes("fence_apc"));
        ClusterdResult result = await Clusterd.RunAsync("plan", "fail", "a", "--config", file);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains(result.Lines, l => l.StartsWith("s: a -> b", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("b")]
    public async Task Plan_of_a_failure_agrees_with_check_about_two_nodes_that_a_person_fences(string lost)
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("hand.conf", TwoNodes("fence_manual"));
        ClusterdResult check = await Clusterd.RunAsync("check", file);
        Assert.Contains("stops everything", check.Error.Split('\n')[0], StringComparison.Ordinal);
        ClusterdResult result = await Clusterd.RunAsync("plan", "fail", lost, "--config", file);
        Assert.Contains("s: a -> nowhere: those left have no quorum", result.Lines);
        Assert.Equal(result.Lines.Distinct(), result.Lines);
    }

    [Fact]
    public async Task Plan_of_a_failure_says_what_keeps_a_group_down_and_not_who_could_run_it()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("three.conf", """
            <cluster name="three" config_version="1">
              <clusternodes><clusternode name="a" nodeid="1"/><clusternode name="b" nodeid="2"/><clusternode name="c" nodeid="3"/></clusternodes>
              <rm><service name="s"><script name="x" file="/opt/x"/></service></rm>
            </cluster>
            """);
        ClusterdResult result = await Clusterd.RunAsync("plan", "fail", "a", "--config", file);
        Assert.Contains(
            result.Lines, l => l.StartsWith("s: a -> nowhere: node a is LeftCluster and not proven down", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Import_shows_the_tree_what_was_lost_beside_it_and_the_configuration()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("old.conf", """
            <cluster name="old" config_version="3">
              <totem token="10000"/>
              <clusternodes><clusternode name="a" nodeid="1"><fence><method name="m"><device name="pdu" port="4"/></method></fence></clusternode></clusternodes>
              <fencedevices><fencedevice name="pdu" agent="fence_apc" ipaddr="192.0.2.9" passwd="not-a-real-one"/></fencedevices>
              <rm><service name="books"><fs name="d" device="LABEL=d" mountpoint="/d"><script name="x" file="/opt/x"/></fs></service></rm>
            </cluster>
            """);
        ClusterdResult shown = await Clusterd.RunAsync("import", file);
        Assert.True(shown.ExitCode == 0, shown.Error);
        Assert.Contains(
            shown.Lines, l =>
            l.StartsWith("    fs:d: ocf:heartbeat:Filesystem device=/dev/disk/by-label/d", StringComparison.Ordinal)
            && l.EndsWith("(1)", StringComparison.Ordinal));
        Assert.Contains(shown.Lines, l => l.StartsWith("      script:x: lsb:/opt/x", StringComparison.Ordinal));
        Assert.Contains(shown.Lines, l => l.StartsWith("(1) line 5: fs 'd' has no fstype", StringComparison.Ordinal));
        Assert.Contains(shown.Lines, l => l.Contains("\"fenceDevices\"", StringComparison.Ordinal));
        Assert.DoesNotContain("not-a-real-one", shown.Output, StringComparison.Ordinal);

        string json = folder.In("new.json");
        Assert.Equal(0, (await Clusterd.RunAsync("import", file, "--output", json)).ExitCode);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(json));
        Assert.Contains("not-a-real-one", await File.ReadAllTextAsync(json), StringComparison.Ordinal);
        ClusterdResult again = await Clusterd.RunAsync("check", json);
        Assert.True(again.ExitCode == 0, again.Error);
        ClusterdResult twice = await Clusterd.RunAsync("import", file, "--output", json);
        Assert.Equal(1, twice.ExitCode);
        Assert.Contains("--force", twice.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await Clusterd.RunAsync("import", file, "--output", json, "--force")).ExitCode);
    }

    [Fact]
    public async Task Import_of_what_can_not_be_used_shows_what_could_be_read_and_writes_nothing()
    {
        using var folder = new TemporaryFolder();
        string json = folder.In("new.json");
        ClusterdResult result =
            await Clusterd.RunAsync(
                "import", folder.Write("bad.conf", Conf("<service name=\"s\"><script name=\"x\" file=\"/x\"/><nonsense/></service>")),
                "--output", json);
        Assert.Equal(1, result.ExitCode);
        Assert.False(File.Exists(json));
        Assert.Contains(result.Lines, l => l.Contains("script:x: lsb:/x", StringComparison.Ordinal));
        Assert.Contains(result.Lines, l => l.Contains("error: The element <nonsense>", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Init_makes_private_files_and_overwrites_nothing()
    {
        using var folder = new TemporaryFolder();
        string state = folder.In("state");
        ClusterdResult first = await Clusterd.RunAsync("init", "--config", Webshop, "--state", state);
        Assert.True(first.ExitCode == 0, first.Error);
        string[] secrets =
            [
                Path.Combine("node1", "node.pfx"), Path.Combine("node1", "bootstrap.json"), Path.Combine("admin", "ca.key.pem"),
                Path.Combine("admin", "admin.pfx"), Path.Combine("admin", "context.json")];
        foreach (string secret in secrets)
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(state, secret)));
        }

        Assert.False(File.Exists(Path.Combine(state, "node1", "ca.key.pem")), "The CA's key is on a node.");
        Dictionary<string,
            byte[]> before = Directory.GetFiles(state, "*", SearchOption.AllDirectories).ToDictionary(f => f, File.ReadAllBytes);
        ClusterdResult second = await Clusterd.RunAsync("init", "--config", Webshop, "--state", state);
        Assert.Equal(2, second.ExitCode);
        Assert.Contains("--force", second.Error, StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFiles(state, "*", SearchOption.AllDirectories).ToDictionary(f => f, File.ReadAllBytes));
        ClusterdResult forced = await Clusterd.RunAsync("init", "--config", Webshop, "--state", state, "--force");
        Assert.Equal(0, forced.ExitCode);
        Assert.NotEqual(
            before[Path.Combine(state, "node1", "node.pfx")], await File.ReadAllBytesAsync(Path.Combine(state, "node1", "node.pfx")));
    }

    [Fact]
    public async Task Init_refuses_a_node_that_is_not_configured()
    {
        using var folder = new TemporaryFolder();
        ClusterdResult result = await Clusterd.RunAsync("init", "--config", Webshop, "--state", folder.In("state"), "--node", "node9");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("node9", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.In("state")));
    }

    [Fact]
    public async Task Status_of_a_node_that_takes_the_question_and_never_answers_ends_in_words()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("one.conf", OneNode);
        string state = folder.In("state");
        int port = LabCluster.FreePorts(1)[0];
        ClusterdResult made = await Clusterd.RunAsync("init", "--config", file, "--state", state, "--base-port", port.ToString());
        Assert.True(made.ExitCode == 0, made.Error);
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Any, port);
        listener.Start();
        using var certificate =
            System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadPkcs12FromFile(Path.Combine(state, "node.pfx"), "");
        Task<ClusterdResult> asked = Clusterd.RunAsync("status", "--context", Path.Combine(state, "admin", "context.json"));
        using System.Net.Sockets.TcpClient client = await listener.AcceptTcpClientAsync().WaitAsync(TestLab.Limit);
        await using var silent =
            new System.Net.Security.SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, shown, _, _) => shown is not null);
        await silent.AuthenticateAsServerAsync(certificate, clientCertificateRequired: true, checkCertificateRevocation: false)
            .WaitAsync(TestLab.Limit);
        ClusterdResult status = await asked;
        Assert.Equal(1, status.ExitCode);
        Assert.StartsWith("clusterd: No node of the cluster answers", status.Error, StringComparison.Ordinal);
        Assert.Contains("no answer in time", status.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_single_node_runs_from_its_state_folder_serves_its_API_and_stops()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("one.conf", OneNode);
        string state = folder.In("state");
        ClusterdResult made =
            await Clusterd.RunAsync("init", "--config", file, "--state", state, "--base-port", LabCluster.FreePorts(1)[0].ToString());
        Assert.True(made.ExitCode == 0, made.Error);
        using System.Diagnostics.Process daemon = Clusterd.Start("run", "--state", state);
        try
        {
            var journal = new JournalTail(state);
            Assert.NotNull(await journal.WaitForAsync(0, e => e.Kind == "node.online", TestLab.Limit, CancellationToken.None));
            ClusterdResult status = await Clusterd.RunAsync("status", "--context", Path.Combine(state, "admin", "context.json"));
            Assert.True(status.ExitCode == 0, status.Error);
            Assert.Contains("alone  Online", status.Output, StringComparison.Ordinal);
            ClusterdResult stopped = await Clusterd.RunAsync("stop", "--state", state);
            Assert.True(stopped.ExitCode == 0, stopped.Error);
            using var limit = new CancellationTokenSource(TestLab.Limit);
            await daemon.WaitForExitAsync(limit.Token);
            Assert.Equal(0, daemon.ExitCode);
        }
        finally
        {
            daemon.Kill();
        }

        ClusterdResult again = await Clusterd.RunAsync("stop", "--state", state);
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("no daemon runs", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_daemon_whose_address_is_taken_says_so_and_does_not_join()
    {
        using var folder = new TemporaryFolder();
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        string port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port.ToString();
        string state = folder.In("state");
        ClusterdResult made =
            await Clusterd.RunAsync("init", "--config", Webshop, "--state", state, "--node", "node1", "--base-port", port);
        Assert.True(made.ExitCode == 0, made.Error);
        ClusterdResult run = await Clusterd.RunAsync("run", "--state", state);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(port, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(state, "engine", "heartbeats")));
    }

    [Fact]
    public async Task Init_for_several_machines_makes_each_node_s_folder_and_corosync_s_files()
    {
        using var folder = new TemporaryFolder();
        string state = folder.In("state");
        string[] init =
        [
            "init", "--config", Webshop, "--state", state, "--engine", "corosync", "--address", "node1=192.0.2.1,198.51.100.1",
            "--address", "node2=192.0.2.2,198.51.100.2",
        ];
        ClusterdResult lacking = await Clusterd.RunAsync(init);
        Assert.NotEqual(0, lacking.ExitCode);
        Assert.Contains("--address node3=IP", lacking.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(state));

        ClusterdResult made = await Clusterd.RunAsync([.. init, "--address", "node3=192.0.2.3,198.51.100.3"]);
        Assert.True(made.ExitCode == 0, made.Error);
        string[] configurations = [.. Files("corosync.conf").Select(File.ReadAllText)];
        Assert.Single(configurations.Distinct());
        Assert.Contains("198.51.100.3", configurations[0], StringComparison.Ordinal);
        Assert.Single(Files("authkey").Select(f => Convert.ToHexString(File.ReadAllBytes(f))).Distinct());
        foreach ((string file, int at) in Files("node.json").Select((f, i) => (f, i)))
        {
            using JsonDocument settings = JsonDocument.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
            Assert.Equal("corosync", settings.RootElement.GetProperty("engine").GetString());
            Assert.Equal("engine", settings.RootElement.GetProperty("engineFolder").GetString());
            string listen = settings.RootElement.GetProperty("listen")[0].GetString()!;
            Assert.StartsWith($"https://192.0.2.{at + 1}:", listen, StringComparison.Ordinal);
        }

        string context = await File.ReadAllTextAsync(Path.Combine(state, "admin", "context.json"), TestContext.Current.CancellationToken);
        Assert.Contains("https://192.0.2.3:", context, StringComparison.Ordinal);

        IEnumerable<string> Files(string name) => new[] { "node1", "node2", "node3" }.Select(node => Path.Combine(state, node, name));
    }

    [Theory]
    [InlineData("nowhere", "'nowhere' is not an IP address")]
    [InlineData("node9=192.0.2.1", "no node 'node9'")]
    [InlineData("node1=192.0.2.1,here", "'here' is not an IP address")]
    public async Task Init_refuses_an_address_that_is_none(string address, string words)
    {
        using var folder = new TemporaryFolder();
        ClusterdResult result = await Clusterd.RunAsync(
            "init", "--config", Webshop, "--state", folder.In("state"), "--address", address);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(words, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_without_init_says_what_to_do()
    {
        using var folder = new TemporaryFolder();
        ClusterdResult result = await Clusterd.RunAsync("run", "--state", folder.Path);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("clusterd init", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_verb_that_is_not_there_is_refused()
    {
        ClusterdResult result = await Clusterd.RunAsync("bogus");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("bogus", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_is_one_line()
    {
        ClusterdResult result = await Clusterd.RunAsync("version");
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("clusterd ", Assert.Single(result.Lines), StringComparison.Ordinal);
    }

    /// <summary>A sound cluster.conf around some services; they begin on line 6.</summary>
    private static string Conf(string services) => new StringBuilder()
        .Append(
            "<cluster name=\"c\" config_version=\"1\">\n<clusternodes>\n<clusternode name=\"n\" nodeid=\"1\"/>\n</clusternodes>\n<rm>\n")
        .Append(services)
        .Append("\n</rm>\n</cluster>\n")
        .ToString();

    private static string TwoNodes(string fenceAgent) => $"""
        <cluster name="two" config_version="1">
          <cman two_node="1" expected_votes="1"/>
          <clusternodes>
            <clusternode name="a" nodeid="1"><fence><method name="m"><device name="d"/></method></fence></clusternode>
            <clusternode name="b" nodeid="2"><fence><method name="m"><device name="d"/></method></fence></clusternode>
          </clusternodes>
          <fencedevices><fencedevice name="d" agent="{fenceAgent}"/></fencedevices>
          <rm><service name="s"><script name="x" file="/opt/x"/></service></rm>
        </cluster>
        """;
}
