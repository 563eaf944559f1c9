using System.Collections.Immutable;
using System.Diagnostics;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Agents;

/// <summary>
/// Runs resource agents: a request in, a result out. Idempotent by action id: an id that is asked again, also after a restart of
/// the daemon, gets the same answer, and one that is still running is joined.
/// </summary>
public sealed class ResourceAgentExecutor : IDisposable
{
    private static readonly TimeSpan RecoveryKillLimit = TimeSpan.FromSeconds(5);

    private readonly ResourceAgentOptions options;
    private readonly ActionJournal journal;
    private readonly Lock gate = new();
    private readonly Dictionary<string, Task<ResourceResult>> running = new(StringComparer.Ordinal);
    private Task<ImmutableArray<InterruptedAction>>? recovery;

    /// <summary>Opens the action journal in the state folder.</summary>
    /// <exception cref="IOException">Another daemon uses the state folder, or it cannot be written.</exception>
    public ResourceAgentExecutor(ResourceAgentOptions options)
    {
        this.options = options;
        journal = new ActionJournal(options.StateFolder, options.RememberedResults);
    }

    /// <summary>What of the action journal was damaged, for people; null: nothing.</summary>
    public string? Damage => journal.Damage;

    /// <summary>
    /// To be called once at start-up: ends what is left of the process groups of actions that an earlier daemon of this boot
    /// began and did not see the end of, and returns those actions, for their resources to be probed. Also makes the first spawn quick.
    /// Called again it returns the same.
    /// </summary>
    public Task<ImmutableArray<InterruptedAction>> RecoverAsync(CancellationToken cancel)
    {
        lock (gate)
        {
            recovery ??= RecoverOnceAsync();
            return recovery.WaitAsync(cancel);
        }
    }

    /// <summary>Calls an agent. Failures of the agent are results; nothing is thrown for them.</summary>
    /// <param name="request">The call.</param>
    /// <param name="cancel">Before the spawn: nothing happened. After it: the agent's process group is ended, and the result says
    /// so.</param>
    /// <exception cref="OperationCanceledException">Cancelled before anything was spawned, or while joined to the same action's first
    /// caller.</exception>
    public async Task<ResourceResult> RunAsync(ResourceRequest request, CancellationToken cancel)
    {
        ArgumentException.ThrowIfNullOrEmpty(request.ActionId);
        await RecoverAsync(cancel).ConfigureAwait(false);
        while (true)
        {
            Task<ResourceResult>? joined;
            var mine = new TaskCompletionSource<ResourceResult>(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (gate)
            {
                if (!running.TryGetValue(request.ActionId, out joined))
                {
                    if (journal.FindResult(request.ActionId) is { } answer)
                    {
                        return answer;
                    }

                    running.Add(request.ActionId, mine.Task);
                }
            }

            if (joined is null)
            {
                return await RunFirstAsync(request, mine, options.SpawnGate, cancel).ConfigureAwait(false);
            }

            try
            {
                return await joined.WaitAsync(cancel).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                // The first caller gave up before the spawn, so it is still to be done.
            }
        }
    }

    /// <summary>What an agent says of itself.</summary>
    /// <param name="agent">As in a configuration, such as <c>ocf:heartbeat:IPaddr2</c>.</param>
    /// <param name="cancel">Ends the agent.</param>
    /// <exception cref="ResourceAgentException">It is not installed here, or what it says is no metadata.</exception>
    public Task<AgentMetadata> MetadataAsync(string agent, CancellationToken cancel) =>
        Agent.Parse(agent, ImmutableSortedDictionary<string, string>.Empty, options).DescribeAsync(cancel);

    /// <summary>
    /// Closes the journal. Actions that still run are not ended; a later executor's <see cref="RecoverAsync"/> finds them.
    /// </summary>
    public void Dispose() => journal.Dispose();

    private async Task<ResourceResult> RunFirstAsync(
        ResourceRequest request, TaskCompletionSource<ResourceResult> mine,
        Func<ResourceRequest, CancellationToken, ValueTask<bool>>? isMember, CancellationToken cancel)
    {
        try
        {
            ResourceResult result = await ExecuteAsync(request, isMember, cancel).ConfigureAwait(false);
            mine.SetResult(result);
            return result;
        }
        catch (OperationCanceledException)
        {
            mine.SetCanceled(CancellationToken.None);
            throw;
        }
        catch (Exception error)
        {
            mine.SetException(error);
            // Looked at here, as there may be nobody who joined.
            _ = mine.Task.Exception;
            throw;
        }
        finally
        {
            lock (gate)
            {
                running.Remove(request.ActionId);
            }
        }
    }

    private async Task<ResourceResult> ExecuteAsync(
        ResourceRequest request, Func<ResourceRequest, CancellationToken, ValueTask<bool>>? isMember, CancellationToken cancel)
    {
        Agent agent;
        AgentCall call;
        try
        {
            agent = Agent.Parse(request.Agent, request.Parameters, options);
            call = agent.Prepare(request);
            call = call with { Environment = call.Environment.SetItem(AgentEnvironment.ActionMarker, request.ActionId) };
        }
        catch (ResourceAgentException error)
        {
            return Remember(request, Unavailable(request, error.ExitCode, WithoutSecrets(request, error.Message)));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return NotBegun(request, WithoutSecrets(request, error.Message));
        }

        try
        {
            WriteIntent(request);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A question changes nothing and a stop is always right, with or without a note of them; only a start could be forgotten.
            if (request.Operation == ResourceOperation.Start)
            {
                return NotBegun(
                    request,
                    $"its intent could not be written ({error.Message.TrimEnd('.')}). "
                        + $"Free space on the disk of '{options.StateFolder}', or make it writable");
            }
        }

        try
        {
            if (isMember is not null && !await isMember(request, cancel).ConfigureAwait(false))
            {
                Withdraw(request);
                return NotBegun(request, "this node is no longer a confirmed member");
            }

            cancel.ThrowIfCancellationRequested();
        }
        catch
        {
            Withdraw(request);
            throw;
        }

        return Remember(request, await ExecuteAsync(request, agent, call, cancel).ConfigureAwait(false));
    }

    private async Task<ResourceResult> ExecuteAsync(ResourceRequest request, Agent agent, AgentCall call, CancellationToken cancel)
    {
        try
        {
            ResourceResult result = agent is ExecAgent { IsAsync: true }
                ? await RunAsyncProgramAsync(request, call, cancel).ConfigureAwait(false)
                : await RunAgentAsync(request, agent, call, cancel).ConfigureAwait(false);
            if (request.Operation is ResourceOperation.Start && !result.Success && !cancel.IsCancellationRequested
                && await agent.DiagnoseAsync(request, cancel).ConfigureAwait(false) is { } reason)
            {
                result = result with { Message = AgentMessage.With(result.Message, WithoutSecrets(request, reason)) };
            }

            return result;
        }
        catch (ProcessStartException error)
        {
            string remedy = error.NotFound ? "Check the interpreter named in its first line."
                : error.NotPermitted ? "Make it executable for the daemon's user."
                : error.CannotBeExecuted ? "Check that it is a program or a script with a '#!' line."
                : "See what the machine lacks (memory, processes, open files).";
            return Result(request, false, ExitCodes.NotStarted(error), WithoutSecrets(request, $"{error.Message} {remedy}")) with
            {
                ExitCode = error.NotFound ? 5 : error.NotPermitted ? 4 : 1, Begun = false,
            };
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // Whatever it is, whoever asked gets an answer: what is not known is said to be so.
            return Result(
                request, false, request.Operation == ResourceOperation.Start ? ResourceStatus.Failed : ResourceStatus.Unknown,
                WithoutSecrets(request, $"{Verb(request)}: {error.Message}"));
        }
    }

    private void WriteIntent(ResourceRequest request) => journal.Append(new JournalRecord
    {
        Kind = JournalRecordKind.Intent,
        ActionId = request.ActionId,
        BootId = ProcessIdentity.BootId,
        Group = request.Group,
        Resource = request.Resource,
        Agent = SecretText.Mask(request.Agent),
        Operation = request.Operation,
    });

    private void Withdraw(ResourceRequest request)
    {
        try
        {
            journal.Append(new JournalRecord { Kind = JournalRecordKind.Withdrawn, ActionId = request.ActionId });
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // An intent without a process: a later daemon finds nothing to end.
        }
    }

    private async Task<ResourceResult> RunAgentAsync(ResourceRequest request, Agent agent, AgentCall call, CancellationToken cancel)
    {
        ChildProcess child = ProcessRunner.Start(
            call.Request(request.Timeout) with { KillGrace = options.KillGrace, OutputTellsOfFailure = true }, cancel);
        RecordSpawn(request, child.Identity);
        ProcessOutcome outcome = await child.Completion.ConfigureAwait(false);
        if (outcome.ExitCode is { } exitCode && !outcome.TimedOut && !outcome.Cancelled)
        {
            AgentVerdict verdict = agent.Judge(request.Operation, exitCode, outcome.Output);
            // What a healthy agent chats is of no use to anybody.
            string output = exitCode == 0 ? "" : WithoutSecrets(request, outcome.Output, outcome.OutputCut);
            return Result(
                request, verdict.Success, verdict.Status,
                AgentMessage.With($"{Verb(request)} returned {exitCode} ({verdict.Word})", output)) with
            {
                ExitCode = exitCode,
                Duration = outcome.Duration,
            };
        }

        string sentence = outcome.TimedOut ? $"{Verb(request)} took longer than {request.Timeout.TotalSeconds:0.###} s and was ended"
            : outcome.Cancelled ? $"{Verb(request)} was cancelled and ended"
            : outcome.Signal is { } signal ? $"{Verb(request)} was ended by signal {signal}"
            : $"{Verb(request)} ended, but how could not be seen";
        if (outcome.Unkillable)
        {
            sentence += $"; its process {child.Identity.Pid} lives on after SIGKILL, stuck in the kernel";
        }

        // A question that was not answered leaves it open, and so does a stop that somebody killed; a change that was broken off leaves
        // something broken.
        ResourceStatus status = request.Operation is ResourceOperation.Start
            || (request.Operation is ResourceOperation.Stop && outcome.TimedOut)
            ? ResourceStatus.Failed : ResourceStatus.Unknown;
        return Result(request, false, status, AgentMessage.With(sentence, WithoutSecrets(request, outcome.Output, outcome.OutputCut))) with
        {
            TimedOut = outcome.TimedOut,
            Duration = outcome.Duration,
        };
    }

    private async Task<ResourceResult> RunAsyncProgramAsync(ResourceRequest request, AgentCall call, CancellationToken cancel)
    {
        long started = Stopwatch.GetTimestamp();
        var program = new AsyncProgram(request, options);
        AgentVerdict verdict;
        string output = "";
        try
        {
            switch (request.Operation)
            {
                case ResourceOperation.Start:
                    (verdict, output) = await program.StartAsync(request, call, identity => RecordSpawn(request, identity), cancel)
                        .ConfigureAwait(false);
                    break;
                case ResourceOperation.Stop:
                    verdict = await program.StopAsync(request, options.KillGrace, cancel).ConfigureAwait(false);
                    break;
                case ResourceOperation.Probe or ResourceOperation.Monitor:
                    verdict = program.Look();
                    break;
                default:
                    throw new InvalidOperationException($"Unknown operation {request.Operation}.");
            }
        }
        catch (OperationCanceledException)
        {
            verdict = new AgentVerdict(
                false, request.Operation == ResourceOperation.Start ? ResourceStatus.Failed : ResourceStatus.Unknown, "cancelled");
        }

        return Result(
            request, verdict.Success, verdict.Status,
            AgentMessage.With($"{Verb(request)}: {verdict.Word}", WithoutSecrets(request, output))) with
        {
            ExitCode = verdict.Success ? (verdict.Status, request.Operation) switch
            {
                (ResourceStatus.Stopped, ResourceOperation.Probe or ResourceOperation.Monitor) => 7,
                (ResourceStatus.Failed, _) => 1,
                _ => 0,
            } : 1,
            Duration = Stopwatch.GetElapsedTime(started),
        };
    }

    private void RecordSpawn(ResourceRequest request, ProcessIdentity identity)
    {
        try
        {
            journal.Append(new JournalRecord
            {
                Kind = JournalRecordKind.Spawned, ActionId = request.ActionId, Pid = identity.Pid, StartTime = identity.StartTime,
            });
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // The process is there either way; a later daemon still finds it by its environment.
        }
    }

    private ResourceResult Remember(ResourceRequest request, ResourceResult result)
    {
        try
        {
            journal.Append(new JournalRecord
            {
                Kind = JournalRecordKind.Result,
                ActionId = request.ActionId,
                Operation = request.Operation,
                Result = result,
            });
            return result;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            return result with { Message = $"{result.Message} (this result could not be recorded: {error.Message})" };
        }
    }

    private static ResourceResult Unavailable(ResourceRequest request, int exitCode, string reason) =>
        Result(request, false, ResourceStatus.CannotRun, reason) with { ExitCode = exitCode, Begun = false };

    private static ResourceResult NotBegun(ResourceRequest request, string why) =>
        Result(request, false, ResourceStatus.Unknown, $"{Verb(request)} was not begun: {why}") with { Begun = false };

    private static ResourceResult Result(ResourceRequest request, bool success, ResourceStatus status, string message) => new()
    {
        ActionId = request.ActionId, Success = success, Status = status, Message = message,
    };

    /// <summary>What an agent printed, or what was found out for it, as it may be told.</summary>
    private static string WithoutSecrets(ResourceRequest request, string output, bool cut = false) =>
        output.Length == 0 ? output : new SecretValues(request.Agent, request.Parameters, request.IsSecret).Remove(output, cut);

    private static string Verb(ResourceRequest request) => request.Operation.ToString().ToLowerInvariant();

    private async Task<ImmutableArray<InterruptedAction>> RecoverOnceAsync()
    {
        var interrupted = ImmutableArray.CreateBuilder<InterruptedAction>();
        foreach (JournalRecord intent in journal.OpenIntents)
        {
            bool sameBoot = intent.BootId == ProcessIdentity.BootId;
            string message = "interrupted: the machine was restarted before it ended";
            if (sameBoot)
            {
                InterruptedAction action = await EndLeftoversAsync(intent).ConfigureAwait(false);
                interrupted.Add(action);
                message = $"interrupted by a restart of the daemon; {action.Ended} processes that were left of it were ended";
            }

            journal.Append(new JournalRecord
            {
                Kind = JournalRecordKind.Result,
                ActionId = intent.ActionId,
                Operation = intent.Operation,
                Result = new ResourceResult
                {
                    ActionId = intent.ActionId,
                    Success = false,
                    Status = ResourceStatus.Unknown,
                    Message = message,
                },
            });
        }

        await WarmUpAsync().ConfigureAwait(false);
        return interrupted.DrainToImmutable();
    }

    // A call of a program that does nothing, by the path of a real one, so that the first start does not wait for code to be compiled.
    private async Task WarmUpAsync()
    {
        if (ProcessRunner.SearchPath("true", ProcessRunner.DefaultPath) is not { } nothing)
        {
            return;
        }

        var request = new ResourceRequest
        {
            ActionId = $"warm-up-{Guid.NewGuid():N}",
            Group = "",
            Resource = "none:none",
            Agent = $"exec:{nothing}",
            Operation = ResourceOperation.Probe,
            Timeout = TimeSpan.FromSeconds(10),
        };
        _ = await RunFirstAsync(request, new TaskCompletionSource<ResourceResult>(), isMember: null, CancellationToken.None)
            .ConfigureAwait(false);
    }

    private async Task<InterruptedAction> EndLeftoversAsync(JournalRecord intent)
    {
        string marker = $"{AgentEnvironment.ActionMarker}={intent.ActionId}";
        // Without a pid the daemon ended between the spawn and its record: then everything of that action is meant.
        Func<ImmutableArray<ProcessIdentity>> find = intent is { Pid: { } pid, StartTime: { } start }
            ? () => ProcessGroup.Members(new ProcessIdentity(pid, start), marker)
            : () => ProcessGroup.Marked(marker);
        int count = 0;
        ImmutableArray<ProcessIdentity> survivors = [];
        if (OperatingSystem.IsLinux())
        {
            count = find().Length;
            survivors = await ProcessGroup.EndAsync(find, options.KillGrace, RecoveryKillLimit, CancellationToken.None)
                .ConfigureAwait(false);
        }

        return new InterruptedAction(
            intent.ActionId, intent.Group ?? "", intent.Resource ?? "", intent.Agent ?? "", intent.Operation ?? ResourceOperation.Probe,
            count, survivors);
    }
}
