namespace ClusterTools.Guests.Executing;

/// <summary>Of what a hypervisor tells, which guests run.</summary>
internal sealed class GuestNotices(IHypervisor host, TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly HashSet<string> running = new(StringComparer.Ordinal);

    /// <summary>What an event says of them; for some the host has to be asked, as long as it takes.</summary>
    public async Task<IReadOnlyList<GuestNotice>> OfAsync(GuestEvent happening, CancellationToken cancel) => happening switch
    {
        GuestsListed listed => Listed(listed.Guests),
        GuestChanged { Change: GuestChange.Started or GuestChange.Resumed or GuestChange.Paused } change => [Is(change.Name, true)],
        GuestChanged { Change: GuestChange.Stopped or GuestChange.Undefined or GuestChange.Crashed } change =>
            [Is(change.Name, await RunsAsync(change.Name, cancel).ConfigureAwait(false))],
        _ => [],
    };

    /// <summary>A guest that ended while nobody listened, and was forgotten, is missing from the list.</summary>
    private List<GuestNotice> Listed(IReadOnlyList<Guest> guests)
    {
        string[] gone = [.. running.Except(guests.Select(static guest => guest.Name))];
        return [.. guests.Select(guest => Is(guest.Name, guest.Phase != GuestPhase.Off)), .. gone.Select(name => Is(name, false))];
    }

    private GuestNotice Is(string name, bool runs)
    {
        _ = runs ? running.Add(name) : running.Remove(name);
        return new GuestNotice(name, runs);
    }

    private async Task<bool> RunsAsync(string name, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                return await host.FindAsync(name, cancel).ConfigureAwait(false) is { Phase: not GuestPhase.Off };
            }
            catch (HypervisorException)
            {
                await Task.Delay(Pause, clock, cancel).ConfigureAwait(false);
            }
        }
    }
}
