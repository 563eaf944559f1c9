using System.Collections.Immutable;
using ClusterTools.Fencing;

namespace ClusterTools.Agents.Tests;

public sealed class FenceAgentTests : IDisposable
{
    private const string Secret = "s3cr3t & \"wörd\"";

    private readonly Folder folder = new();
    private readonly FenceAgentExecutor executor;
    private int lastId;

    public FenceAgentTests() =>
        executor = new FenceAgentExecutor(new FenceAgentOptions { Folders = [folder.Path], KillGrace = TimeSpan.FromMilliseconds(200) });

    public void Dispose() => folder.Dispose();

    private FenceRequest Request(string agent, FenceOperation operation, params (string Name, string Value)[] parameters) => new()
    {
        ActionId = $"fence-{++lastId}",
        Target = "node2",
        Device = "apc1",
        Agent = agent,
        Operation = operation,
        Timeout = TestProcess.HangLimit,
        Parameters =
        ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, parameters.Select(static p => KeyValuePair.Create(p.Name, p.Value))),
    };

    [Theory]
    [InlineData(FenceOperation.Off, "off")]
    [InlineData(FenceOperation.On, "on")]
    [InlineData(FenceOperation.Reboot, "reboot")]
    [InlineData(FenceOperation.Status, "status")]
    [InlineData(FenceOperation.Metadata, "metadata")]
    public async Task The_call_comes_on_standard_input_and_nothing_on_the_command_line(FenceOperation operation, string word)
    {
        folder.Script("fence_fixture", $"echo \"$#\" > {folder["called"]}; cat >> {folder["called"]}");
        FenceResult result =
            await executor.RunAsync(
                Request("fence_fixture", operation, ("ipaddr", "10.0.0.9"), ("port", "3"), ("action", "on")), TestProcess.Cancel);
        Assert.True(result.Success, result.Message);
        Assert.Equal(
            $"0\nipaddr=10.0.0.9\nport=3\nnodename=node2\naction={word}\n",
            await File.ReadAllTextAsync(folder["called"], TestProcess.Cancel));
    }

    [Theory]
    [InlineData(FenceOperation.Off, 0, true, "done")]
    [InlineData(FenceOperation.Off, 1, false, "failed")]
    [InlineData(FenceOperation.Off, 2, false, "failed")]
    [InlineData(FenceOperation.On, 0, true, "done")]
    [InlineData(FenceOperation.Reboot, 1, false, "failed")]
    [InlineData(FenceOperation.Status, 0, true, "on")]
    [InlineData(FenceOperation.Status, 2, true, "off")]
    [InlineData(FenceOperation.Status, 1, false, "failed")]
    public async Task Exit_codes_mean_what_the_protocol_says(FenceOperation operation, int exitCode, bool success, string word)
    {
        folder.Script("fence_fixture", $"echo some words; exit {exitCode}");
        FenceResult result = await executor.RunAsync(Request("fence_fixture", operation), TestProcess.Cancel);
        Assert.Equal((success, exitCode), (result.Success, result.ExitCode));
        Assert.Contains($"returned {exitCode} ({word})", result.Message, StringComparison.Ordinal);
        Assert.Contains("node2 by apc1 (fence_fixture)", result.Message, StringComparison.Ordinal);
        Assert.Equal(!success, result.Message.Contains("some words", StringComparison.Ordinal));
    }

    [Theory]
    // Refuses to switch off what is off.
    [InlineData("case $(cat) in *action=off*) echo 'HTTP 409: is off already' >&2; exit 1 ;; *) exit 2 ;; esac", true, "it is off")]
    [InlineData("case $(cat) in *action=off*) kill -9 $$ ;; *) exit 2 ;; esac", true, "it is off")]
    // Is on, can't be asked, or breaks off whatever it is asked.
    [InlineData("case $(cat) in *action=off*) exit 1 ;; *) exit 0 ;; esac", false, "returned 1")]
    [InlineData("exit 1", false, "returned 1")]
    [InlineData("exit 2", false, "returned 2")]
    [InlineData("case $(cat) in *action=off*) exit 1 ;; *) echo 'usage: fence_fixture [--help]'; exit 2 ;; esac", false, "returned 1")]
    public async Task After_a_failed_off_the_status_is_asked_and_off_is_proof(string body, bool proof, string words)
    {
        folder.Script("fence_fixture", body);
        FenceResult result = await executor.RunAsync(Request("fence_fixture", FenceOperation.Off), TestProcess.Cancel);
        Assert.Equal(proof, result.Success);
        Assert.Contains(words, result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_an_off_that_hangs_the_status_is_asked_too()
    {
        folder.Script("fence_fixture", "case $(cat) in *action=off*) trap '' TERM; while :; do sleep 1; done ;; *) exit 2 ;; esac");
        FenceResult result =
            await executor.RunAsync(
                Request("fence_fixture", FenceOperation.Off) with { Timeout = TimeSpan.FromMilliseconds(500) }, TestProcess.Cancel);
        Assert.True(result.Success, result.Message);
        Assert.True(result.TimedOut);
    }

    [Theory]
    [
        InlineData(
            "<resource-agent name=\"fence_own\"><longdesc>This is not a fence agent by itself! It enables "
                + "another.</longdesc><actions><action name=\"off\"/></actions></resource-agent>", true)]
    [InlineData("<resource-agent name=\"fence_dummy\" shortdesc=\"x\"><actions><action name=\"off\"/></actions></resource-agent>", true)]
    [
        InlineData(
            "<resource-agent name=\"fence_own\" shortdesc=\"x\"><actions><action name=\"monitor\"/><action "
                + "name=\"metadata\"/></actions></resource-agent>", true)]
    [
        InlineData(
            "<resource-agent name=\"fence_own\" shortdesc=\"x\"><actions><action name=\"off\"/><action "
                + "name=\"on\"/></actions></resource-agent>", false)]
    [InlineData("<resource-agent name=\"fence_own\" shortdesc=\"x\"></resource-agent>", false)]
    public async Task An_agent_that_says_itself_that_it_cuts_nothing_off_proves_nothing(string metadata, bool noProof)
    {
        folder.Script("fence_fixture", $"case $(cat) in *action=metadata*) echo '{metadata}' ;; esac; exit 0");
        Assert.Equal(noProof, (await executor.MetadataAsync("fence_fixture", TestProcess.Cancel)).WhyNoProof is not null);
        FenceResult result = await executor.RunAsync(Request("fence_fixture", FenceOperation.Off), TestProcess.Cancel);
        Assert.Equal((true, noProof), (result.Success, result.NoProof));
    }

    [Theory]
    [InlineData("passwd")]
    [InlineData("password")]
    [InlineData("snmp_priv_passwd")]
    [InlineData("api_token")]
    [InlineData("SecretKey")]
    [InlineData("community")]
    public async Task A_secret_reaches_the_agent_and_nothing_else(string name)
    {
        folder.Python("fence_fixture", $"""
            import sys, json, urllib.parse, base64, os, html
            call = dict(line.rstrip("\n").split("=", 1) for line in sys.stdin)
            value = call["{name}"]
            open("{folder["got"]}", "w").write(value)
            open("{folder["seen"]}", "wb").write(open("/proc/self/cmdline", "rb").read() + open("/proc/self/environ", "rb").read())
            print("plain", value, "python", repr(value), "json", json.dumps(value, ensure_ascii=False), json.dumps(value), "address", urllib.parse.quote(value), "form", urllib.parse.quote_plus(value))
            print("header", base64.b64encode(value.encode()).decode(), "xml", html.escape(value), file=sys.stderr)
            sys.exit(1)
            """);
        FenceResult result =
            await executor.RunAsync(Request("fence_fixture", FenceOperation.Off, (name, Secret), ("login", "admin")), TestProcess.Cancel);
        Assert.Equal(Secret, await File.ReadAllTextAsync(folder["got"], TestProcess.Cancel));
        Assert.False(result.Success);
        Assert.Contains("***", result.Message, StringComparison.Ordinal);
        AssertNoSecret(result.ToString());
        AssertNoSecret(await File.ReadAllTextAsync(folder["seen"], TestProcess.Cancel));
    }

    [Fact]
    public async Task A_parameter_that_the_metadata_calls_a_password_is_a_secret_too()
    {
        folder.Script("fence_fixture", """
            call=$(cat)
            case "$call" in
              *action=metadata*) echo '<resource-agent name="fence_fixture"><parameters><parameter name="pin"><shortdesc>Password or PIN</shortdesc><content type="string"/></parameter></parameters></resource-agent>' ;;
              *) echo "$call"; exit 1 ;;
            esac
            """);
        FenceMetadata metadata = await executor.MetadataAsync("fence_fixture", TestProcess.Cancel);
        Assert.True(Assert.Single(metadata.Parameters).Secret);
        FenceResult result = await executor.RunAsync(Request("fence_fixture", FenceOperation.Off, ("pin", "73519")), TestProcess.Cancel);
        Assert.DoesNotContain("73519", result.Message, StringComparison.Ordinal);
        Assert.Contains("pin=***", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Half_a_secret_at_the_cut_of_a_long_output_does_not_show()
    {
        const string secret = "abcdefghijklmnopqrstuvwxyz0123456789";
        folder.Script("fence_fixture", $"read line; i=0; while [ $i -lt 4000 ]; do printf '%s' {secret}; i=$((i+1)); done; exit 1");
        FenceResult result = await executor.RunAsync(Request("fence_fixture", FenceOperation.Off, ("passwd", secret)), TestProcess.Cancel);
        Assert.Matches("failed\\): …?[*]+$", result.Message);
    }

    [Fact]
    public async Task A_secret_that_an_agent_was_ended_within_does_not_show()
    {
        folder.Script("fence_fixture", "printf 'connecting as topse'; exit 1");
        FenceResult result =
            await executor.RunAsync(Request("fence_fixture", FenceOperation.Off, ("passwd", "topsecret")), TestProcess.Cancel);
        Assert.EndsWith("connecting as ***", result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("passwd", "topsecret\naction=on")]
    [InlineData("passwd", "topsecret\r")]
    [InlineData("a\nb", "topsecret")]
    public async Task A_value_that_would_forge_a_line_is_refused_without_showing_it(string name, string value)
    {
        folder.Script("fence_fixture", $"touch {folder["called"]}");
        FenceResult result = await executor.RunAsync(Request("fence_fixture", FenceOperation.Off, (name, value)), TestProcess.Cancel);
        Assert.False(result.Success);
        Assert.DoesNotContain("topsecret", result.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["called"]));
    }

    [Fact]
    public async Task A_timeout_ends_the_agent_with_its_children_and_is_no_success()
    {
        folder.Script("fence_fixture", $"sleep 1000 & echo $! > {folder["pid"]}; trap 'exit 0' TERM; wait");
        FenceResult result =
            await executor.RunAsync(
                Request("fence_fixture", FenceOperation.Off) with { Timeout = TimeSpan.FromMilliseconds(500) }, TestProcess.Cancel);
        Assert.Equal((false, true, -1), (result.Success, result.TimedOut, result.ExitCode));
        await TestProcess.UntilGoneAsync(await folder.ReadWhenWrittenAsync("pid", TestProcess.Cancel));
    }

    [Fact]
    public async Task Cancelling_is_no_success()
    {
        folder.Script("fence_fixture", $"trap 'exit 0' TERM; echo $$ > {folder["pid"]}; while :; do sleep 0.01; done");
        using var stop = new CancellationTokenSource();
        Task<FenceResult> running = executor.RunAsync(Request("fence_fixture", FenceOperation.Off), stop.Token);
        await folder.ReadWhenWrittenAsync("pid", TestProcess.Cancel);
        await stop.CancelAsync();
        FenceResult result = await running;
        Assert.False(result.Success);
        Assert.Contains("cancelled", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_id_gets_the_same_answer_without_another_call()
    {
        folder.Script("fence_fixture", $"echo x >> {folder["calls"]}; while [ ! -f {folder["go"]} ]; do sleep 0.01; done");
        FenceRequest request = Request("fence_fixture", FenceOperation.Reboot);
        Task<FenceResult> first = executor.RunAsync(request, TestProcess.Cancel);
        Task<FenceResult> second = executor.RunAsync(request, TestProcess.Cancel);
        await File.WriteAllTextAsync(folder["go"], "", TestProcess.Cancel);
        Assert.Equal(await first, await second);
        Assert.Equal(await first, await executor.RunAsync(request, TestProcess.Cancel));
        Assert.Single(await File.ReadAllLinesAsync(folder["calls"], TestProcess.Cancel));
    }

    [Theory]
    [InlineData("fence_none")]
    [InlineData("/no/such/fence_agent")]
    [InlineData("../fence_fixture")]
    [InlineData("")]
    public async Task An_agent_that_is_missing_is_told_in_words(string agent)
    {
        FenceResult result = await executor.RunAsync(Request(agent, FenceOperation.Off), TestProcess.Cancel);
        Assert.False(result.Success);
        Assert.Contains($"there is no fence agent '{agent}'", result.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<FenceAgentException>(() => executor.MetadataAsync(agent, TestProcess.Cancel));
    }

    [Fact]
    public async Task An_agent_may_be_a_command_line_of_its_own()
    {
        string program = folder.Script("program", $"echo \"$@\" > {folder["called"]}");
        var own = new FenceAgentExecutor(new FenceAgentOptions
        {
            CommandLines = ImmutableDictionary.CreateRange([KeyValuePair.Create("fence_lab", ImmutableArray.Create(program, "fence-lab"))]),
        });
        Assert.True((await own.RunAsync(Request("fence_lab", FenceOperation.Off), TestProcess.Cancel)).Success);
        Assert.Equal("fence-lab\n", await File.ReadAllTextAsync(folder["called"], TestProcess.Cancel));
        Assert.Contains("fence_lab", own.FindAgents());
    }

    [Fact]
    public async Task Metadata_that_is_none_is_refused_in_words()
    {
        folder.Script("fence_fixture", "echo this is no xml");
        var error = await Assert.ThrowsAsync<FenceAgentException>(() => executor.MetadataAsync("fence_fixture", TestProcess.Cancel));
        Assert.Contains("fence_fixture", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_packaged_agents_metadata_is_read()
    {
        Assert.SkipUnless(
            File.Exists("/usr/sbin/fence_ipmilan"),
            "fence_ipmilan is not installed (package fence-agents): NOT TESTED with packaged agents.");
        FenceMetadata metadata = await executor.MetadataAsync("fence_ipmilan", TestProcess.Cancel);
        Assert.Equal("fence_ipmilan", metadata.Name);
        Assert.Contains(metadata.Parameters, static parameter => parameter is { Name: "password", Secret: true });
        Assert.Contains(metadata.Parameters, static parameter => parameter is { Name: "passwd", Secret: true, Deprecated: true });
        Assert.Contains(metadata.Parameters, static parameter => parameter is { Name: "privlvl", Type: "select", Default: "administrator" }
            && parameter.Options.Contains("operator"));
        Assert.Contains(metadata.Parameters, static parameter => parameter is { Name: "plug", Secret: false });
        Assert.Contains(metadata.Actions, static action => action.Name == "off");
    }

    [Fact]
    public async Task A_packaged_agent_speaks_the_protocol()
    {
        Assert.SkipUnless(
            File.Exists("/usr/sbin/fence_dummy"), "fence_dummy is not installed (package fence-agents): NOT TESTED with packaged agents.");
        (string, string)[] parameters = [("type", "file"), ("status_file", folder["status"]), ("passwd", "unused")];
        Assert.True((await executor.RunAsync(Request("fence_dummy", FenceOperation.On, parameters), TestProcess.Cancel)).Success);
        Assert.Equal(0, (await executor.RunAsync(Request("fence_dummy", FenceOperation.Status, parameters), TestProcess.Cancel)).ExitCode);
        FenceResult off = await executor.RunAsync(Request("fence_dummy", FenceOperation.Off, parameters), TestProcess.Cancel);
        Assert.True(off.Success, off.Message);
        FenceResult status = await executor.RunAsync(Request("fence_dummy", FenceOperation.Status, parameters), TestProcess.Cancel);
        Assert.Equal((true, 2), (status.Success, status.ExitCode));
    }

    private static void AssertNoSecret(string text)
    {
        Assert.DoesNotContain("s3cr3t", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Secret)), text, StringComparison.Ordinal);
    }
}
