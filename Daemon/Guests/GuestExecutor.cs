using System.Runtime.CompilerServices;
using ClusterTools.Agents;
using ClusterTools.Core.Configuration;
using ClusterTools.Guests.Executing;

namespace ClusterTools.Guests;

/// <summary>
/// Carries out what is asked of guests' resources: a request in, a result out. What is so already is well, so that anything may be asked
/// again. One connection for each hypervisor, opened when it is needed.
/// </summary>
/// <param name="open">The hypervisor at a URI; it need not answer yet.</param>
/// <param name="clock">Null: the machine's.</param>
public sealed class GuestExecutor(Func<string, IHypervisor> open, TimeProvider? clock = null) : IAsyncDisposable
{
    private readonly TimeProvider clock = clock ?? TimeProvider.System;
    private readonly Lock gate = new();
    private readonly Dictionary<string, IHypervisor> hypervisors = new(StringComparer.Ordinal);
    private bool disposed;

    /// <summary>Starts, stops or looks at a guest. Faults of its hypervisor are results; nothing is thrown for them.</summary>
    /// <param name="request">What is asked; <see cref="ResourceRequest.Timeout"/> bounds all of it.</param>
    /// <param name="cancel">Before anything was asked for: nothing happened. After it: the result says so, and what came of it is not
    /// known.</param>
    /// <exception cref="OperationCanceledException">Cancelled before anything was asked for that may change something.</exception>
    public async Task<ResourceResult> RunAsync(ResourceRequest request, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancel.ThrowIfCancellationRequested();
        using var limit = new CancellationTokenSource(request.Timeout, clock);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        var call = new GuestCall(request, HypervisorAt, clock, ending.Token);
        try
        {
            GuestAnswer answer = await AnswerAsync(call).ConfigureAwait(false);
            return Result(call, answer) with { Begun = answer.Success || IsQuestion(request) || call.Begun };
        }
        catch (HypervisorException e)
        {
            string message = await ExplainAsync(call, e).ConfigureAwait(false);
            return Result(call, new GuestAnswer(false, StatusOf(call, e.Fault), message)) with
            {
                Begun = call.Begun || (IsQuestion(request) && e.Fault != HypervisorFault.Unreachable),
            };
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested && call.Begun)
        {
            return Result(call, GuestAnswer.Unknown($"{What(call)} was cancelled; what came of it is not known."));
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested && limit.IsCancellationRequested)
        {
            return Result(call, GuestAnswer.Unknown(
                $"{What(call)} took longer than {request.Timeout.TotalSeconds:0.###} s and was given up.")) with { TimedOut = true };
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whatever it is, whoever asked gets an answer: what is not known is said to be so.
            return Result(call, GuestAnswer.Unknown($"{What(call)}: {e.Message}"));
        }
    }

    /// <summary>
    /// Moves a guest to another host, and comes back when its hypervisor has seen the end of it. Faults are results; nothing is thrown
    /// for them.
    /// </summary>
    /// <param name="request">Where to, and how.</param>
    /// <param name="progress">Told a few times a second; null: nobody wants to know.</param>
    /// <param name="cancel">Ends the migration; the guest stays here then, unless the last step was taken already.</param>
    /// <exception cref="OperationCanceledException">Cancelled before the hypervisor was asked to move it.</exception>
    public async Task<MigrationResult> MigrateAsync(
        MigrationRequest request, IProgress<MigrationProgress>? progress, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancel.ThrowIfCancellationRequested();
        IHypervisor host = HypervisorAt(GuestSettings.Of(request.Parameters).Uri);
        return await GuestMove.RunAsync(request, host, progress, cancel).ConfigureAwait(false);
    }

    /// <summary>
    /// Which guests of a host run, those that nobody here started too: first all that it knows, then each that begins or ends. The same may
    /// be told again; while the host can't be asked nothing is told. Never ends by itself.
    /// </summary>
    /// <param name="uri">The host's hypervisor.</param>
    /// <param name="cancel">Ends it.</param>
    public async IAsyncEnumerable<GuestNotice> WatchAsync(string uri, [EnumeratorCancellation] CancellationToken cancel)
    {
        IHypervisor host = HypervisorAt(uri);
        var notices = new GuestNotices(host, clock);
        await foreach (GuestEvent happening in host.WatchAsync(cancel).ConfigureAwait(false))
        {
            foreach (GuestNotice notice in await notices.OfAsync(happening, cancel).ConfigureAwait(false))
            {
                yield return notice;
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        IHypervisor[] all;
        lock (gate)
        {
            disposed = true;
            all = [.. hypervisors.Values];
            hypervisors.Clear();
        }

        foreach (IHypervisor hypervisor in all)
        {
            await hypervisor.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static Task<GuestAnswer> AnswerAsync(GuestCall call) => call.Request.Operation switch
    {
        ResourceOperation.Probe => LookAsync(call, isMonitor: false),
        ResourceOperation.Monitor => LookAsync(call, isMonitor: true),
        ResourceOperation.Start => GuestStart.RunAsync(call),
        ResourceOperation.Stop => new GuestStop(call).RunAsync(),
        _ => throw new InvalidOperationException($"Unknown operation {call.Request.Operation}."),
    };

    private static async Task<GuestAnswer> LookAsync(GuestCall call, bool isMonitor)
    {
        Guest? guest = await call.FindAsync().ConfigureAwait(false);
        if (isMonitor && call.Settings.OnIoError == GuestIoError.Resume
            && guest is { Phase: GuestPhase.Paused, Cause: GuestCause.DiskError, Job: GuestJob.None })
        {
            await call.ChangeAsync((host, cancel) => host.ResumeAsync(call.Name, cancel)).ConfigureAwait(false);
            return GuestAnswer.Running($"Guest '{call.Name}' stood still because of one of its disks, and goes on.");
        }

        return GuestLook.Of(call.Name, guest, call.Settings.OnIoError, decides: !isMonitor);
    }

    private static bool IsQuestion(ResourceRequest request) => request.Operation is ResourceOperation.Probe or ResourceOperation.Monitor;

    private static string What(GuestCall call) => $"{call.Request.Operation} of guest '{call.Name}'";

    private static ResourceStatus StatusOf(GuestCall call, HypervisorFault fault) => (call.Request.Operation, fault) switch
    {
        (ResourceOperation.Start, HypervisorFault.BadDefinition or HypervisorFault.NoSuchGuest) => ResourceStatus.CannotRun,
        // Of a question before the start it says nothing.
        (ResourceOperation.Start, HypervisorFault.Failed) when call.Begun => ResourceStatus.Failed,
        _ => ResourceStatus.Unknown,
    };

    /// <summary>A fault in words; of one that is held also by what.</summary>
    private static async Task<string> ExplainAsync(GuestCall call, HypervisorException fault)
    {
        try
        {
            return fault.Fault == HypervisorFault.Busy
                && await call.FindAsync().ConfigureAwait(false) is { Job: not GuestJob.None and var job }
                    ? $"{HeldGuest.Explain(call.Name, job)} {fault.Message}"
                    : fault.Message;
        }
        catch (Exception e) when (e is HypervisorException or OperationCanceledException)
        {
            return fault.Message;
        }
    }

    private static ResourceResult Result(GuestCall call, GuestAnswer answer) => new()
    {
        ActionId = call.Request.ActionId,
        Success = answer.Success,
        Status = answer.Status,
        Message = answer.Message,
        Begun = call.Begun,
        Duration = call.Elapsed,
    };

    private IHypervisor HypervisorAt(string uri)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (!hypervisors.TryGetValue(uri, out IHypervisor? hypervisor))
            {
                hypervisors.Add(uri, hypervisor = open(uri));
            }

            return hypervisor;
        }
    }
}
