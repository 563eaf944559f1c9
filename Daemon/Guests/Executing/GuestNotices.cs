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
        GuestChanged
        {
            Change: GuestChange.Started or GuestChange.Resumed or GuestChange.Paused
                or GuestChange.Stopped or GuestChange.Undefined or GuestChange.Crashed,
        } change => [await OfAsync(change, cancel).ConfigureAwait(false)],
        _ => [],
    };

    /// <summary>A guest that ended while nobody listened, and was forgotten, is missing from the list.</summary>
    private List<GuestNotice> Listed(IReadOnlyList<Guest> guests)
    {
        string[] gone = [.. running.Except(guests.Select(static guest => guest.Name))];
        return [.. guests.Select(Is), .. gone.Select(name => Is(name, null))];
    }

    private async Task<GuestNotice> OfAsync(GuestChanged change, CancellationToken cancel)
    {
        GuestNotice notice = Is(change.Name, await FindAsync(change.Name, cancel).ConfigureAwait(false));
        return notice with { MovedAway = !notice.Runs && change is { Change: GuestChange.Stopped, Cause: GuestCause.Migration } };
    }

    private GuestNotice Is(Guest guest) => Is(guest.Name, guest);

    private GuestNotice Is(string name, Guest? guest)
    {
        bool runs = guest is { Phase: not GuestPhase.Off };
        _ = runs ? running.Add(name) : running.Remove(name);
        return new GuestNotice(name, runs, guest);
    }

    private async Task<Guest?> FindAsync(string name, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                return await host.FindAsync(name, cancel).ConfigureAwait(false);
            }
            catch (HypervisorException)
            {
                await Task.Delay(Pause, clock, cancel).ConfigureAwait(false);
            }
        }
    }
}
