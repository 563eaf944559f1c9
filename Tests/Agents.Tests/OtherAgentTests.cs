using System.Collections.Immutable;
using static ClusterTools.Agents.ResourceOperation;
using static ClusterTools.Agents.ResourceStatus;

namespace ClusterTools.Agents.Tests;

public sealed class OtherAgentTests : IDisposable
{
    private readonly ExecutorFixture fixture = new();

    private Folder Folder => fixture.Folder;

    public void Dispose() => fixture.Dispose();

    [Theory]
    [InlineData(Start, 0, true, Running)]
    [InlineData(Start, 1, false, Failed)]
    [InlineData(Start, 6, false, CannotRun)]
    [InlineData(Stop, 0, true, Stopped)]
    [InlineData(Stop, 7, true, Stopped)]
    [InlineData(Stop, 1, false, Failed)]
    [InlineData(Probe, 0, true, Running)]
    [InlineData(Probe, 1, true, Stopped)]
    [InlineData(Probe, 2, true, Stopped)]
    [InlineData(Probe, 3, true, Stopped)]
    [InlineData(Probe, 4, false, Unknown)]
    [InlineData(Probe, 5, false, CannotRun)]
    [InlineData(Probe, 150, false, Unknown)]
    [InlineData(Probe, 126, false, CannotRun)]
    [InlineData(Probe, 127, false, CannotRun)]
    [InlineData(Stop, 4, false, Unknown)]
    [InlineData(Stop, 127, false, CannotRun)]
    [InlineData(ResourceOperation.Monitor, 126, false, CannotRun)]
    [InlineData(ResourceOperation.Monitor, 0, true, Running)]
    [InlineData(ResourceOperation.Monitor, 1, true, Failed)]
    [InlineData(ResourceOperation.Monitor, 2, true, Failed)]
    [InlineData(ResourceOperation.Monitor, 3, true, Stopped)]
    [InlineData(ResourceOperation.Monitor, 4, false, Unknown)]
    public async Task Init_scripts_exit_codes_mean_what_the_standard_says(
        ResourceOperation operation, int exitCode, bool success, ResourceStatus status)
    {
        string script = Folder.Script("script", $"echo $1 > {Folder["called"]}; exit {exitCode}");
        ResourceResult result = await fixture.RunAsync($"lsb:{script}", operation);
        Assert.Equal((success, status, exitCode), (result.Success, result.Status, result.ExitCode));
        string expected = operation switch { Start => "start", Stop => "stop", _ => "status" };
        Assert.Equal(expected, (await File.ReadAllTextAsync(Folder["called"], TestProcess.Cancel)).Trim());
    }

    [Fact]
    public async Task What_an_agent_prints_is_told_and_kept_without_the_secrets_it_was_given()
    {
        string program =
            Folder.Script(
                "service",
                "echo \"+ mysql --password=hunter2-secret with swordfish-9 and arg-secret and https://u:other-secret@h\" >&2; exit 1");
        ResourceRequest request = fixture.Request(
            $"exec:{program} --token arg-secret", Start, ("replication_passwd", "hunter2-secret"), ("oddly_named", "swordfish-9"));
        ResourceResult result = await fixture.RunAsync(request with { IsSecret = name => name == "oddly_named" });
        Assert.False(result.Success);
        Assert.Contains("+ mysql", result.Message, StringComparison.Ordinal);
        string kept = string.Concat(Directory.EnumerateFiles(Folder.Path, "*", SearchOption.AllDirectories)
            .Where(file => file != program && !file.EndsWith(".lock", StringComparison.Ordinal)).Select(Read));
        foreach (string secret in (string[])["hunter2", "swordfish", "arg-secret", "other-secret"])
        {
            Assert.DoesNotContain(secret, result.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, kept, StringComparison.Ordinal);
        }

        // The journal is open still.
        static string Read(string file)
        {
            using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            return reader.ReadToEnd();
        }
    }

    [Fact]
    public async Task An_init_script_is_found_by_its_name()
    {
        Folder.Script("init.d/web", "exit 0");
        fixture.Restart(options => options with { LsbFolder = Folder["init.d"] });
        Assert.True((await fixture.RunAsync("lsb:web", Start)).Success);
        ResourceResult missing = await fixture.RunAsync("lsb:none", Start);
        Assert.Equal((false, 5), (missing.Success, missing.ExitCode));
        Assert.Contains(Folder["init.d/none"], missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_executable_gets_its_arguments_the_word_and_its_parameters()
    {
        string program =
            Folder.Script("my program", $"echo \"$#|$1|$2|$3|$CLUSTER_PARAM_port|$CLUSTER_GROUP|$CLUSTER_OPERATION\" > {Folder["called"]}");
        ResourceResult result = await fixture.RunAsync($"exec:'{program}' -v \"two words\"", Probe, ("port", "80"));
        Assert.Equal(Running, result.Status);
        Assert.Equal("3|-v|two words|status|80|web|probe", (await File.ReadAllTextAsync(Folder["called"], TestProcess.Cancel)).Trim());
    }

    [Theory]
    [InlineData("/a b  c", new[] { "/a", "b", "c" })]
    [InlineData("/a 'b c' \"d e\" f\\ g ''", new[] { "/a", "b c", "d e", "f g", "" })]
    [InlineData("/a x'y'z", new[] { "/a", "xyz" })]
    public void A_command_line_is_taken_apart_as_in_a_shell(string line, string[] words) => Assert.Equal(words, ExecAgent.Split(line));

    [Fact]
    public async Task A_script_without_its_first_line_is_refused_in_words()
    {
        string file = Folder.Script("bare", "");
        await File.WriteAllTextAsync(file, "echo no shebang\n", TestProcess.Cancel);
        ResourceResult result = await fixture.RunAsync($"exec:{file}", Start);
        Assert.False(result.Success);
        Assert.Contains("#!", result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("#!/bin/sh\nexit 0\n", UnixFileMode.UserRead)]
    [InlineData("#!/no/such/interpreter\n", UnixFileMode.UserRead | UnixFileMode.UserExecute)]
    [InlineData("no program at all", UnixFileMode.UserRead | UnixFileMode.UserExecute)]
    public async Task A_program_that_cannot_be_executed_cannot_run_here_and_nothing_has_begun(string content, UnixFileMode mode)
    {
        string file = Folder["broken"];
        await File.WriteAllTextAsync(file, content, TestProcess.Cancel);
        File.SetUnixFileMode(file, mode);
        foreach (ResourceOperation operation in Enum.GetValues<ResourceOperation>())
        {
            ResourceResult result = await fixture.RunAsync($"exec:{file}", operation);
            Assert.Equal((false, CannotRun, false), (result.Success, result.Status, result.Begun));
        }
    }

    [Theory]
    [InlineData(Start, Failed)]
    [InlineData(Stop, Unknown)]
    [InlineData(Probe, Unknown)]
    [InlineData(ResourceOperation.Monitor, Unknown)]
    public async Task A_program_that_somebody_kills_has_answered_no_question(ResourceOperation operation, ResourceStatus status)
    {
        ResourceResult result = await fixture.RunAsync($"exec:{Folder.Script("killed", "kill -9 $$")}", operation);
        Assert.Equal((false, status), (result.Success, result.Status));
        Assert.Contains("signal 9", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_whose_interpreter_is_missing_is_refused_in_words()
    {
        string file = Folder.Script("strange", "");
        await File.WriteAllTextAsync(file, "#!/no/such/interpreter\n", TestProcess.Cancel);
        ResourceResult result = await fixture.RunAsync($"exec:{file}", Start);
        Assert.Equal((false, 5), (result.Success, result.ExitCode));
        Assert.Contains("interpreter", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_asynchronous_program_lives_until_it_is_stopped_with_all_of_its_group()
    {
        string program = Folder.Script("service", $"sleep 1000 & echo $! $$ $CLUSTER_PARAM_port > {Folder["pids"]}; wait");
        string agent = $"exec:{program}";
        (string, string)[] parameters = [("mode", "async"), ("port", "80")];
        Assert.Equal(Stopped, (await fixture.RunAsync(agent, Probe, parameters)).Status);
        ResourceResult start = await fixture.RunAsync(agent, Start, parameters);
        Assert.True(start.Success, start.Message);
        string[] pids = (await Folder.ReadWhenWrittenAsync("pids", TestProcess.Cancel)).Split(' ');
        Assert.Equal("80", pids[2]);
        Assert.True((await fixture.RunAsync(agent, Start, parameters)).Success);
        Assert.Equal(string.Join(' ', pids), await Folder.ReadWhenWrittenAsync("pids", TestProcess.Cancel));

        fixture.Restart();
        Assert.Empty(await fixture.Executor.RecoverAsync(TestProcess.Cancel));
        Assert.Equal(Running, (await fixture.RunAsync(agent, ResourceOperation.Monitor, parameters)).Status);
        ResourceResult stop = await fixture.RunAsync(agent, Stop, parameters);
        Assert.True(stop.Success, stop.Message);
        Assert.False(TestProcess.IsAlive(pids[0]) || TestProcess.IsAlive(pids[1]));
        Assert.True((await fixture.RunAsync(agent, Stop, parameters)).Success);
        Assert.Equal(Stopped, (await fixture.RunAsync(agent, ResourceOperation.Monitor, parameters)).Status);
    }

    [Fact]
    public async Task An_asynchronous_program_that_ends_at_once_has_not_started()
    {
        string program = Folder.Script("service", "echo cannot bind >&2; exit 3");
        ResourceResult result = await fixture.RunAsync($"exec:{program}", Start, ("mode", "async"), ("settle", "30000"));
        Assert.False(result.Success);
        Assert.Contains("exit code 3", result.Message, StringComparison.Ordinal);
        Assert.Contains("cannot bind", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_asynchronous_program_that_ignores_the_request_to_end_is_killed()
    {
        string program = Folder.Script("service", $"trap '' TERM; echo $$ > {Folder["pids"]}; while :; do sleep 0.05; done");
        await fixture.RunAsync($"exec:{program}", Start, ("mode", "async"));
        string pid = await Folder.ReadWhenWrittenAsync("pids", TestProcess.Cancel);
        ResourceResult stop =
            await fixture.RunAsync(fixture.Request($"exec:{program}", Stop, ("mode", "async")) with { Timeout = TimeSpan.FromSeconds(1) });
        Assert.True(stop.Success, stop.Message);
        Assert.False(TestProcess.IsAlive(pid));
    }

    [Fact]
    public async Task An_asynchronous_program_whose_leader_died_and_left_children_has_failed()
    {
        string program = Folder.Script("service", $"sleep 1000 & echo $! $$ > {Folder["pids"]}; wait");
        await fixture.RunAsync($"exec:{program}", Start, ("mode", "async"));
        string[] pids = (await Folder.ReadWhenWrittenAsync("pids", TestProcess.Cancel)).Split(' ');
        TestProcess.Kill(pids[1]);
        await TestProcess.UntilGoneAsync(pids[1]);
        Assert.Equal(Failed, (await fixture.RunAsync($"exec:{program}", ResourceOperation.Monitor, ("mode", "async"))).Status);
        Assert.True((await fixture.RunAsync($"exec:{program}", Stop, ("mode", "async"))).Success);
        Assert.False(TestProcess.IsAlive(pids[0]));
    }

    [Theory]
    [InlineData("active", 0, true, Running, Running)]
    [InlineData("inactive", 3, true, Stopped, Stopped)]
    [InlineData("failed", 3, true, Stopped, Failed)]
    [InlineData("activating", 3, true, Running, Running)]
    [InlineData("deactivating", 3, true, Running, Failed)]
    [InlineData("inactive", 4, false, CannotRun, CannotRun)]
    [InlineData("", 1, false, Unknown, Unknown)]
    [InlineData("Failed to connect to bus: No such file or directory", 1, false, Unknown, Unknown)]
    public async Task A_units_state_is_read(string state, int exitCode, bool success, ResourceStatus probed, ResourceStatus monitored)
    {
        Folder.Script("bin/systemctl", $"echo \"$@\" > {Folder["called"]}; echo {state}; exit {exitCode}");
        fixture.Restart(options => options with { SearchPath = Folder["bin"] + ":/usr/bin:/bin", SystemdRunFolder = Folder.Path });
        ResourceResult probe = await fixture.RunAsync("systemd:nginx.service", Probe);
        ResourceResult monitor = await fixture.RunAsync("systemd:nginx.service", ResourceOperation.Monitor);
        Assert.Equal((success, probed), (probe.Success, probe.Status));
        Assert.Equal((success, monitored), (monitor.Success, monitor.Status));
        Assert.EndsWith(
            "is-active -- nginx.service\n", await File.ReadAllTextAsync(Folder["called"], TestProcess.Cancel), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Failed to connect to system scope bus via local transport: Connection refused", 1, false, Unknown)]
    [InlineData("Failed to stop nginx.service: Transport endpoint is not connected", 1, false, Unknown)]
    [InlineData("Job for nginx.service failed because a timeout was exceeded.", 1, false, Failed)]
    [InlineData("Failed to stop nginx.service: Unit nginx.service not loaded.", 5, true, Stopped)]
    public async Task A_service_manager_that_cannot_be_reached_has_not_failed_to_stop_a_unit(
        string words, int exitCode, bool success, ResourceStatus status)
    {
        Folder.Script("bin/systemctl", $"echo '{words}' >&2; exit {exitCode}");
        fixture.Restart(options => options with { SearchPath = Folder["bin"] + ":/usr/bin:/bin", SystemdRunFolder = Folder.Path });
        ResourceResult stop = await fixture.RunAsync("systemd:nginx.service", Stop);
        Assert.Equal((success, status), (stop.Success, stop.Status));
    }

    [Fact]
    public async Task Without_systemd_a_unit_is_refused_in_words()
    {
        fixture.Restart(options => options with { SystemdRunFolder = Folder["none"] });
        ResourceResult result = await fixture.RunAsync("systemd:nginx", Start);
        Assert.Equal((false, 5), (result.Success, result.ExitCode));
        Assert.Contains("systemd does not run here", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_PowerShell_script_is_called_without_profile_or_questions()
    {
        Folder.Script("bin/pwsh", $"echo \"$@ $CLUSTER_PARAM_port\" > {Folder["called"]}; exit 3");
        string script = Folder.Script("web.ps1", "");
        fixture.Restart(options => options with { SearchPath = Folder["bin"] });
        ResourceResult result = await fixture.RunAsync($"powershell:{script}", Probe, ("port", "80"));
        Assert.Equal(Stopped, result.Status);
        Assert.Equal(
            $"-NoProfile -NonInteractive -File {script} status 80\n", await File.ReadAllTextAsync(Folder["called"], TestProcess.Cancel));
    }

    [Fact]
    public async Task A_PowerShell_script_lives_its_life_in_a_real_shell()
    {
        Assert.SkipWhen(
            ProcessRunner.SearchPath("pwsh", Environment.GetEnvironmentVariable("PATH") ?? "") is null,
            "pwsh is not on PATH: powershell: agents are NOT TESTED in a real shell.");
        string script = Folder.Script("web.ps1", """
            param([string] $Operation)
            Set-StrictMode -Version 3
            switch ($Operation) {
                'start' { Set-Content -LiteralPath $env:CLUSTER_PARAM_file -Value on }
                'stop' { Remove-Item -LiteralPath $env:CLUSTER_PARAM_file -ErrorAction Ignore }
                'status' { if (-not (Test-Path -LiteralPath $env:CLUSTER_PARAM_file)) { exit 3 } }
            }
            """);
        foreach (
            (ResourceOperation operation, ResourceStatus after) in ((ResourceOperation, ResourceStatus)[])[
                (Probe, Stopped), (Start, Running), (Probe, Running), (ResourceOperation.Stop, Stopped), (Probe, Stopped)])
        {
            ResourceResult result = await fixture.RunAsync($"powershell:{script}", operation, ("file", Folder["on"]));
            Assert.Equal((true, after), (result.Success, result.Status));
        }
    }

    [Fact]
    public async Task Without_PowerShell_its_scripts_are_refused_in_words()
    {
        string script = Folder.Script("web.ps1", "");
        fixture.Restart(options => options with { SearchPath = Folder["none"] });
        ResourceResult result = await fixture.RunAsync($"powershell:{script}", Start);
        Assert.Equal((false, 5), (result.Success, result.ExitCode));
        Assert.Contains("pwsh not found; install PowerShell 7", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_parameter_that_an_environment_cannot_hold_is_refused_by_name()
    {
        string program = Folder.Script("program", "");
        ResourceResult result = await fixture.RunAsync(fixture.Request($"exec:{program}", Start) with
        {
            Parameters = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, [KeyValuePair.Create("a=b", "c")]),
        });
        Assert.Equal((false, 2), (result.Success, result.ExitCode));
        Assert.Contains("'a=b'", result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lsb:/etc/init.d/x")]
    [InlineData("exec:/bin/x")]
    [InlineData("systemd:x")]
    [InlineData("powershell:/x.ps1")]
    public async Task Agents_without_metadata_are_described_all_the_same(string agent)
    {
        AgentMetadata metadata = await fixture.Executor.MetadataAsync(agent, TestProcess.Cancel);
        Assert.Equal(agent, metadata.Agent);
        Assert.Equal(["start", "stop", "status"], metadata.Actions.Select(static action => action.Name));
    }
}
