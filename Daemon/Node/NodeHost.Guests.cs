using ClusterTools.Agents;
using ClusterTools.Core;
using ClusterTools.Core.Configuration;
using ClusterTools.Engines;
using ClusterTools.Guests;
using ClusterTools.Guests.Libvirt;

namespace ClusterTools.Node;

/// <content>Guests that the daemon runs by itself: what is asked of them, how they move, and what their hypervisor tells unasked.</content>
public sealed partial class NodeHost
{
    private static readonly TimeSpan WatchAgain = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan TellAgain = TimeSpan.FromSeconds(1);

    private readonly GuestExecutor guests = new(static uri => new LibvirtHypervisor(new LibvirtOptions { Uri = uri }));
    private readonly Dictionary<ActionId, CancellationTokenSource> migrations = [];

    /// <summary>What was told last of guests, by their groups.</summary>
    private readonly Dictionary<string, GuestNotice> noticed = new(StringComparer.Ordinal);
    private readonly HashSet<string> guestsAsked = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task> guestWatches = new(StringComparer.Ordinal);

    private async Task<ResourceResult> RunGuestAsync(ResourceRequest request, CancellationToken cancel) =>
        await MaySpawnAsync(request, cancel).ConfigureAwait(false)
            ? await guests.RunAsync(request, cancel).ConfigureAwait(false)
            : new ResourceResult
            {
                ActionId = request.ActionId,
                Success = false,
                Status = ResourceStatus.Unknown,
                Begun = false,
                Message = "this node is no longer a confirmed member.",
            };

    private async Task MigrateAsync(RunMigration asked)
    {
        MigrationAction action = asked.Action;
        GuestSettings settings = GuestSettings.Of(action.Resource.Parameters);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ending.Token);
        Interlocked.Increment(ref inFlight);
        migrations.Add(action.Id, end);
        try
        {
            // What was begun before for the group ends first; whoever asks how it is need not wait for the end of this.
            await Worker(action.Group).RunAsync(static _ => Task.FromResult(true), end.Token).ConfigureAwait(false);
            if (BootClock.Now - engine.LastConfirmed >= Token && !await engine.ConfirmAsync(end.Token).ConfigureAwait(false))
            {
                Answer(new ActionCompleted(
                    action.Id, false, "this node is no longer a confirmed member.", ActionAnswer.NotBegun));
                return;
            }

            if (!State.Members.ContainsKey(action.To))
            {
                Answer(new ActionCompleted(action.Id, false, $"{action.To} takes no part any more.", ActionAnswer.NotBegun));
                return;
            }

            Interlocked.Increment(ref spawned);
            MigrationResult result = await guests.MigrateAsync(
                new MigrationRequest
                {
                    Resource = action.Resource.Id,
                    Parameters = action.Resource.Parameters,
                    Destination = GuestSettings.At(settings.MigrationUri, asked.To),
                    Network = settings.MigrationNetwork is { } network ? GuestSettings.At(network, asked.To) : null,
                    Kind = action.Kind == Core.Configuration.MigrationKind.Live
                        ? Guests.MigrationKind.Live
                        : Guests.MigrationKind.Suspended,
                },
                new MigrationTeller(figures => Tell(action.Id, figures)),
                end.Token).ConfigureAwait(false);
            if (result.Figures is { } took)
            {
                Tell(action.Id, took);
            }

            Answer(new ActionCompleted(
                action.Id, result.Success, result.Message, result.Begun ? ActionAnswer.Given : ActionAnswer.NotBegun));
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
        }
        catch (OperationCanceledException)
        {
            Answer(new ActionCompleted(action.Id, false, "it was ended before it had begun.", ActionAnswer.NotBegun));
        }
        finally
        {
            lock (gate)
            {
                migrations.Remove(action.Id);
            }

            Interlocked.Decrement(ref inFlight);
        }
    }

    private void EndMigration(ActionId id)
    {
        if (migrations.TryGetValue(id, out CancellationTokenSource? end))
        {
            _ = end.CancelAsync();
        }
    }

    private void Tell(ActionId id, MigrationProgress progress)
    {
        lock (gate)
        {
            replica.OnMigrationTold(id, new MigrationFigures(
                (long)progress.Elapsed.TotalMilliseconds, (long?)progress.Downtime?.TotalMilliseconds, progress.Sent, progress.Remaining,
                progress.Total, progress.Speed, progress.Rounds));
            ActSafely();
        }
    }

    /// <summary>Listens to the hypervisors that run guests of the configuration.</summary>
    private void WatchGuests(ClusterConfiguration configuration)
    {
        foreach (string uri in configuration.Groups.Values.Select(g => g.Guest?.Uri).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            if (!guestWatches.ContainsKey(uri))
            {
                guestWatches.Add(uri, Task.Run(() => WatchGuestsAsync(uri)));
            }
        }
    }

    private async Task WatchGuestsAsync(string uri)
    {
        string? told = null;
        while (!ending.IsCancellationRequested)
        {
            try
            {
                await foreach (GuestNotice notice in guests.WatchAsync(uri, ending.Token).ConfigureAwait(false))
                {
                    told = null;
                    OnNotice(uri, notice);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException && ending.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                if (told != e.Message)
                {
                    told = e.Message;
                    Say(
                        JournalSeverity.Warning, "guest.watch",
                        $"The hypervisor at {uri} can't be listened to: {Words(e)}. Status checks go on; it is tried again.");
                }

                await Task.Delay(WatchAgain, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void OnNotice(string uri, GuestNotice notice)
    {
        lock (gate)
        {
            foreach (GroupState group in replica.State.Groups.Values)
            {
                if (group.Definition.Guest is { } settings && settings.Uri == uri
                    && settings.NameIn(group.Definition.Resources[0]) == notice.Name)
                {
                    noticed[group.Name] = notice;
                    if (notice is { Runs: true, Guest: { } guest })
                    {
                        replica.OnGuestTold(
                            group.Name, new GuestFacts($"{guest.Id}", guest.Memory, guest.MaxMemory, guest.Processors));
                    }

                    CompareGuest(group.Name);
                }
            }

            ActSafely();
        }
    }

    /// <summary>After a change of the state: what was told before may be news now, and what is new may not have been told.</summary>
    private void CompareGuests()
    {
        foreach (string group in noticed.Keys.ToArray())
        {
            CompareGuest(group);
        }
    }

    /// <summary>What was told may be old: the hypervisor is asked before it counts.</summary>
    private void CompareGuest(string group)
    {
        if (!noticed.TryGetValue(group, out GuestNotice? notice) || !replica.State.Groups.TryGetValue(group, out GroupState? state))
        {
            return;
        }

        if (!replica.IsNews(group, notice.Runs))
        {
            if (notice.MovedAway && state is { Pending: null, Migration: null } && !state.ActiveOn.Contains(Name))
            {
                // The cluster knows that it is gone from here: of what becomes of it later this says nothing.
                noticed[group] = notice with { MovedAway = false };
            }
        }
        else if (guestsAsked.Add(group))
        {
            _ = AskGuestAsync(Worker(group), group, state.Definition.Resources[0], state.ProbeVersion, notice.MovedAway);
        }
    }

    private async Task AskGuestAsync(GroupWorker worker, string group, ResourceConfiguration resource, long asked, bool movedAway)
    {
        try
        {
            ResourceResult result = await worker.AskAsync(
                resource.Id,
                cancel => CallAsync(
                    $"notice/{Incarnation}/{Guid.NewGuid():N}", group, resource, ResourceOperation.Probe,
                    TimeSpan.FromMilliseconds(resource.MonitorTimeout), cancel),
                ending.Token).ConfigureAwait(false);
            lock (gate)
            {
                guestsAsked.Remove(group);
                if (result.Status is ResourceStatus.Unknown or ResourceStatus.CannotRun
                    || !noticed.TryGetValue(group, out GuestNotice? last))
                {
                    return;
                }

                bool runs = result.Status != ResourceStatus.Stopped;
                noticed[group] = last with { Runs = runs };
                replica.OnGuestSeen(group, runs, asked, movedAway && !runs);
                ActSafely();
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
        }
    }

    /// <summary>Tells of a migration at its beginning, and once a second then: each time is a commit.</summary>
    private sealed class MigrationTeller(Action<MigrationProgress> tell) : IProgress<MigrationProgress>
    {
        private long next = long.MinValue;

        public void Report(MigrationProgress value)
        {
            if (Environment.TickCount64 >= next)
            {
                next = Environment.TickCount64 + (long)TellAgain.TotalMilliseconds;
                tell(value);
            }
        }
    }
}
