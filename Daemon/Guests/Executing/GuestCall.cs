using ClusterTools.Agents;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Guests.Executing;

/// <summary>One action on one guest, and how far it has come.</summary>
/// <param name="request">The action.</param>
/// <param name="open">The hypervisor at a URI.</param>
/// <param name="clock">Measures how long it takes.</param>
/// <param name="ending">Cancelled when nobody wants it any more, and when its time is up.</param>
internal sealed class GuestCall(
    ResourceRequest request, Func<string, IHypervisor> open, TimeProvider clock, CancellationToken ending)
{
    private readonly IHypervisor hypervisor = open(GuestSettings.Of(request.Parameters).Uri);
    private readonly long began = clock.GetTimestamp();

    public ResourceRequest Request => request;

    public GuestSettings Settings { get; } = GuestSettings.Of(request.Parameters);

    public string Name { get; } = NameOf(GuestSettings.Of(request.Parameters), request.Resource);

    public TimeProvider Clock => clock;

    public CancellationToken Ending => ending;

    /// <summary>Something was asked for that may have changed something.</summary>
    public bool Begun { get; private set; }

    public TimeSpan Elapsed => Clock.GetElapsedTime(began);

    /// <summary>A guest's name on its host.</summary>
    public static string NameOf(GuestSettings settings, string resource) => settings.Name ?? resource[(resource.IndexOf(':') + 1)..];

    public Task<Guest?> FindAsync() => FindAsync(Ending);

    public Task<Guest?> FindAsync(CancellationToken cancel) => hypervisor.FindAsync(Name, cancel);

    public IAsyncEnumerable<GuestEvent> WatchAsync(CancellationToken cancel) => hypervisor.WatchAsync(cancel);

    public Task ChangeAsync(Func<IHypervisor, CancellationToken, Task> change) => ChangeAsync(change, Ending);

    /// <summary>Asks for something that changes something.</summary>
    public async Task ChangeAsync(Func<IHypervisor, CancellationToken, Task> change, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        bool before = Begun;
        Begun = true;
        try
        {
            await change(hypervisor, cancel).ConfigureAwait(false);
        }
        catch (HypervisorException e) when (e.Fault == HypervisorFault.Unreachable)
        {
            Begun = before;
            throw;
        }
    }
}
