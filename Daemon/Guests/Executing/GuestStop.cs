using System.Threading.Channels;

namespace ClusterTools.Guests.Executing;

/// <summary>Sees to it that a guest is off: it may shut down by itself for a while, and is switched off then.</summary>
internal sealed class GuestStop(GuestCall call)
{
    /// <summary>A guest that boots does not notice its power button.</summary>
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan MostReserve = TimeSpan.FromSeconds(10);

    // Full: the guest is to be looked at.
    private readonly Channel<bool> changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private string? refusal;

    public async Task<GuestAnswer> RunAsync()
    {
        switch (await call.FindAsync().ConfigureAwait(false))
        {
            case null:
                return GuestAnswer.Stopped($"The host does not know guest '{call.Name}'.");
            case { Phase: GuestPhase.Off }:
                return GuestAnswer.Stopped($"Guest '{call.Name}' is off.");
            case { } guest when WhyAtOnce(guest) is { } why:
                return await SwitchOffAsync(why).ConfigureAwait(false);
        }

        TimeSpan wait = Wait();
        return wait <= TimeSpan.Zero ? await SwitchOffAsync("has no time to shut down").ConfigureAwait(false)
            : await HasShutDownAsync(wait).ConfigureAwait(false) ? GuestAnswer.Stopped($"Guest '{call.Name}' has shut down.")
            : await SwitchOffAsync($"did not shut down within {wait.TotalSeconds:0.#} s").ConfigureAwait(false);
    }

    /// <summary>
    /// Why asking it to shut down would be of no use; null: it may be. What is held by a job is only paused for a moment.
    /// </summary>
    private static string? WhyAtOnce(Guest guest) => guest switch
    {
        { Job: GuestJob.MigrationIn } => "was coming from another host",
        _ when GuestLook.HasCrashed(guest) => "had crashed",
        { Phase: GuestPhase.Paused, Job: GuestJob.None } => "stood still",
        { Phase: GuestPhase.Asleep, Job: GuestJob.None } => "slept",
        _ => null,
    };

    /// <summary>How long it may take by itself, so that there is time to switch it off.</summary>
    private TimeSpan Wait()
    {
        TimeSpan timeout = call.Request.Timeout;
        TimeSpan reserve = timeout / 4 < MostReserve ? timeout / 4 : MostReserve;
        TimeSpan most = timeout - reserve - call.Elapsed;
        return call.Settings.ShutdownWait is { } seconds && TimeSpan.FromSeconds(seconds) < most ? TimeSpan.FromSeconds(seconds) : most;
    }

    private async Task<GuestAnswer> SwitchOffAsync(string why)
    {
        await call.ChangeAsync((host, cancel) => host.PowerOffAsync(call.Name, cancel)).ConfigureAwait(false);
        return GuestAnswer.Stopped(
            $"Guest '{call.Name}' {why} and was switched off.{(refusal is null ? "" : $" It could not be asked to shut down: {refusal}")}");
    }

    private async Task<bool> HasShutDownAsync(TimeSpan wait)
    {
        using var over = new CancellationTokenSource(wait, call.Clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(over.Token, call.Ending);
        Task watching = WatchAsync(limit.Token);
        try
        {
            // The first thing that is told is that it is being watched.
            await changes.Reader.ReadAsync(limit.Token).ConfigureAwait(false);
            while (true)
            {
                await AskAsync(limit.Token).ConfigureAwait(false);
                do
                {
                    if (await IsOffAsync(limit.Token).ConfigureAwait(false))
                    {
                        return true;
                    }
                }
                while (await IsToldAsync(limit.Token).ConfigureAwait(false));
            }
        }
        catch (OperationCanceledException) when (!call.Ending.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            await limit.CancelAsync().ConfigureAwait(false);
            await watching.ConfigureAwait(false);
        }
    }

    private async Task WatchAsync(CancellationToken cancel)
    {
        try
        {
            await foreach (GuestEvent happening in call.WatchAsync(cancel).ConfigureAwait(false))
            {
                if (happening is not GuestChanged change || change.Name == call.Name)
                {
                    changes.Writer.TryWrite(true);
                }
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // As it was asked to.
        }
    }

    /// <summary>Whoever can't be asked now, as a backup holds it or its host is away, may be the next time, or ends by itself.</summary>
    private async Task AskAsync(CancellationToken cancel)
    {
        try
        {
            await call.ChangeAsync((host, limit) => host.ShutdownAsync(call.Name, limit), cancel).ConfigureAwait(false);
            refusal = null;
        }
        catch (HypervisorException e)
        {
            refusal = e.Message;
        }
    }

    private async Task<bool> IsOffAsync(CancellationToken cancel)
    {
        try
        {
            Guest? guest = await call.FindAsync(cancel).ConfigureAwait(false);
            if (refusal is not null && guest is { Job: not GuestJob.None })
            {
                refusal = $"{HeldGuest.Reason(guest.Job)}.";
            }

            return guest is null or { Phase: GuestPhase.Off };
        }
        catch (HypervisorException)
        {
            return false;
        }
    }

    /// <returns>False: nothing was told for so long that the guest should be asked again.</returns>
    private async Task<bool> IsToldAsync(CancellationToken cancel)
    {
        using var pause = new CancellationTokenSource(AskAgain, call.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(pause.Token, cancel);
        try
        {
            await changes.Reader.ReadAsync(either.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return false;
        }
    }
}
