namespace ClusterTools.Agents.Tests;

public sealed class OcfAgentTests : IDisposable
{
    // Keeps its state in a file where agents keep theirs, as ocf:heartbeat:Dummy does.
    private const string Agent = """
        state="$HA_RSCTMP/fixture-$OCF_RESOURCE_INSTANCE.state"
        case "$1" in
          start) touch "$state" ;;
          stop) rm -f "$state" ;;
          monitor) [ -f "$state" ] || exit 7 ;;
          meta-data) cat <<END
        <?xml version="1.0"?>
        <!DOCTYPE resource-agent SYSTEM "ra-api-1.dtd">
        <resource-agent name="fixture" version="1.2">
          <version>1.1</version>
          <longdesc lang="en">Long words.</longdesc>
          <shortdesc lang="de">Kurz</shortdesc>
          <shortdesc lang="en">Short</shortdesc>
          <parameters>
            <parameter name="ip" unique="1" required="1"><longdesc lang="en">x</longdesc><shortdesc lang="en">Address</shortdesc><content type="string"/></parameter>
            <parameter name="nic"><shortdesc lang="en">Card</shortdesc><content type="string" default="eth0"/></parameter>
          </parameters>
          <actions>
            <action name="start" timeout="20s"/>
            <action name="monitor" depth="0" timeout="500ms" interval="10"/>
            <action name="meta-data" timeout="5"/>
          </actions>
        </resource-agent>
        END
          ;;
          *) exit 3 ;;
        esac
        """;

    private readonly ExecutorFixture fixture = new();

    public void Dispose() => fixture.Dispose();

    [Theory]
    [InlineData(ResourceOperation.Start, 0, true, ResourceStatus.Running, "ok")]
    [InlineData(ResourceOperation.Start, 1, false, ResourceStatus.Failed, "failed")]
    [InlineData(ResourceOperation.Start, 2, false, ResourceStatus.CannotRun, "wrong arguments")]
    [InlineData(ResourceOperation.Start, 5, false, ResourceStatus.CannotRun, "not installed")]
    [InlineData(ResourceOperation.Start, 6, false, ResourceStatus.CannotRun, "not configured")]
    [InlineData(ResourceOperation.Start, 7, false, ResourceStatus.Failed, "not running")]
    [InlineData(ResourceOperation.Stop, 0, true, ResourceStatus.Stopped, "ok")]
    [InlineData(ResourceOperation.Stop, 7, true, ResourceStatus.Stopped, "not running")]
    [InlineData(ResourceOperation.Stop, 1, false, ResourceStatus.Failed, "failed")]
    [InlineData(ResourceOperation.Stop, 3, false, ResourceStatus.CannotRun, "action not implemented")]
    [InlineData(ResourceOperation.Stop, 5, false, ResourceStatus.CannotRun, "not installed")]
    [InlineData(ResourceOperation.Probe, 0, true, ResourceStatus.Running, "ok")]
    [InlineData(ResourceOperation.Probe, 7, true, ResourceStatus.Stopped, "not running")]
    [InlineData(ResourceOperation.Probe, 5, false, ResourceStatus.CannotRun, "not installed")]
    [InlineData(ResourceOperation.Probe, 1, false, ResourceStatus.Unknown, "failed")]
    [InlineData(ResourceOperation.Probe, 4, false, ResourceStatus.Unknown, "not permitted")]
    [InlineData(ResourceOperation.Probe, 2, false, ResourceStatus.CannotRun, "wrong arguments")]
    [InlineData(ResourceOperation.Probe, 3, false, ResourceStatus.CannotRun, "action not implemented")]
    [InlineData(ResourceOperation.Probe, 6, false, ResourceStatus.CannotRun, "not configured")]
    [InlineData(ResourceOperation.Probe, 126, false, ResourceStatus.Unknown, "does not know")]
    [InlineData(ResourceOperation.Stop, 4, false, ResourceStatus.Unknown, "not permitted")]
    [InlineData(ResourceOperation.Monitor, 4, false, ResourceStatus.Unknown, "not permitted")]
    [InlineData(ResourceOperation.Monitor, 9, true, ResourceStatus.Failed, "failed as promoted")]
    [InlineData(ResourceOperation.Probe, 8, true, ResourceStatus.Running, "running as promoted")]
    [InlineData(ResourceOperation.Probe, 9, true, ResourceStatus.Failed, "failed as promoted")]
    [InlineData(ResourceOperation.Monitor, 0, true, ResourceStatus.Running, "ok")]
    [InlineData(ResourceOperation.Monitor, 7, true, ResourceStatus.Stopped, "not running")]
    [InlineData(ResourceOperation.Monitor, 1, true, ResourceStatus.Failed, "failed")]
    [InlineData(ResourceOperation.Monitor, 5, false, ResourceStatus.CannotRun, "not installed")]
    [InlineData(ResourceOperation.Monitor, 77, false, ResourceStatus.Unknown, "does not know")]
    public async Task Exit_codes_mean_what_the_standard_says(
        ResourceOperation operation, int exitCode, bool success, ResourceStatus status, string word)
    {
        ResourceResult result = await fixture.RunAsync(fixture.Ocf("code", $"exit {exitCode}"), operation);
        Assert.Equal((success, status, exitCode), (result.Success, result.Status, result.ExitCode));
        Assert.Contains(word, result.Message, StringComparison.Ordinal);
        Assert.Contains(operation.ToString().ToLowerInvariant(), result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_resource_is_started_found_and_stopped_and_twice_does_no_harm()
    {
        string agent = fixture.Ocf("fixture", Agent);
        Assert.Equal(ResourceStatus.Stopped, (await fixture.RunAsync(agent, ResourceOperation.Probe)).Status);
        Assert.True((await fixture.RunAsync(agent, ResourceOperation.Start)).Success);
        Assert.True((await fixture.RunAsync(agent, ResourceOperation.Start)).Success);
        Assert.Equal(ResourceStatus.Running, (await fixture.RunAsync(agent, ResourceOperation.Monitor)).Status);
        Assert.True((await fixture.RunAsync(agent, ResourceOperation.Stop)).Success);
        Assert.True((await fixture.RunAsync(agent, ResourceOperation.Stop)).Success);
        Assert.Equal(ResourceStatus.Stopped, (await fixture.RunAsync(agent, ResourceOperation.Probe)).Status);
    }

    [Theory]
    [
        InlineData(
            "echo '  status: lock'; echo '  nodename: node2'; echo 'status is UNLOCKED.'; exit 2", "the lock on /dev/shared is node2's")]
    [InlineData("echo '  status: unlock'; echo '  nodename: '; exit 2", "the lock on /dev/shared is free")]
    [InlineData("echo nonsense; exit 3", "sfex_stat -i 4 /dev/shared returned 3: nonsense")]
    public async Task A_start_that_fails_for_a_lock_on_a_disk_says_whose_it_is(string body, string reason)
    {
        fixture.Folder.Script("ocf/resource.d/heartbeat/sfex", "echo refused; exit 1");
        fixture.Folder.Script("bin/sfex_stat", $"[ \"$*\" = '-i 4 /dev/shared' ] || exit 9; {body}");
        fixture.Restart(o => o with { SearchPath = $"{fixture.Folder["bin"]}:/usr/bin:/bin" });
        (string, string)[] parameters = [("device", "/dev/shared"), ("index", "4")];
        ResourceResult start = await fixture.RunAsync("ocf:heartbeat:sfex", ResourceOperation.Start, parameters);
        Assert.Equal((false, 1), (start.Success, start.ExitCode));
        Assert.StartsWith("start returned 1 (failed): refused", start.Message, StringComparison.Ordinal);
        Assert.Contains(reason, start.Message, StringComparison.Ordinal);
        // Only a start takes the lock.
        ResourceResult stop = await fixture.RunAsync("ocf:heartbeat:sfex", ResourceOperation.Stop, parameters);
        Assert.DoesNotContain("lock", stop.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_environment_is_the_standards()
    {
        string agent = fixture.Ocf("env", $"env > {fixture.Folder["env"]}");
        ResourceRequest request = fixture.Request(agent, ResourceOperation.Monitor, ("ip", "10.0.0.5"), ("OCF_CHECK_LEVEL", "20")) with
        {
            Resource = "ip:10.0.0.5", Timeout = TimeSpan.FromSeconds(20),
        };
        await fixture.RunAsync(request);
        string[] environment = await File.ReadAllLinesAsync(fixture.Folder["env"], TestProcess.Cancel);
        Assert.Superset(
            new HashSet<string>
            {
                $"OCF_ROOT={fixture.Folder["ocf"]}", "OCF_RA_VERSION_MAJOR=1", "OCF_RA_VERSION_MINOR=1", "OCF_RESOURCE_TYPE=env",
                    "OCF_RESOURCE_PROVIDER=test",
                "OCF_RESOURCE_INSTANCE=web.ip.10.0.0.5", "OCF_RESKEY_ip=10.0.0.5", "OCF_RESKEY_CRM_meta_timeout=20000",
                "OCF_RESKEY_CRM_meta_interval=10000",
                "OCF_CHECK_LEVEL=20", $"HA_RSCTMP={fixture.Folder["run"]}", $"HA_VARRUN={fixture.Folder["run"]}",
            },
            new HashSet<string>(environment));
        Assert.DoesNotContain(environment, static line => line.StartsWith("DOTNET_", StringComparison.Ordinal)
            && !line.StartsWith("DOTNET_ROOT", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_probe_is_told_from_a_monitor_by_its_interval()
    {
        string agent = fixture.Ocf("interval", """[ "$OCF_RESKEY_CRM_meta_interval" = 0 ] && exit 7; exit 0""");
        Assert.Equal(ResourceStatus.Stopped, (await fixture.RunAsync(agent, ResourceOperation.Probe)).Status);
        Assert.Equal(ResourceStatus.Running, (await fixture.RunAsync(agent, ResourceOperation.Monitor)).Status);
    }

    [Fact]
    public void No_two_resources_share_an_instance_name()
    {
        (string Group, string Resource)[] all =
        [
            ("a", "ip:b"), ("a.ip", "b:c"), ("a", "ip.b:c"), ("a", "ip:b.c"), ("a", "fs:b"), ("a b", "ip:c"), ("a_b", "ip:c"),
            ("a", "ip:/c"), ("a", "ip:_c"), ("a.ip.b", "c"), ("a", "ip:b:c"),
        ];
        string[] names =
            [
                .. all.Select(
                    pair =>
                    AgentEnvironment.InstanceOf(
                        fixture.Request("", ResourceOperation.Start) with { Group = pair.Group, Resource = pair.Resource }))];
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.All(names, static name => Assert.DoesNotContain('/', name));
    }

    [Theory]
    [InlineData("ocf:test")]
    [InlineData("ocf:../etc:passwd")]
    [InlineData("ocf:test:../../x")]
    [InlineData("ocf:")]
    [InlineData("nothing")]
    [InlineData("cobol:x")]
    [InlineData("exec:relative")]
    [InlineData("lsb:../x")]
    [InlineData("systemd:-x")]
    [InlineData("powershell:x.ps1")]
    public async Task A_name_that_is_none_is_refused_in_words(string agent)
    {
        ResourceResult result = await fixture.RunAsync(agent, ResourceOperation.Start);
        Assert.False(result.Success);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(agent, result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_that_is_not_installed_can_run_nothing()
    {
        ResourceResult probe = await fixture.RunAsync("ocf:test:none", ResourceOperation.Probe);
        Assert.Equal((ResourceStatus.CannotRun, 5, false), (probe.Status, probe.ExitCode, probe.Begun));
        Assert.Contains("not installed", probe.Message, StringComparison.Ordinal);
        Assert.Equal(ResourceStatus.CannotRun, (await fixture.RunAsync("ocf:test:none", ResourceOperation.Start)).Status);
        Assert.Equal(ResourceStatus.CannotRun, (await fixture.RunAsync("ocf:test:none", ResourceOperation.Stop)).Status);
    }

    [Fact]
    public async Task A_failing_agents_last_lines_are_in_the_message_and_bounded()
    {
        ResourceResult result =
            await fixture.RunAsync(fixture.Ocf("loud", "seq 1 100000; echo ERROR: the disk is gone >&2; exit 1"), ResourceOperation.Start);
        Assert.StartsWith("start returned 1 (failed): ", result.Message, StringComparison.Ordinal);
        Assert.EndsWith("ERROR: the disk is gone", result.Message, StringComparison.Ordinal);
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(result.Message), 1000, 2048 + 100);
    }

    [Theory]
    [InlineData(ResourceOperation.Start, ResourceStatus.Failed)]
    [InlineData(ResourceOperation.Stop, ResourceStatus.Failed)]
    [InlineData(ResourceOperation.Probe, ResourceStatus.Unknown)]
    [InlineData(ResourceOperation.Monitor, ResourceStatus.Unknown)]
    public async Task A_timeout_is_no_success(ResourceOperation operation, ResourceStatus status)
    {
        string agent = fixture.Ocf("slow", "echo waiting; sleep 1000 & echo $!; wait");
        ResourceResult result = await fixture.RunAsync(fixture.Request(agent, operation) with { Timeout = TimeSpan.FromMilliseconds(300) });
        Assert.Equal((false, true, status, -1), (result.Success, result.TimedOut, result.Status, result.ExitCode));
        Assert.Contains("0.3 s", result.Message, StringComparison.Ordinal);
        await TestProcess.UntilGoneAsync(result.Message.Split('\n')[^1]);
    }

    [Fact]
    public async Task Metadata_is_read()
    {
        AgentMetadata metadata = await fixture.Executor.MetadataAsync(fixture.Ocf("fixture", Agent), TestProcess.Cancel);
        Assert.Equal(
            ("ocf:test:fixture", "1.2", "Short", "Long words."),
            (metadata.Agent, metadata.Version, metadata.ShortDescription, metadata.LongDescription));
        Assert.Equal(
            [
                new AgentParameter { Name = "ip", Required = true, Unique = true, ShortDescription = "Address", LongDescription = "x" },
                new AgentParameter { Name = "nic", Default = "eth0", ShortDescription = "Card" },
            ],
            metadata.Parameters);
        Assert.Equal(
            [
                new AgentAction { Name = "start", Timeout = TimeSpan.FromSeconds(20) },
                new AgentAction { Name = "monitor", Timeout = TimeSpan.FromMilliseconds(500), Interval = TimeSpan.FromSeconds(10),
                    Depth = 0 },
                new AgentAction { Name = "meta-data", Timeout = TimeSpan.FromSeconds(5) },
            ],
            metadata.Actions);
    }

    [Fact]
    public async Task Metadata_that_is_none_is_refused_in_words()
    {
        await Assert.ThrowsAsync<ResourceAgentException>(
            () => fixture.Executor.MetadataAsync(fixture.Ocf("junk", "echo '<a><b>'"), TestProcess.Cancel));
        var failing =
            await Assert.ThrowsAsync<ResourceAgentException>(
                () => fixture.Executor.MetadataAsync(fixture.Ocf("bad", "echo why >&2; exit 1"), TestProcess.Cancel));
        Assert.Contains("why", failing.Message, StringComparison.Ordinal);
        var missing =
            await Assert.ThrowsAsync<ResourceAgentException>(() => fixture.Executor.MetadataAsync("ocf:test:none", TestProcess.Cancel));
        Assert.Equal(5, missing.ExitCode);
    }

    [Fact]
    public async Task Metadata_cannot_read_files_by_an_entity()
    {
        string agent = fixture.Ocf(
            "entity",
            """echo '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><resource-agent name="x"><longdesc>&x;</longdesc></resource-agent>'""");
        await Assert.ThrowsAsync<ResourceAgentException>(() => fixture.Executor.MetadataAsync(agent, TestProcess.Cancel));
    }

    [Fact]
    public void Installed_agents_are_listed()
    {
        fixture.Ocf("b", "");
        fixture.Ocf("a", "");
        File.WriteAllText(fixture.Folder["ocf/resource.d/test/README"], "not executable");
        Assert.Equal(["ocf:test:a", "ocf:test:b"], OcfAgent.FindAll(fixture.Folder["ocf"]));
        Func<string, string?> types = InstalledAgents.Types(fixture.Folder["ocf"]);
        Assert.Equal(("ocf:test:a", null), (types("a"), types("none")));
        fixture.Folder.Script("ocf/resource.d/heartbeat/b", "exit 0");
        Assert.Equal("ocf:test:b", types("b"));
        Assert.Equal("ocf:heartbeat:b", InstalledAgents.Types(fixture.Folder["ocf"])("b"));
    }

    [Fact]
    public async Task The_packaged_Dummy_agent_is_started_found_and_stopped()
    {
        Assert.SkipUnless(
            File.Exists("/usr/lib/ocf/resource.d/heartbeat/Dummy"),
            "ocf:heartbeat:Dummy is not installed (package resource-agents): NOT TESTED with packaged agents.");
        fixture.Restart(static options => options with { OcfRoot = "/usr/lib/ocf" });
        const string dummy = "ocf:heartbeat:Dummy";
        AgentMetadata metadata = await fixture.Executor.MetadataAsync(dummy, TestProcess.Cancel);
        Assert.Contains(metadata.Parameters, static parameter => parameter.Name == "state");
        Assert.Contains(metadata.Actions, static action => action is { Name: "monitor", Interval: not null });
        Assert.Equal(ResourceStatus.Stopped, (await fixture.RunAsync(dummy, ResourceOperation.Probe)).Status);
        ResourceResult start = await fixture.RunAsync(dummy, ResourceOperation.Start);
        Assert.True(start.Success, start.Message);
        Assert.Equal(ResourceStatus.Running, (await fixture.RunAsync(dummy, ResourceOperation.Monitor)).Status);
        Assert.NotEmpty(Directory.GetFiles(fixture.Folder["run"], "Dummy-web.script.one*"));
        Assert.True((await fixture.RunAsync(dummy, ResourceOperation.Stop)).Success);
        Assert.Equal(ResourceStatus.Stopped, (await fixture.RunAsync(dummy, ResourceOperation.Monitor)).Status);
    }
}
