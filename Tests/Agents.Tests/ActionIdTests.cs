using static ClusterTools.Agents.ResourceOperation;

namespace ClusterTools.Agents.Tests;

public sealed class ActionIdTests : IDisposable
{
    private readonly ExecutorFixture fixture = new();

    private Folder Folder => fixture.Folder;

    public void Dispose() => fixture.Dispose();

    private string CountingAgent(string rest = "") => fixture.Ocf("count", $"echo x >> {Folder["calls"]}; {rest}");

    private int Calls => File.Exists(Folder["calls"]) ? File.ReadAllLines(Folder["calls"]).Length : 0;

    [Theory]
    [InlineData(Start)]
    [InlineData(ResourceOperation.Monitor)]
    public async Task The_same_id_gets_the_same_answer_without_another_call(ResourceOperation operation)
    {
        ResourceRequest request = fixture.Request(CountingAgent("echo why; exit 1"), operation);
        ResourceResult first = await fixture.RunAsync(request);
        Assert.Equal(first, await fixture.RunAsync(request));
        fixture.Restart();
        Assert.Equal(first, await fixture.RunAsync(request));
        fixture.Restart();
        Assert.Equal(first, await fixture.RunAsync(request));
        Assert.Equal(1, Calls);
    }

    [Fact]
    public async Task The_same_id_asked_meanwhile_joins_the_running_one()
    {
        ResourceRequest request = fixture.Request(CountingAgent($"while [ ! -f {Folder["go"]} ]; do sleep 0.01; done"), Start);
        Task<ResourceResult> first = fixture.RunAsync(request);
        Task<ResourceResult> second = fixture.RunAsync(request);
        await File.WriteAllTextAsync(Folder["go"], "", TestProcess.Cancel);
        Assert.Equal(await first, await second);
        Assert.Equal(1, Calls);
    }

    [Fact]
    public async Task A_joined_caller_may_give_up_without_ending_the_action()
    {
        ResourceRequest request = fixture.Request(CountingAgent($"while [ ! -f {Folder["go"]} ]; do sleep 0.01; done"), Start);
        Task<ResourceResult> first = fixture.RunAsync(request);
        using var stop = new CancellationTokenSource();
        Task<ResourceResult> second = fixture.Executor.RunAsync(request, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        await File.WriteAllTextAsync(Folder["go"], "", TestProcess.Cancel);
        Assert.True((await first).Success);
    }

    [Fact]
    public async Task Where_nothing_can_be_noted_any_more_a_start_is_not_begun_and_questions_and_stops_go_on()
    {
        string agent = CountingAgent();
        // What the journal has room for beforehand is used up, and it can't be written anew.
        Directory.CreateDirectory(Folder["state/actions.journal.new"]);
        foreach (int size in (int[])[100_000, 10_000, 1_000, 1])
        {
            for (int i = 0; i < 4_500_000 / 100_000; i++)
            {
                await fixture.RunAsync(fixture.Request(agent, Probe) with { Group = new string('x', size) });
            }
        }

        int before = Calls;
        ResourceResult start = await fixture.RunAsync(fixture.Request(agent, Start));
        Assert.Equal((false, false, ResourceStatus.Unknown), (start.Success, start.Begun, start.Status));
        Assert.Contains("start was not begun: its intent could not be written", start.Message, StringComparison.Ordinal);
        Assert.Equal(before, Calls);
        Assert.Equal((true, ResourceStatus.Running), await AskAsync(ResourceOperation.Monitor));
        Assert.Equal((true, ResourceStatus.Running), await AskAsync(Probe));
        Assert.Equal((true, ResourceStatus.Stopped), await AskAsync(Stop));

        async Task<(bool, ResourceStatus)> AskAsync(ResourceOperation operation)
        {
            ResourceResult result = await fixture.RunAsync(fixture.Request(agent, operation));
            return (result.Success, result.Status);
        }
    }

    [Fact]
    public void A_full_disk_is_tried_again_after_a_while_and_not_for_every_question()
    {
        long now = 0;
        string folder = Folder["small"];
        using var journal = new ActionJournal(folder, 10, () => now);
        string obstacle = Path.Combine(folder, "actions.journal.new");
        Directory.CreateDirectory(obstacle);
        Assert.ThrowsAny<Exception>(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                Append($"{i}");
            }
        });
        Directory.Delete(obstacle);
        Assert.Throws<IOException>(() => Append("at once"));
        now += 2_000;
        Append("later");
        Assert.Contains(journal.OpenIntents, i => i.ActionId == "later");

        void Append(string id)
        {
            journal.Append(
                new JournalRecord { Kind = JournalRecordKind.Intent, ActionId = id, Group = new string('x', 100_000), Resource = "r",
                    Agent = "a", Operation = Probe });
            if (id != "later")
            {
                journal.Append(new JournalRecord { Kind = JournalRecordKind.Withdrawn, ActionId = id });
            }
        }
    }

    [Fact]
    public async Task An_action_refused_at_the_gate_leaves_no_trace()
    {
        bool isMember = false;
        fixture.Restart(options => options with { SpawnGate = (_, _) => ValueTask.FromResult(isMember) });
        ResourceRequest request = fixture.Request(CountingAgent(), Start);
        ResourceResult refused = await fixture.RunAsync(request);
        Assert.Equal((false, false), (refused.Success, refused.Begun));
        Assert.Equal("start was not begun: this node is no longer a confirmed member", refused.Message);
        Assert.Equal(0, Calls);
        fixture.Restart();
        Assert.Empty(await fixture.Executor.RecoverAsync(TestProcess.Cancel));
        isMember = true;
        Assert.True((await fixture.RunAsync(request)).Success);
        Assert.Equal(1, Calls);
    }

    [Fact]
    public async Task The_gate_is_asked_after_the_intent_is_on_disk()
    {
        bool written = false;
        fixture.Restart(options => options with
        {
            SpawnGate = (_, _) =>
            {
                using var file =
                    new FileStream(Folder["state/actions.journal"], FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                using var reader = new StreamReader(file);
                written = reader.ReadToEnd().Contains("\"kind\":\"Intent\",\"actionId\":\"action-1\"", StringComparison.Ordinal);
                return ValueTask.FromResult(true);
            },
        });
        await fixture.RunAsync(CountingAgent(), Start);
        Assert.True(written);
    }

    [Fact]
    public async Task Cancelling_before_the_spawn_leaves_no_trace()
    {
        using var stop = new CancellationTokenSource();
        fixture.Restart(options => options with
        {
            SpawnGate = async (_, _) =>
            {
                await stop.CancelAsync();
                return true;
            },
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => fixture.Executor.RunAsync(fixture.Request(CountingAgent(), Start), stop.Token));
        fixture.Restart();
        Assert.Empty(await fixture.Executor.RecoverAsync(TestProcess.Cancel));
        Assert.Equal(0, Calls);
    }

    [Fact]
    public async Task Cancelling_after_the_spawn_ends_the_agent_and_is_the_answer()
    {
        using var stop = new CancellationTokenSource();
        ResourceRequest request = fixture.Request(fixture.Ocf("slow", $"echo $$ > {Folder["pid"]}; sleep 1000"), Start);
        Task<ResourceResult> running = fixture.Executor.RunAsync(request, stop.Token);
        string pid = await Folder.ReadWhenWrittenAsync("pid", TestProcess.Cancel);
        await stop.CancelAsync();
        ResourceResult result = await running;
        Assert.Equal((false, ResourceStatus.Failed), (result.Success, result.Status));
        Assert.Contains("cancelled", result.Message, StringComparison.Ordinal);
        Assert.False(TestProcess.IsAlive(pid));
        Assert.Equal(result, await fixture.RunAsync(request));
    }

    [Theory]
    [InlineData("sleep 1000 & echo $$ $! > {0}; wait")]
    [InlineData("sleep 1000 & echo $$ $! > {0}; exit 0")]
    public async Task After_a_crash_of_the_daemon_what_is_left_of_its_action_is_ended_and_told(string body)
    {
        fixture.Executor.Dispose();
        string script = Folder.Script("agent", body.Replace("{0}", Folder["pids"], StringComparison.Ordinal));
        // The second agent has exited by itself while the daemon was away, and only its child is left.
        bool leaderLeaves = body.Contains("exit 0", StringComparison.Ordinal);
        string[] pids;
        if (leaderLeaves)
        {
            pids = await LeaveBehindAsync(script);
        }
        else
        {
            ChildProcess daemon = ProcessRunner.Start(
                TestProcess.Request(TestProcess.Self, Program.ExecutorRole, Folder["state"], "crashed", $"exec:{script}"),
                TestProcess.Cancel);
            pids = (await Folder.ReadWhenWrittenAsync("pids", TestProcess.Cancel)).Split(' ');
            daemon.Identity.Signal(LinuxNative.SignalKill);
            await daemon.Completion;
        }

        Assert.True(TestProcess.IsAlive(pids[1]));
        fixture.Restart();
        InterruptedAction interrupted = Assert.Single(await fixture.Executor.RecoverAsync(TestProcess.Cancel));
        Assert.Equal(
            ("crashed", "web", "script:one", Start),
            (interrupted.ActionId, interrupted.Group, interrupted.Resource, interrupted.Operation));
        Assert.Empty(interrupted.Survivors);
        Assert.Equal(leaderLeaves ? 1 : 2, interrupted.Ended);
        Assert.False(TestProcess.IsAlive(pids[0]));
        Assert.False(TestProcess.IsAlive(pids[1]));

        ResourceResult again = await fixture.RunAsync(fixture.Request($"exec:{script}", Start) with { ActionId = "crashed" });
        Assert.Equal((false, ResourceStatus.Unknown), (again.Success, again.Status));
        Assert.Contains("interrupted", again.Message, StringComparison.Ordinal);
        fixture.Restart();
        Assert.Empty(await fixture.Executor.RecoverAsync(TestProcess.Cancel));
    }

    // As a daemon leaves it that was killed after its agent had exited and before the result was written.
    private async Task<string[]> LeaveBehindAsync(string script)
    {
        using var journal = new ActionJournal(Folder["state"], 10);
        journal.Append(new JournalRecord
        {
            Kind = JournalRecordKind.Intent, ActionId = "crashed", BootId = ProcessIdentity.BootId, Group = "web", Resource = "script:one",
                Agent = script, Operation = Start,
        });
        ChildProcess agent = ProcessRunner.Start(
            TestProcess.Request(script) with { Environment = TestProcess.Environment.SetItem(AgentEnvironment.ActionMarker, "crashed") },
            TestProcess.Cancel);
        journal.Append(new JournalRecord
        {
            Kind = JournalRecordKind.Spawned, ActionId = "crashed", Pid = agent.Identity.Pid, StartTime = agent.Identity.StartTime,
        });
        await agent.Completion;
        return (await Folder.ReadWhenWrittenAsync("pids", TestProcess.Cancel)).Split(' ');
    }

    [Fact]
    public async Task After_a_crash_between_spawn_and_record_the_action_is_found_by_its_mark()
    {
        fixture.Executor.Dispose();
        using (var journal = new ActionJournal(Folder["state"], 10))
        {
            journal.Append(new JournalRecord
            {
                Kind = JournalRecordKind.Intent, ActionId = "unrecorded", BootId = ProcessIdentity.BootId, Group = "web",
                    Resource = "script:one", Agent = "x", Operation = Stop,
            });
        }

        ChildProcess agent = ProcessRunner.Start(
            TestProcess.Request(
                "/bin/sleep", "1000") with { Environment = TestProcess.Environment.SetItem(AgentEnvironment.ActionMarker, "unrecorded") },
                    TestProcess.Cancel);
        ChildProcess stranger = ProcessRunner.Start(
            TestProcess.Request(
                "/bin/sleep",
                "1000") with { Environment = TestProcess.Environment.SetItem(AgentEnvironment.ActionMarker, "unrecorded-2") },
                    TestProcess.Cancel);
        // The kernel shows the environment a moment after the program has begun.
        await TestProcess.UntilAsync(() => ProcessStat.HasEnvironment(agent.Identity.Pid, $"{AgentEnvironment.ActionMarker}=unrecorded")
            && ProcessStat.HasEnvironment(stranger.Identity.Pid, $"{AgentEnvironment.ActionMarker}=unrecorded-2"));
        fixture.Restart();
        InterruptedAction interrupted = Assert.Single(await fixture.Executor.RecoverAsync(TestProcess.Cancel));
        Assert.Equal(1, interrupted.Ended);
        Assert.NotNull((await agent.Completion).Signal);
        Assert.True(stranger.Identity.IsAlive);
        stranger.Identity.Signal(LinuxNative.SignalKill);
        await stranger.Completion;
    }

    [Fact]
    public async Task A_process_that_merely_has_the_recorded_pid_is_left_alone()
    {
        fixture.Executor.Dispose();
        ChildProcess stranger = ProcessRunner.Start(TestProcess.Request("/bin/sleep", "1000"), TestProcess.Cancel);
        using (var journal = new ActionJournal(Folder["state"], 10))
        {
            journal.Append(
                new JournalRecord { Kind = JournalRecordKind.Intent, ActionId = "old", BootId = ProcessIdentity.BootId,
                    Operation = Start });
            journal.Append(
                new JournalRecord { Kind = JournalRecordKind.Spawned, ActionId = "old", Pid = stranger.Identity.Pid,
                    StartTime = stranger.Identity.StartTime - 1 });
        }

        fixture.Restart();
        Assert.Equal(0, Assert.Single(await fixture.Executor.RecoverAsync(TestProcess.Cancel)).Ended);
        Assert.True(stranger.Identity.IsAlive);
        stranger.Identity.Signal(LinuxNative.SignalKill);
        await stranger.Completion;
    }

    [Fact]
    public async Task An_intent_of_an_earlier_boot_ends_nothing_and_answers_that_it_was_interrupted()
    {
        fixture.Executor.Dispose();
        using (var journal = new ActionJournal(Folder["state"], 10))
        {
            journal.Append(
                new JournalRecord { Kind = JournalRecordKind.Intent, ActionId = "old", BootId = "another boot", Operation = Start });
            journal.Append(new JournalRecord
            {
                Kind = JournalRecordKind.Spawned, ActionId = "old", Pid = Environment.ProcessId,
                    StartTime = ProcessIdentity.Find(Environment.ProcessId)!.Value.StartTime,
            });
        }

        fixture.Restart();
        Assert.Empty(await fixture.Executor.RecoverAsync(TestProcess.Cancel));
        Assert.Contains(
            "machine was restarted", (await fixture.RunAsync(fixture.Request(CountingAgent(), Start) with { ActionId = "old" })).Message,
            StringComparison.Ordinal);
        Assert.Equal(0, Calls);
    }

    [Fact]
    public void A_second_daemon_on_the_same_state_folder_is_refused_in_words()
    {
        var error = Assert.Throws<IOException>(() => new ResourceAgentExecutor(fixture.Options));
        Assert.Contains("in use", error.Message, StringComparison.Ordinal);
        Assert.Contains(Folder["state"], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_last_results_are_remembered_and_questions_do_not_crowd_out_changes()
    {
        using var journal = new ActionJournal(Folder["journal"], 3);
        Append(journal, "change", Start);
        for (int number = 0; number < 5; number++)
        {
            Append(journal, $"question-{number}", ResourceOperation.Monitor);
        }

        Assert.NotNull(journal.FindResult("change"));
        Assert.Null(journal.FindResult("question-1"));
        Assert.NotNull(journal.FindResult("question-2"));
    }

    [Fact]
    public void The_journal_stays_small_and_keeps_what_it_must_however_much_is_written()
    {
        string folder = Folder["journal"];
        using (var journal = new ActionJournal(folder, 10))
        {
            journal.Append(new JournalRecord { Kind = JournalRecordKind.Intent, ActionId = "open", BootId = "b", Operation = Start });
            for (int number = 0; number < 6_000; number++)
            {
                Append(journal, $"id-{number}", Start, new string('x', 2000));
            }
        }

        Assert.InRange(new FileInfo(Path.Combine(folder, "actions.journal")).Length, 1, 4 * 1024 * 1024);
        using var reopened = new ActionJournal(folder, 10);
        Assert.Equal("open", Assert.Single(reopened.OpenIntents).ActionId);
        Assert.Null(reopened.FindResult("id-5989"));
        Assert.NotNull(reopened.FindResult("id-5990"));
        Assert.NotNull(reopened.FindResult("id-5999"));
        Assert.Equal(0, reopened.DamagedLines);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_torn_last_record_is_left_out_and_the_rest_is_kept(bool tornInside)
    {
        string folder = Folder["journal"];
        string file = Path.Combine(folder, "actions.journal");
        using (var journal = new ActionJournal(folder, 10))
        {
            Append(journal, "whole", Start);
            Append(journal, "torn", Start);
        }

        byte[] content = File.ReadAllBytes(file);
        int end = content.AsSpan().IndexOf((byte)0);
        if (tornInside)
        {
            content[end - 20] ^= 1;
        }
        else
        {
            content.AsSpan(end - 20, 20).Clear();
        }

        File.WriteAllBytes(file, content);
        using (var reopened = new ActionJournal(folder, 10))
        {
            Assert.Equal(1, reopened.DamagedLines);
            Assert.Null(reopened.Damage);
            Assert.NotNull(reopened.FindResult("whole"));
            Assert.Null(reopened.FindResult("torn"));
            Append(reopened, "later", Start);
        }

        using var again = new ActionJournal(folder, 10);
        Assert.Equal(0, again.DamagedLines);
        Assert.NotNull(again.FindResult("later"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Damage_in_the_middle_is_named_and_costs_what_it_hit_alone(bool zeros)
    {
        string folder = Folder["journal"];
        string file = Path.Combine(folder, "actions.journal");
        using (var journal = new ActionJournal(folder, 10))
        {
            Append(journal, "first", Start);
            Append(journal, "hit", Start);
            Append(journal, "last", Start);
        }

        byte[] content = File.ReadAllBytes(file);
        Span<byte> hit = content.AsSpan(content.AsSpan().IndexOf("\"hit\""u8) - 40, 44);
        if (zeros)
        {
            hit.Clear();
        }
        else
        {
            hit[41] ^= 1;
        }

        File.WriteAllBytes(file, content);
        using (var reopened = new ActionJournal(folder, 10))
        {
            Assert.NotNull(reopened.FindResult("first"));
            Assert.NotNull(reopened.FindResult("last"));
            Assert.Contains(file, reopened.Damage, StringComparison.Ordinal);
            Assert.Contains("line ", reopened.Damage, StringComparison.Ordinal);
            Assert.Equal(content, File.ReadAllBytes(file + ".damaged"));
        }

        using var again = new ActionJournal(folder, 10);
        Assert.Null(again.Damage);
        Assert.NotNull(again.FindResult("last"));
    }

    [Fact]
    public void Pieces_that_a_power_cut_kept_from_the_disk_are_no_damage()
    {
        string folder = Folder["journal"];
        string file = Path.Combine(folder, "actions.journal");
        using (var journal = new ActionJournal(folder, 10))
        {
            Append(journal, "hit", Start);
            journal.Append(new JournalRecord { Kind = JournalRecordKind.Intent, ActionId = "last", BootId = "the boot before" });
        }

        byte[] content = File.ReadAllBytes(file);
        content.AsSpan(0, 30).Clear();
        File.WriteAllBytes(file, content);
        using var reopened = new ActionJournal(folder, 10);
        Assert.Null(reopened.Damage);
        Assert.Null(reopened.FindResult("hit"));
        Assert.Equal("last", Assert.Single(reopened.OpenIntents).ActionId);
    }

    [Fact]
    public async Task Many_actions_at_once_are_all_answered_and_remembered()
    {
        string agent = CountingAgent();
        ResourceRequest[] requests = [.. Enumerable.Range(0, 60).Select(_ => fixture.Request(agent, Start))];
        ResourceResult[] results = await Task.WhenAll(requests.Select(fixture.RunAsync));
        Assert.All(results, static result => Assert.True(result.Success));
        fixture.Restart();
        Assert.Equal(results, await Task.WhenAll(requests.Select(fixture.RunAsync)));
        Assert.Equal(60, Calls);
    }

    private static void Append(ActionJournal journal, string id, ResourceOperation operation, string message = "") =>
        journal.Append(new JournalRecord
    {
        Kind = JournalRecordKind.Result,
        ActionId = id,
        Operation = operation,
        Result = new ResourceResult { ActionId = id, Success = true, Status = ResourceStatus.Running, Message = message },
    });
}
