using ClusterTools.Core.Configuration;

namespace ClusterTools.Guests.Executing;

/// <summary>Moves a guest to another host.</summary>
internal static class GuestMove
{
    public static async Task<MigrationResult> RunAsync(
        MigrationRequest request, IHypervisor host, IProgress<MigrationProgress>? progress, CancellationToken cancel)
    {
        GuestSettings settings = GuestSettings.Of(request.Parameters);
        string name = GuestCall.NameOf(settings, request.Resource);
        bool begun = false;
        try
        {
            if (WhyNot(name, await host.FindAsync(name, cancel).ConfigureAwait(false), request.Kind) is { } why)
            {
                return NotMoved(why, begun);
            }

            cancel.ThrowIfCancellationRequested();
            begun = true;
            MigrationProgress figures = await host.MigrateAsync(name, Order(request, settings), progress, cancel).ConfigureAwait(false);
            return new MigrationResult { Success = true, Begun = true, Figures = figures, Message = Took(request, figures) };
        }
        catch (OperationCanceledException) when (begun && cancel.IsCancellationRequested)
        {
            return NotMoved($"The migration of guest '{name}' to {request.Destination} was ended on request.", begun) with
            {
                WasCancelled = true,
            };
        }
        catch (HypervisorException e)
        {
            return NotMoved(e.Message, begun && e.Fault != HypervisorFault.Unreachable);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return NotMoved($"Guest '{name}' is not moved to {request.Destination}: {e.Message}", begun);
        }
    }

    private static MigrationResult NotMoved(string message, bool begun) => new() { Success = false, Begun = begun, Message = message };

    /// <summary>Why it can't move in this way now; null: it can be tried.</summary>
    private static string? WhyNot(string name, Guest? guest, MigrationKind kind) => guest switch
    {
        null => $"The host does not know guest '{name}', so that it does not run here.",
        { Job: not GuestJob.None } => HeldGuest.Explain(name, guest.Job),
        { Phase: GuestPhase.Off } => kind == MigrationKind.Definition ? null : $"Guest '{name}' is off, so that it does not run here.",
        _ when kind == MigrationKind.Definition => $"Guest '{name}' is not off. Stop it before its definition moves alone.",
        _ when (GuestLook.WhyOpen(guest) ?? GuestLook.WhyBroken(guest)) is { } why => why,
        { Phase: GuestPhase.ShuttingDown } => $"Guest '{name}' is shutting down.",
        _ => null,
    };

    private static MigrationOrder Order(MigrationRequest request, GuestSettings settings) => new()
    {
        Destination = request.Destination,
        Kind = request.Kind,
        Limit = TimeSpan.FromSeconds(settings.MigrationLimit),
        AtLimit = settings.PausesAtLimit ? MigrationAtLimit.Suspend : MigrationAtLimit.Abort,
        Network = request.Network,
        Bandwidth = settings.MigrationBandwidth,
        Connections = settings.MigrationConnections,
        AutoConverge = settings.AutoConverge,
        Tls = settings.MigrationTls,
        CopyDisks = settings.CopyDisks,
        IsCacheSafe = settings.IsCacheSafe,
    };

    private static string Took(MigrationRequest request, MigrationProgress figures)
    {
        if (request.Kind == MigrationKind.Definition)
        {
            return "its definition alone.";
        }

        string downtime = figures.Downtime is { } stood ? $"it stood still for {stood.TotalMilliseconds:0} ms, and " : "";
        return $"{figures.Elapsed.TotalSeconds:0.0} s; {downtime}{figures.Sent / (double)(1 << 20):0.0} MiB were sent.";
    }
}
