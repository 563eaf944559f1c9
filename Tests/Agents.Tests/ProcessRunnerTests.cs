using System.Collections.Immutable;
using static ClusterTools.Agents.Tests.TestProcess;

namespace ClusterTools.Agents.Tests;

public sealed class ProcessRunnerTests : IDisposable
{
    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_exit_code_and_both_outputs_come_back_in_order()
    {
        ProcessOutcome outcome = await ProcessRunner.RunAsync(Shell("echo one; echo two >&2; echo three; exit 42"), Cancel);
        Assert.Equal(42, outcome.ExitCode);
        Assert.Null(outcome.Signal);
        Assert.Equal("one\ntwo\nthree\n", outcome.Output);
        Assert.False(outcome.OutputCut);
    }

    [Fact]
    public async Task Standard_error_can_be_kept_apart()
    {
        ProcessOutcome outcome =
            await ProcessRunner.RunAsync(Shell("echo out; echo err >&2") with { SeparateStandardError = true }, Cancel);
        Assert.Equal(("out\n", "err\n"), (outcome.Output, outcome.StandardError));
    }

    [Fact]
    public async Task A_death_by_signal_is_told_from_an_exit()
    {
        ProcessOutcome outcome = await ProcessRunner.RunAsync(Shell("kill -9 $$"), Cancel);
        Assert.Equal((null, 9), (outcome.ExitCode, outcome.Signal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(1_000_000)]
    public async Task Input_of_any_length_arrives_whole(int length)
    {
        ProcessOutcome outcome = await ProcessRunner.RunAsync(Shell("wc -c") with { StandardInput = new string('x', length) }, Cancel);
        Assert.Equal(length.ToString(), outcome.Output.Trim());
    }

    [Fact]
    public async Task A_program_that_does_not_read_its_input_does_no_harm()
    {
        ProcessOutcome outcome = await ProcessRunner.RunAsync(Shell("exit 3") with { StandardInput = new string('x', 1_000_000) }, Cancel);
        Assert.Equal(3, outcome.ExitCode);
    }

    [Fact]
    public async Task Without_input_it_reads_the_end_at_once()
    {
        ProcessOutcome outcome = await ProcessRunner.RunAsync(Request("/bin/cat"), Cancel);
        Assert.Equal((0, ""), (outcome.ExitCode!.Value, outcome.Output));
    }

    [Fact]
    public async Task The_environment_is_exactly_what_was_given()
    {
        var environment =
            ImmutableSortedDictionary.CreateRange(
                StringComparer.Ordinal, [KeyValuePair.Create("A", "1"), KeyValuePair.Create("B", "two words = ä")]);
        ProcessOutcome outcome = await ProcessRunner.RunAsync(Request("/usr/bin/env") with { Environment = environment }, Cancel);
        Assert.Equal("A=1\nB=two words = ä\n", outcome.Output);
    }

    [Fact]
    public async Task Arguments_arrive_as_they_are()
    {
        ProcessOutcome outcome = await ProcessRunner.RunAsync(Request("/usr/bin/printf", "%s|", "a b", "", "$HOME", "ü"), Cancel);
        Assert.Equal("a b||$HOME|ü|", outcome.Output);
    }

    [Fact]
    public async Task Only_the_end_of_a_long_output_is_kept()
    {
        ProcessOutcome outcome = await ProcessRunner.RunAsync(Shell("seq 1 200000") with { OutputLimit = 1000 }, Cancel);
        Assert.True(outcome.OutputCut);
        Assert.EndsWith("199999\n200000\n", outcome.Output, StringComparison.Ordinal);
        Assert.InRange(outcome.Output.Length, 990, 1000);
    }

    [Fact]
    public async Task A_daemon_that_keeps_the_output_open_does_not_hold_up_the_result()
    {
        ProcessOutcome outcome = await ProcessRunner.RunAsync(Shell("echo begun; setsid sleep 1000 & echo $! ; exit 0"), Cancel);
        string[] lines = outcome.Output.Trim().Split('\n');
        Assert.Equal((0, "begun"), (outcome.ExitCode!.Value, lines[0]));
        Assert.True(IsAlive(lines[1]));
        Kill(lines[1]);
        await UntilGoneAsync(lines[1]);
    }

    [Fact]
    public async Task A_daemon_that_goes_on_writing_to_the_output_lives_on()
    {
        string file = folder["count"];
        ProcessOutcome outcome = await ProcessRunner.RunAsync(
            Shell(
                "setsid sh -c 'i=0; while [ $i -lt 5000 ]; do i=$((i+1)); echo a line that fills the pipe after a while $i || exit 9; "
                    + $"done; echo $i > {file}' & echo $!"), Cancel);
        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal("5000", await folder.ReadWhenWrittenAsync("count", Cancel));
    }

    [Fact]
    public async Task A_timeout_ends_grandchildren_too()
    {
        ProcessOutcome outcome = await ProcessRunner.RunAsync(
            Shell("sh -c 'sleep 1000 & echo $!; wait' & wait") with { Timeout = TimeSpan.FromMilliseconds(500) }, Cancel);
        Assert.True(outcome.TimedOut);
        Assert.False(outcome.Cancelled);
        await UntilGoneAsync(outcome.Output.Trim());
    }

    [Fact]
    public async Task A_timeout_kills_what_ignores_the_request_to_end()
    {
        ProcessOutcome outcome = await ProcessRunner.RunAsync(
            Shell("trap '' TERM; sh -c 'trap \"\" TERM; echo $$; while :; do sleep 1; done' & while :; do sleep 1; done") with
            {
                Timeout = TimeSpan.FromMilliseconds(500), KillGrace = TimeSpan.FromMilliseconds(200),
            },
            Cancel);
        Assert.True(outcome.TimedOut);
        Assert.Equal(9, outcome.Signal);
        await UntilGoneAsync(outcome.Output.Trim());
    }

    [Fact]
    public async Task What_outlives_a_leader_that_obeyed_is_killed_after_the_grace()
    {
        ProcessOutcome outcome = await ProcessRunner.RunAsync(
            Shell("sh -c 'trap \"\" TERM; echo $$; while :; do sleep 1; done' & exec sleep 1000") with
            {
                Timeout = TimeSpan.FromMilliseconds(500), KillGrace = TimeSpan.FromMilliseconds(200),
            },
            Cancel);
        Assert.True(outcome.TimedOut);
        await UntilGoneAsync(outcome.Output.Trim());
    }

    [Fact]
    public async Task A_stopped_program_is_ended_at_its_time_limit()
    {
        ProcessOutcome outcome =
            await ProcessRunner.RunAsync(Shell("kill -STOP $$") with { Timeout = TimeSpan.FromMilliseconds(300) }, Cancel);
        Assert.True(outcome.TimedOut);
    }

    [Fact]
    public async Task A_program_may_clean_up_when_its_time_is_up()
    {
        ProcessOutcome outcome = await ProcessRunner.RunAsync(
            Shell("trap 'echo cleaned; exit 0' TERM; while :; do sleep 0.01; done") with { Timeout = TimeSpan.FromMilliseconds(300) },
            Cancel);
        Assert.True(outcome.TimedOut);
        Assert.Contains("cleaned", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_ends_the_whole_group()
    {
        using var stop = new CancellationTokenSource();
        Task<ProcessOutcome> running = ProcessRunner.RunAsync(Shell($"sleep 1000 & echo $! > {folder["pid"]}; wait"), stop.Token);
        string pid = await folder.ReadWhenWrittenAsync("pid", Cancel);
        await stop.CancelAsync();
        ProcessOutcome outcome = await running.WaitAsync(HangLimit, Cancel);
        Assert.True(outcome.Cancelled);
        Assert.False(outcome.TimedOut);
        await UntilGoneAsync(pid);
    }

    [Fact]
    public async Task A_child_leads_a_session_of_its_own()
    {
        ChildProcess child = ProcessRunner.Start(Shell("cut -d' ' -f1,5,6 /proc/$$/stat"), Cancel);
        int pid = child.Identity.Pid;
        Assert.Equal($"{pid} {pid} {pid}", (await child.Completion).Output.Trim());
    }

    [Fact]
    public async Task A_child_inherits_only_the_standard_streams_and_no_signal_is_blocked_or_ignored()
    {
        using var open = new FileStream(folder["open"], FileMode.Create);
        ProcessOutcome outcome =
            await ProcessRunner.RunAsync(Request("/bin/sh", "-c", "ls /proc/self/fd; grep -E 'Sig(Blk|Ign)' /proc/self/status"), Cancel);
        string[] lines = outcome.Output.Trim().Split('\n');
        // 3 is the folder that ls itself reads.
        Assert.Equal(["0", "1", "2", "3", "SigBlk:\t0000000000000000"], lines[..5]);
        // The C library keeps 32 and 33 to itself; a program cannot be sent them.
        const ulong ofTheLibrary = 3UL << 31;
        Assert.Equal(0UL, Convert.ToUInt64(lines[5]["SigIgn:\t".Length..], 16) & ~ofTheLibrary);
    }

    [Fact]
    public void A_program_that_is_missing_is_told_at_once()
    {
        var error = Assert.Throws<ProcessStartException>(() => { ProcessRunner.Start(Request(folder["none"]), Cancel); });
        Assert.True(error.NotFound);
        Assert.Contains(folder["none"], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_the_right_to_execute_is_told_at_once()
    {
        File.WriteAllText(folder["plain"], "#!/bin/sh\n");
        Assert.True(Assert.Throws<ProcessStartException>(() => { ProcessRunner.Start(Request(folder["plain"]), Cancel); }).NotPermitted);
    }

    [Fact]
    public async Task A_hundred_at_once_keep_their_own_answers()
    {
        ProcessOutcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, 100)
            .Select(
                number => ProcessRunner.RunAsync(Shell($"read x; echo $x; exit {number}") with { StandardInput = $"{number}\n" }, Cancel)));
        Assert.All(outcomes, (outcome, number) => Assert.Equal((number, $"{number}\n"), (outcome.ExitCode!.Value, outcome.Output)));
    }

    [Fact]
    public async Task No_child_is_left_unreaped()
    {
        ChildProcess child = ProcessRunner.Start(Shell("exit 0"), Cancel);
        await child.Completion;
        Assert.NotEqual(child.Identity, ProcessIdentity.Find(child.Identity.Pid));
    }

    [Fact]
    public async Task The_frameworks_own_process_class_keeps_its_children_beside_ours()
    {
        using var theirs = System.Diagnostics.Process.Start("/bin/sh", ["-c", "sleep 0.1; exit 7"]);
        ProcessOutcome ours = await ProcessRunner.RunAsync(Shell("exit 8"), Cancel);
        await theirs.WaitForExitAsync(Cancel);
        Assert.Equal((7, 8), (theirs.ExitCode, ours.ExitCode!.Value));
    }

    [Fact]
    public void The_kept_end_of_a_text_starts_at_a_whole_character()
    {
        var buffer = new TailBuffer(5);
        buffer.Append("ääää"u8);
        Assert.True(buffer.Cut);
        Assert.Equal("ää", buffer.ToString());
    }

    [Theory]
    [InlineData(7, 1)]
    [InlineData(4096, 100)]
    [InlineData(1500, 1024)]
    [InlineData(3000, 5000)]
    public void The_kept_end_is_right_however_the_text_came_in_pieces(int limit, int piece)
    {
        string text = string.Concat(Enumerable.Range(0, 3000).Select(static n => n.ToString()));
        var buffer = new TailBuffer(limit);
        foreach (char[] part in text.Chunk(piece))
        {
            buffer.Append(System.Text.Encoding.UTF8.GetBytes(part));
        }

        Assert.Equal(text[^limit..], buffer.ToString());
    }
}
