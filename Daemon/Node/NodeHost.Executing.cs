using System.Collections.Immutable;
using ClusterTools.Agents;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Engines;
using ClusterTools.Fencing;

namespace ClusterTools.Node;

public sealed partial class NodeHost
{
    // A probe of thousands of resources must not start thousands of processes at once.
    private readonly SemaphoreSlim probing = new(16);

    // Stops and status checks of a resource that does not enforce timeouts still end some day.
    private static readonly TimeSpan Unenforced = TimeSpan.FromHours(1);

    /// <summary>For so long what an agent says of itself is waited for where it would tell more than its name.</summary>
    private static readonly TimeSpan MetadataPatience = TimeSpan.FromSeconds(5);

    /// <summary>Groups that something is done for, or may be.</summary>
    internal int Workers
    {
        get
        {
            lock (gate)
            {
                return workers.Count;
            }
        }
    }

    private GroupWorker Worker(string group)
    {
        if (!workers.TryGetValue(group, out GroupWorker? worker))
        {
            worker = new GroupWorker((resource, check, cancel) => MonitorAsync(group, resource, check, cancel));
            workers.Add(group, worker);
        }

        return worker;
    }

    /// <summary>Groups that are no longer there leave no worker behind, as soon as what it does has ended.</summary>
    private void ForgetWorkers()
    {
        ClusterState acting = replica.Acting;
        if (workers.Count <= acting.Groups.Count)
        {
            return;
        }

        foreach ((string group, GroupWorker worker) in workers.Where(w => !acting.Groups.ContainsKey(w.Key) && w.Value.IsIdle).ToArray())
        {
            workers.Remove(group);
            _ = worker.DisposeAsync().AsTask();
        }
    }

    /// <summary>A start needs a view confirmed more recently than the token time; a stop is always right.</summary>
    private async ValueTask<bool> MaySpawnAsync(ResourceRequest request, CancellationToken cancellationToken) =>
        request.Operation != ResourceOperation.Start
        || BootClock.Now - engine.LastConfirmed < Token
        || await engine.ConfirmAsync(cancellationToken).ConfigureAwait(false);

    private async Task RunAsync(ResourceAction action, FinalAction? next)
    {
        Interlocked.Increment(ref inFlight);
        try
        {
            if (action.Id.Operation == ActionOperation.FinalScript)
            {
                Answer(await FinalScriptAsync(action, next).ConfigureAwait(false));
                return;
            }

            bool start = action.Id.Operation == ActionOperation.Start;
            TimeSpan timeout = start ? TimeSpan.FromMilliseconds(action.Resource.StartTimeout)
                : action.Resource.EnforceTimeouts ? TimeSpan.FromMilliseconds(action.Resource.StopTimeout)
                : Unenforced;
            ResourceResult result = await Worker(action.Group).RunAsync(
                cancel => CallAsync(
                    action.Id.ToString(), action.Group, action.Resource,
                    start ? ResourceOperation.Start : ResourceOperation.Stop, timeout, cancel),
                ending.Token).ConfigureAwait(false);
            Answer(new ActionCompleted(action.Id, result.Success, result.Message, Outcome(result)));
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
        }
        finally
        {
            Interlocked.Decrement(ref inFlight);
        }
    }

    private static ActionAnswer Outcome(ResourceResult result) => result.Status switch
    {
        _ when result.Success => ActionAnswer.Given,
        ResourceStatus.CannotRun => ActionAnswer.CannotRun,
        _ when !result.Begun => ActionAnswer.NotBegun,
        ResourceStatus.Unknown => ActionAnswer.Unknown,
        _ => ActionAnswer.Given,
    };

    private async Task ProbeAsync(RunProbe probe)
    {
        // What is asked for with a new configuration is answered by that one, which is not shown yet.
        ClusterConfiguration configuration = replica.Acting.Configuration;
        Interlocked.Increment(ref inFlight);
        try
        {
            Task<string?> access = disks.WhyNoneAsync(configuration, ending.Token);
            ImmutableArray<FoundResource>[] found = await Task.WhenAll(probe.Groups.Select(ProbeAsync)).ConfigureAwait(false);
            string? why = await access.ConfigureAwait(false);
            Answer(new Probed(
                probe.Action.Id, level,
                [.. found.Zip(probe.Groups, (f, group) => why is null || !f.IsEmpty ? f : CannotRun(group, why)).SelectMany(f => f)]));
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
        }
        finally
        {
            Interlocked.Decrement(ref inFlight);
        }
    }

    /// <summary>A machine that may not write to the disks is no place for a group: which of them are on these disks nobody knows.</summary>
    private static ImmutableArray<FoundResource> CannotRun(ProbedGroup group, string why) =>
        [.. group.Resources.Take(1).Select(r => new FoundResource(group.Name, r.Id, FoundAnswer.CannotRun, why))];

    private async Task<ImmutableArray<FoundResource>> ProbeAsync(ProbedGroup group)
    {
        GroupWorker worker;
        lock (gate)
        {
            worker = Worker(group.Name);
            worker.Enter();
        }

        try
        {
            // All at once: one that hangs costs its own time, not the sum of all.
            FoundResource?[] found = await Task.WhenAll(group.Resources.Select(r => ProbeAsync(worker, group.Name, r)))
                .ConfigureAwait(false);
            return [.. found.OfType<FoundResource>()];
        }
        finally
        {
            worker.Leave();
        }
    }

    private async Task<FoundResource?> ProbeAsync(GroupWorker worker, string group, ResourceConfiguration resource)
    {
        ResourceResult result = await worker.AskAsync(
            resource.Id,
            async cancel =>
            {
                await probing.WaitAsync(cancel).ConfigureAwait(false);
                try
                {
                    return await CallAsync(
                        $"probe/{Incarnation}/{Guid.NewGuid():N}", group, resource, ResourceOperation.Probe,
                        TimeSpan.FromMilliseconds(resource.MonitorTimeout), cancel).ConfigureAwait(false);
                }
                finally
                {
                    probing.Release();
                }
            },
            ending.Token).ConfigureAwait(false);
        return result.Status switch
        {
            ResourceStatus.Stopped => null,
            ResourceStatus.Running => new FoundResource(group, resource.Id, FoundAnswer.Runs),
            ResourceStatus.Failed => new FoundResource(group, resource.Id, FoundAnswer.Broken, result.Message),
            ResourceStatus.Unknown => new FoundResource(group, resource.Id, FoundAnswer.Unknown, result.Message),
            ResourceStatus.CannotRun => new FoundResource(group, resource.Id, FoundAnswer.CannotRun, result.Message),
            _ => throw new InvalidOperationException($"Unknown status {result.Status}."),
        };
    }

    /// <summary>False: the question was not answered, and is to be asked again soon.</summary>
    private async Task<bool> MonitorAsync(string group, ResourceConfiguration resource, StatusCheck check, CancellationToken cancel)
    {
        ResourceResult result = await CallAsync(
            $"monitor/{Incarnation}/{Guid.NewGuid():N}", group, resource, ResourceOperation.Monitor,
            resource.EnforceTimeouts ? TimeSpan.FromMilliseconds(check.Timeout) : Unenforced, cancel, check).ConfigureAwait(false);
        // It runs here by the record: an agent that can't tell any more has not said that it does not.
        bool answered = result.Status is not (ResourceStatus.Unknown or ResourceStatus.CannotRun);
        string message = check.Depth == 0 ? result.Message : $"{result.Message} (status check of depth {check.Depth})";
        cancel.ThrowIfCancellationRequested();
        lock (gate)
        {
            if (!answered)
            {
                replica.OnMonitorUnknown(group, resource.Id, check.Depth, message);
            }
            else if (result.Status == ResourceStatus.Running)
            {
                replica.OnMonitorAnswered(group, resource.Id, check.Depth);
            }
            else
            {
                replica.OnMonitorFailed(group, resource.Id, message);
            }

            ActSafely();
        }

        return answered;
    }

    private async Task<ResourceResult> CallAsync(
        string id, string group, ResourceConfiguration resource, ResourceOperation operation, TimeSpan timeout, CancellationToken cancel,
        StatusCheck? check = null)
    {
        Interlocked.Increment(ref spawned);
        try
        {
            var request = new ResourceRequest
            {
                ActionId = id,
                Group = group,
                Resource = resource.Id,
                Agent = resource.Agent,
                Operation = operation,
                Timeout = timeout,
                CheckLevel = check?.Depth ?? 0,
                Interval = TimeSpan.FromMilliseconds(check?.Interval ?? 0),
                Parameters = AddressSpelling.OfAll(resource.Parameters),
                IsSecret = parameter => Agents.IsSecret(resource.Agent, parameter),
            };
            return await (GuestSettings.Is(resource.Agent) ? RunGuestAsync(request, cancel) : agents.RunAsync(request, cancel))
                .ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // Whoever waits for this must not wait for ever, and the status checks must go on.
            return new ResourceResult
            {
                ActionId = id,
                Success = false,
                Status = ResourceStatus.Unknown,
                Message = Unexpected($"{operation} of {resource.Id}", error, group),
            };
        }
    }

    /// <summary>Sees to it that work beside the gate ends in an answer, whatever it throws.</summary>
    /// <param name="work">Answers by itself when all goes well.</param>
    /// <param name="what">For the journal.</param>
    /// <param name="otherwise">The answer when it does not; null: there is none that would be true, and the life ends.</param>
    private async Task AnswerAlwaysAsync(Task work, string what, Func<string, ClusterEvent>? otherwise)
    {
        try
        {
            await work.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
        }
        catch (Exception error) when (otherwise is not null)
        {
            Answer(otherwise(Unexpected(what, error, null)));
        }
        catch (Exception error)
        {
            Fail(error, null);
        }
    }

    private string Unexpected(string what, Exception error, string? group)
    {
        string message = $"{what} could not be carried out: {Words(error)}. Please report this line.";
        Say(JournalSeverity.Error, "executor.failed", group is null ? message : $"Group '{group}': {message}");
        return message;
    }

    private async Task FenceAsync(RunFence asked)
    {
        FenceDeviceAction action = asked.Action;
        ClusterConfiguration configuration = replica.Acting.Configuration;
        Interlocked.Increment(ref inFlight);
        try
        {
            if (asked.Quorum == Quorum.Quorate
                && BootClock.Now - engine.LastConfirmed >= Token
                && !await engine.ConfirmAsync(ending.Token).ConfigureAwait(false))
            {
                return;
            }

            Interlocked.Increment(ref spawned);
            fenceQuestions.LetGo(action.Call.Device);
            if (action.Id.Operation == ActionOperation.FenceOff
                && await disks.WhyNoProofAsync(configuration, action.Call.Device).ConfigureAwait(false) is { } noProof)
            {
                Answer(new FenceCompleted(action.Id, false, $"its answer would prove nothing: {noProof}"));
                return;
            }

            bool isOn = action.Id.Operation == ActionOperation.FenceOn;
            // What was asked for by a person is done.
            if (isOn && asked.Device is { } device && replica.Acting.Fences.GetValueOrDefault(action.Target) is { OnlyOn: false }
                && await LeavesRunningAsync(device.Agent).ConfigureAwait(false))
            {
                Answer(new FenceCompleted(
                    action.Id, true, $"{device.Agent} leaves a node running, which may have been cut off in the middle of a write: "
                        + "the node gives itself back what was taken, when it has booted"));
                return;
            }

            Say(JournalSeverity.Information, "fence.call", $"Fence device '{action.Call.Device}' is asked to switch "
                + $"{action.Target} {(isOn ? "on" : "off")}.", action.Target);
            FenceResult result = await fencing.RunAsync(
                FenceRequestOf(
                    action.Id.ToString(), action.Target, action.Call.Device, action.Call.Parameters,
                    isOn ? FenceOperation.On : FenceOperation.Off, asked.Device, asked.Timeout),
                ending.Token).ConfigureAwait(false);
            Answer(new FenceCompleted(action.Id, result.Success, result.Message, result.NoProof, (long)result.Duration.TotalMilliseconds));
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
        }
        finally
        {
            Interlocked.Decrement(ref inFlight);
        }
    }

    /// <summary>
    /// What agents say of themselves must be known before it is needed: which parameters are secrets, and which fence agents cut nothing
    /// off.
    /// </summary>
    private async Task AskAgentsAsync(ClusterConfiguration configuration)
    {
        try
        {
            foreach (string agent in configuration.FenceDevices.Values.Select(d => d.Agent).Distinct(StringComparer.Ordinal)
                .Where(a => fencing.FileOf(a) is not null))
            {
                await AskAsync(Agents.DescribeFenceAsync(agent, ending.Token)).ConfigureAwait(false);
            }

            foreach (string agent in configuration.Groups.Values.SelectMany(g => ResourceTree.OfAll(g).StartOrder).Select(r => r.Agent)
                .Where(a => a.StartsWith("ocf:", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal))
            {
                await AskAsync(Agents.DescribeAsync(agent, ending.Token)).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException && ending.IsCancellationRequested)
        {
            // This life is over.
        }
    }

    /// <summary>
    /// Whether an agent cuts nodes off from their disks, and leaves them running: by its name, or by its own words, which ask for its 'on'
    /// when a node joins.
    /// </summary>
    private async Task<bool> LeavesRunningAsync(string agent)
    {
        if (StorageAgents.Is(agent))
        {
            return true;
        }

        await AskAsync(Agents.DescribeFenceAsync(agent, ending.Token).WaitAsync(MetadataPatience, ending.Token)).ConfigureAwait(false);
        return Agents.KnownFence(agent) is { LeavesRunning: true };
    }

    private static async Task AskAsync(Task answer)
    {
        try
        {
            await answer.ConfigureAwait(false);
        }
        catch (Exception e) when (e is FenceAgentException or ResourceAgentException or TimeoutException)
        {
            // Who has to use it will say so.
        }
    }

    private Task<FenceResult> CallForItselfAsync(
        ClusterConfiguration configuration, FenceStep step, FenceDevice device, FenceOperation operation)
    {
        Interlocked.Increment(ref spawned);
        return fencing.RunAsync(
            FenceRequestOf(
                $"own/{operation}/{Guid.NewGuid():N}", settings.Node, step.Device, step.Parameters, operation, device,
                configuration.Timing.FenceTimeout),
            ending.Token);
    }

    private static FenceRequest FenceRequestOf(
        string id,
        string target,
        string deviceName,
        ImmutableSortedDictionary<string, string> call,
        FenceOperation operation,
        FenceDevice? device,
        int timeout)
    {
        return new FenceRequest
        {
            ActionId = id,
            Target = target,
            Device = deviceName,
            Agent = device?.Agent ?? "(not configured)",
            Operation = operation,
            Timeout = TimeSpan.FromMilliseconds(timeout),
            Parameters = (device?.Parameters ?? ClusterConfiguration.Sorted<string>()).SetItems(call),
        };
    }

    private void Answer(ClusterEvent result)
    {
        lock (gate)
        {
            try
            {
                replica.OnResult(result, BootClock.Now);
                Act();
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                Fail(error, null);
            }
        }
    }
}
