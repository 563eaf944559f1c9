using System.Threading.Channels;

namespace ClusterTools.Guests.Libvirt;

/// <summary>Changes on their way to one watcher, who may be slow.</summary>
/// <param name="backlog">How many may wait.</param>
internal sealed class ChangeFeed(int backlog)
{
    private readonly Channel<GuestChanged> channel = Channel.CreateBounded<GuestChanged>(
        new BoundedChannelOptions(backlog) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    /// <summary>Changes were lost: the watcher has to look at everything again.</summary>
    public bool HasLost { get; private set; }

    public void Add(GuestChanged change)
    {
        if (!channel.Writer.TryWrite(change))
        {
            HasLost = true;
            channel.Writer.TryComplete();
        }
    }

    /// <summary>Nothing comes any more.</summary>
    public void End() => channel.Writer.TryComplete();

    /// <summary>Changes in their order, until nothing comes any more or some were lost.</summary>
    public IAsyncEnumerable<GuestChanged> ReadAsync(CancellationToken cancellationToken) => channel.Reader.ReadAllAsync(cancellationToken);
}
