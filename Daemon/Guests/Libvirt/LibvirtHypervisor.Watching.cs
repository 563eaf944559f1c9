using System.Runtime.CompilerServices;

namespace ClusterTools.Guests.Libvirt;

/// <summary>What happens to guests, told as it happens, over as many connections as it takes.</summary>
public sealed partial class LibvirtHypervisor
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public async IAsyncEnumerable<GuestEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? lost = null;
        TimeSpan pause = options.Pause;
        while (true)
        {
            LibvirtLink? link = null;
            ChangeFeed feed = new(options.Backlog);
            IReadOnlyList<Guest> guests = [];
            string? reason = null;
            try
            {
                link = await OpenAsync(cancellationToken).ConfigureAwait(false);
                // What changes while the list is made comes after it.
                feed = link.Subscribe(options.Backlog);
                guests = await ListAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (HypervisorException e)
            {
                reason = e.Message;
            }

            try
            {
                if (reason is null)
                {
                    (lost, pause) = (null, options.Pause);
                    yield return new GuestsListed(guests);
                    await foreach (GuestChanged change in feed.ReadAsync(cancellationToken).ConfigureAwait(false))
                    {
                        yield return change;
                    }

                    reason = feed.HasLost ? null : await link!.Ended.WaitAsync(cancellationToken).ConfigureAwait(false);
                }
            }
            finally
            {
                link?.Unsubscribe(feed);
            }

            if (reason is not null)
            {
                if (lost is null)
                {
                    yield return new HypervisorLost(reason);
                }

                lost = reason;
                await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }
}
