using ClusterTools.Fencing.Lab;
using static ClusterTools.Agents.Tests.TestProcess;

namespace ClusterTools.Agents.Tests;

public sealed class LabPowerTests : IAsyncDisposable
{
    // Forks, lets the parent end, in a session of its own, for ever: no pid lives longer than a few milliseconds.
    private const string ForkChain = """
        import os, sys
        count = 0
        while True:
            if os.fork() != 0:
                os._exit(0)
            if sys.argv[1] == "setsid":
                os.setsid()
            count += 1
            if count == 50:
                open(sys.argv[2], "w").write("running\n")
        """;

    private readonly LabFixture lab = new();

    public ValueTask DisposeAsync() => lab.DisposeAsync();

    [Fact]
    public async Task Off_ends_the_daemon_and_its_double_forked_children_and_says_so()
    {
        ProcessIdentity daemon = await lab.StartAsync(
            $"(setsid sh -c 'trap \"\" TERM HUP; sleep 1000 & echo $! $$ > {lab.Folder["pids"]}; wait' </dev/null >/dev/null 2>&1 "
                + $"&)\nwhile :; do sleep 1; done");
        string[] pids = (await lab.Folder.ReadWhenWrittenAsync("pids", Cancel)).Split(' ');
        (int exitCode, string output) = await lab.FenceAsync("off");
        Assert.True(exitCode == 0, output);
        Assert.False(daemon.IsAlive);
        Assert.All(pids, static pid => Assert.False(IsAlive(pid)));
        Assert.True(lab.Supervisor.IsAlive);
        Assert.Contains("none is left", output, StringComparison.Ordinal);
        Assert.Equal(2, (await lab.FenceAsync("status")).ExitCode);
    }

    [Fact]
    public async Task A_process_that_cleared_its_environment_is_ended_too()
    {
        await lab.StartAsync($"env -i /bin/sh -c 'setsid sleep 1000 & echo $! > {lab.Folder["pid"]}'\nwhile :; do sleep 1; done");
        string pid = await lab.Folder.ReadWhenWrittenAsync("pid", Cancel);
        Assert.Equal(0, (await lab.FenceAsync("off")).ExitCode);
        Assert.False(IsAlive(pid));
    }

    [Fact]
    public async Task A_process_that_escaped_the_supervisor_is_found_by_its_mark()
    {
        await lab.StartAsync("while :; do sleep 1; done");
        ChildProcess escaped = ProcessRunner.Start(
            Request(
                "/bin/sleep", "1000") with { Environment = TestProcess.Environment.SetItem(LabPower.NodeVariable, lab.Power.NodeFolder) },
                    Cancel);
        ChildProcess another = ProcessRunner.Start(
            Request(
                "/bin/sleep",
                "1000") with { Environment = TestProcess.Environment.SetItem(LabPower.NodeVariable, lab.Power.NodeFolder + "0") }, Cancel);
        Assert.Equal(0, (await lab.FenceAsync("off")).ExitCode);
        Assert.Equal(9, (await escaped.Completion).Signal);
        Assert.True(another.Identity.IsAlive);
        another.Identity.Signal(LinuxNative.SignalKill);
        await another.Completion;
    }

    [Fact]
    public async Task A_process_that_forks_all_the_time_is_ended()
    {
        await lab.StartAsync(
            $"sh -c 'while :; do sh -c \"sleep 1000\" & n=$((n+1)); [ $n = 20 ] && echo yes > {lab.Folder["running"]}; sleep 0.002; done' "
                + $"&\nwhile :; do sleep 1; done");
        await lab.Folder.ReadWhenWrittenAsync("running", Cancel);
        (int exitCode, string output) = await lab.FenceAsync("off");
        Assert.True(exitCode == 0, output);
        Assert.Empty(ProcessGroup.Marked(lab.Power.Marker));
    }

    [Theory]
    [InlineData("same-group")]
    [InlineData("setsid")]
    public async Task A_chain_of_forks_whose_links_end_at_once_is_ended(string how)
    {
        string chain = lab.Folder.Python("chain", ForkChain);
        await lab.StartAsync($"{chain} {how} {lab.Folder["running"]} &\nwhile :; do sleep 1; done");
        await lab.Folder.ReadWhenWrittenAsync("running", Cancel);
        (int exitCode, string output) = await lab.FenceAsync("off");
        Assert.True(exitCode == 0, output);
        Assert.Empty(ProcessGroup.Marked(lab.Power.Marker));
    }

    [Fact]
    public async Task A_stopped_node_is_ended()
    {
        ProcessIdentity daemon = await lab.StartAsync("while :; do sleep 1; done");
        daemon.Signal(LinuxNative.SignalStop);
        Assert.Equal(0, (await lab.FenceAsync("off")).ExitCode);
        Assert.False(daemon.IsAlive);
    }

    [Fact]
    public async Task With_two_feeds_the_node_lives_until_both_are_off()
    {
        ProcessIdentity daemon = await lab.StartAsync("while :; do sleep 1; done");
        Assert.Equal(0, (await lab.FenceAsync("off", "apc1", "apc1,apc2")).ExitCode);
        Assert.True(daemon.IsAlive);
        Assert.Equal(2, (await lab.FenceAsync("status", "apc1", "apc1,apc2")).ExitCode);
        Assert.Equal(0, (await lab.FenceAsync("status", "apc2", "apc1,apc2")).ExitCode);
        Assert.Equal(0, (await lab.FenceAsync("off", "apc2", "apc1,apc2")).ExitCode);
        Assert.False(daemon.IsAlive);
    }

    [Fact]
    public async Task Two_agents_that_switch_both_feeds_at_once_end_the_node()
    {
        ProcessIdentity daemon = await lab.StartAsync("while :; do sleep 1; done");
        (int ExitCode, string Output)[] answers = await Task
            .WhenAll(lab.FenceAsync("off", "apc1", "apc1,apc2"), lab.FenceAsync("off", "apc2", "apc1,apc2"));
        Assert.All(answers, static answer => Assert.Equal(0, answer.ExitCode));
        Assert.False(daemon.IsAlive);
    }

    [Fact]
    public async Task A_feed_that_comes_back_between_keeps_the_node_alive()
    {
        ProcessIdentity daemon = await lab.StartAsync("while :; do sleep 1; done");
        await lab.FenceAsync("off", "apc1", "apc1,apc2");
        await lab.FenceAsync("on", "apc1", "apc1,apc2");
        await lab.FenceAsync("off", "apc2", "apc1,apc2");
        Assert.True(daemon.IsAlive);
        Assert.Single(lab.Starts);
    }

    [Fact]
    public async Task On_starts_the_node_again_with_an_empty_run_folder()
    {
        ProcessIdentity daemon = await lab.StartAsync("touch ../node1/run/state-of-before; while :; do sleep 1; done");
        await UntilAsync(() => File.Exists(Path.Combine(lab.Power.NodeFolder, "run", "state-of-before")));
        Assert.Equal(0, (await lab.FenceAsync("off")).ExitCode);
        File.WriteAllText(Path.Combine(lab.Power.NodeFolder, "run", "another"), "");
        Assert.Equal(0, (await lab.FenceAsync("on")).ExitCode);
        await lab.StartsAsync(2);
        Assert.NotEqual(daemon, lab.Power.Daemon);
        Assert.False(File.Exists(Path.Combine(lab.Power.NodeFolder, "run", "another")));
        Assert.Equal(0, (await lab.FenceAsync("status")).ExitCode);
    }

    [Fact]
    public async Task Reboot_ends_the_node_and_starts_it_again()
    {
        ProcessIdentity daemon = await lab.StartAsync("while :; do sleep 1; done");
        (int exitCode, string output) = await lab.FenceAsync("reboot", "apc1", "apc1,apc2");
        Assert.True(exitCode == 0, output);
        Assert.False(daemon.IsAlive);
        await lab.StartsAsync(2);
    }

    [Fact]
    public async Task Off_of_what_is_off_and_on_of_what_is_on_succeed_and_change_nothing()
    {
        ProcessIdentity daemon = await lab.StartAsync("while :; do sleep 1; done");
        Assert.Equal(0, (await lab.FenceAsync("on")).ExitCode);
        Assert.True(daemon.IsAlive);
        Assert.Equal(0, (await lab.FenceAsync("off")).ExitCode);
        Assert.Equal(0, (await lab.FenceAsync("off")).ExitCode);
        Assert.Single(lab.Starts);
    }

    [Fact]
    public async Task A_daemon_that_was_killed_alone_stays_down_until_it_is_asked_for_and_its_children_live_on()
    {
        ProcessIdentity daemon = await lab.StartAsync($"setsid sleep 1000 & echo $! > {lab.Folder["pid"]}\nwhile :; do sleep 1; done");
        string child = await lab.Folder.ReadWhenWrittenAsync("pid", Cancel);
        daemon.Signal(LinuxNative.SignalKill);
        await UntilAsync(() => lab.Log.Contains($"process {daemon.Pid}, was ended by signal 9", StringComparison.Ordinal));
        // That nothing happens has no event: several of the supervisor's looks.
        await Task.Delay(300, Cancel);
        Assert.Equal(lab.Supervisor.Pid, ProcessStat.Read(int.Parse(child))!.Value.ParentPid);
        Assert.Single(lab.Starts);
        lab.Power.RequestStart();
        await lab.StartsAsync(2);
        Assert.True(IsAlive(child));
    }

    [Fact]
    public async Task A_daemon_that_asks_for_its_own_restart_and_takes_its_time_to_end_is_started_again()
    {
        // As a node does that resets itself; the supervisor looks several times before the daemon has ended.
        await lab.StartAsync(
            $"[ $(wc -l < {lab.Folder["starts"]}) = 1 ] || while :; do sleep 1; done\nwhile ! [ -e {lab.Folder["asked"]} ]; do sleep "
                + $"0.01; done\nsleep 0.7\nkill -9 $$");
        lab.Power.RequestRestart();
        File.WriteAllText(lab.Folder["asked"], "");
        await lab.StartsAsync(2);
    }

    [Fact]
    public async Task The_supervisor_reaps_the_orphans_it_adopts()
    {
        await lab.StartAsync($"sh -c '(sh -c \"echo \\$\\$ > {lab.Folder["pid"]}; exit 0\" &)'\nwhile :; do sleep 1; done");
        string orphan = await lab.Folder.ReadWhenWrittenAsync("pid", Cancel);
        await UntilAsync(() => ProcessStat.Read(int.Parse(orphan)) is null);
    }

    [Fact]
    public async Task Ending_the_supervisor_asks_the_daemon_first_and_leaves_nothing()
    {
        await lab.StartAsync(
            $"setsid sleep 1000 & echo $! > {lab.Folder["pid"]}\ntrap 'echo asked > {lab.Folder["asked"]}; exit 0' TERM\nwhile :; do "
                + $"sleep 0.01; done");
        string child = await lab.Folder.ReadWhenWrittenAsync("pid", Cancel);
        lab.Supervisor.Signal(LinuxNative.SignalTerminate);
        ProcessOutcome outcome = await lab.SupervisorEnd.WaitAsync(HangLimit, Cancel);
        Assert.True(outcome.ExitCode == 0, lab.Log);
        Assert.Equal("asked", await lab.Folder.ReadWhenWrittenAsync("asked", Cancel));
        Assert.False(IsAlive(child));
        Assert.Null(lab.Power.Supervisor);
        Assert.Equal(0, (await lab.FenceAsync("off")).ExitCode);
    }

    [Fact]
    public async Task The_supervisor_ends_with_its_parent()
    {
        string daemon =
            lab.Folder.Script("daemon", $"setsid sleep 1000 & echo $! $$ $PPID > {lab.Folder["pids"]}\nwhile :; do sleep 1; done");
        ChildProcess parent =
            ProcessRunner.Start(Shell($"{Self} {Program.SupervisorRole} {lab.Folder.Path} node1 {daemon} & wait"), Cancel);
        string[] pids = (await lab.Folder.ReadWhenWrittenAsync("pids", Cancel)).Split(' ');
        parent.Identity.Signal(LinuxNative.SignalKill);
        await parent.Completion;
        foreach (string pid in pids)
        {
            await UntilGoneAsync(pid);
        }
    }

    [Fact]
    public async Task A_lost_supervisor_is_not_taken_for_proof()
    {
        ProcessIdentity daemon = await lab.StartAsync("while :; do sleep 1; done");
        lab.Supervisor.Signal(LinuxNative.SignalKill);
        await lab.SupervisorEnd;
        (int exitCode, string output) = await lab.FenceAsync("off");
        Assert.Equal(1, exitCode);
        Assert.Contains("cannot be proven", output, StringComparison.Ordinal);
        Assert.False(daemon.IsAlive);
    }

    [Fact]
    public async Task A_second_supervisor_of_a_node_is_refused()
    {
        await lab.StartAsync("while :; do sleep 1; done");
        ProcessOutcome second =
            await ProcessRunner.RunAsync(Request(Self, Program.SupervisorRole, lab.Folder.Path, "node1", "/bin/true"), Cancel);
        Assert.NotEqual(0, second.ExitCode);
        Assert.Contains("already has a supervisor", second.Output, StringComparison.Ordinal);
        Assert.Single(lab.Starts);
    }

    [Fact]
    public async Task An_agent_that_runs_on_the_node_itself_does_not_claim_to_have_ended_it()
    {
        await lab.StartAsync(
            $"while [ ! -f {lab.Folder["go"]} ]; do sleep 0.01; done; {Self} {Program.FenceRole} < {lab.Folder["call"]} > "
                + $"{lab.Folder["answer"]} 2>&1; echo $? > {lab.Folder["exit"]}");
        await File.WriteAllTextAsync(lab.Folder["call"], $"action=off\nlab={lab.Folder.Path}\nplug=node1\ndevice=apc1\n", Cancel);
        await File.WriteAllTextAsync(lab.Folder["go"], "", Cancel);
        Assert.Equal("1", await lab.Folder.ReadWhenWrittenAsync("exit", Cancel));
        Assert.Contains("from another node", await File.ReadAllTextAsync(lab.Folder["answer"], Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_told_to_fail_fails_and_leaves_the_node_alone()
    {
        ProcessIdentity daemon = await lab.StartAsync("while :; do sleep 1; done");
        string fault = lab.Fault("fail-apc1");
        (int exitCode, string output) = await lab.FenceAsync("off");
        Assert.Equal(1, exitCode);
        Assert.Contains("told to fail", output, StringComparison.Ordinal);
        Assert.True(daemon.IsAlive);
        File.Delete(fault);
        Assert.Equal(0, (await lab.FenceAsync("off")).ExitCode);
    }

    [Fact]
    public async Task A_device_told_to_be_slow_is_late()
    {
        await lab.StartAsync("while :; do sleep 1; done");
        lab.Fault("slow-apc1", "300");
        long began = System.Environment.TickCount64;
        Assert.Equal(0, (await lab.FenceAsync("off")).ExitCode);
        Assert.True(System.Environment.TickCount64 - began >= 300);
    }

    [Theory]
    [InlineData("action=off\n", "'lab' is missing")]
    [InlineData("action=off\nlab=LAB\nplug=node9\ndevice=a\n", "no node node9")]
    [InlineData("action=off\nlab=LAB\nplug=../x\ndevice=a\n", "no name for a lab node")]
    [InlineData("action=off\nlab=LAB\nplug=node1\ndevice=a/b\n", "no name for a feed")]
    [InlineData("action=off\nlab=LAB\nplug=node1\ndevice=a\nfeeds=b,c\n", "does not name device a")]
    [InlineData("action=dance\nlab=LAB\nplug=node1\ndevice=a\n", "Unknown action 'dance'")]
    public async Task A_wrong_call_fails_in_words(string input, string words)
    {
        Directory.CreateDirectory(lab.Power.PowerFolder);
        (int exitCode, string output) = await LabFixture.CallAsync(input.Replace("LAB", lab.Folder.Path, StringComparison.Ordinal));
        Assert.Equal(1, exitCode);
        Assert.Contains(words, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_metadata_is_honest_and_our_own_reader_reads_it()
    {
        (int exitCode, string output) = await LabFixture.CallAsync("action=metadata\n");
        Assert.Equal(0, exitCode);
        Fencing.FenceMetadata metadata = Fencing.FenceMetadata.Parse("fence_lab", output);
        Assert.Equal("fence_lab", metadata.Name);
        Assert.Contains("not a power switch", metadata.LongDescription, StringComparison.Ordinal);
        Assert.Contains("fail-DEVICE", metadata.LongDescription, StringComparison.Ordinal);
        Assert.Equal(
            ["action", "lab", "plug", "device", "feeds", "power_timeout"], metadata.Parameters.Select(static parameter => parameter.Name));
        Assert.Contains(metadata.Actions, static action => action.Name == "off");
    }
}
