using System.Runtime.CompilerServices;

namespace ClusterTools.Engines.Tests.Reference;

/// <summary>A node's end of a <see cref="ReferenceNetwork"/>.</summary>
/// <param name="network">What it shares with the others; all of its state changes under that one's lock.</param>
/// <param name="setup">The life.</param>
/// <param name="limit">In milliseconds: how long a member's consumer may be busy with an event, and its disk with an entry.</param>
internal sealed class ReferenceEngine(ReferenceNetwork network, EngineSetup setup, int limit) : IClusterEngine
{
    private readonly Queue<EngineEvent> queue = new();
    private readonly SemaphoreSlim news = new(0);
    private bool isBusy;
    private int runs;
    private long lastConfirmed;

    public Member Self => setup.Self;

    public ReferenceDisk Disk { get; } = network.DiskOf(setup);

    public int Limit => limit;

    public bool IsRunning { get; private set; }

    /// <summary>It has been in a quorate view.</summary>
    public bool WasMember { get; set; }

    /// <summary>It has been in a view with another node that has votes.</summary>
    public bool HasSeenPeer { get; set; }

    public bool HasLeft { get; set; }

    public string? LostReason { get; private set; }

    public bool IsOver => HasLeft || LostReason is not null;

    public IReadOnlySet<string> Barred { get; private set; } = new HashSet<string>();

    /// <summary>The last index that was handed out, or waits for the consumer.</summary>
    public long Delivered { get; private set; } = -1;

    /// <summary>The last index that the consumer is done with.</summary>
    public long Handled { get; private set; }

    /// <summary>Its consumer has handled all there is.</summary>
    public bool IsIdle => queue.Count == 0 && !isBusy;

    /// <summary>The last view without quorum that it was told, while it stands.</summary>
    public ViewChanged? Told { get; set; }

    public long LastConfirmed => network.Under(() => lastConfirmed = network.IsMember(this) ? BootClock.Now : lastConfirmed);

    public EngineTrouble? Trouble => null;

    public async IAsyncEnumerable<EngineEvent> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref runs, 1) != 0)
        {
            throw new InvalidOperationException($"The events of {Self.Node} were enumerated before; a new run needs a new engine.");
        }

        network.Under(() => IsRunning = true);
        network.Changed();
        while (true)
        {
            await news.WaitAsync(cancellationToken);
            if (network.Under(Next) is not { } happening)
            {
                break;
            }

            await using (new Timer(_ => network.Lose(this, "its consumer is hung"), null, limit, Timeout.Infinite))
            {
                yield return happening;
            }

            network.Under(() => (isBusy, Handled) = (false, happening.Index));
            network.Changed();
        }

        if (LostReason is { } reason)
        {
            yield return new Expelled(Handled, reason);
        }
    }

    public Task<long> ProposeAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) =>
        network.ProposeAsync(this, payload, null).WaitAsync(cancellationToken);

    public Task<long> ChangeVotesAsync(VoteTable votes, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) =>
        network.ProposeAsync(this, payload, votes).WaitAsync(cancellationToken);

    public long? LastHeard(Member member) => network.LastHeard(this, member);

    public ValueTask<bool> ConfirmAsync(CancellationToken cancellationToken) => ValueTask.FromResult(IsRunning && !IsOver);

    public void Bar(IReadOnlySet<string> nodes)
    {
        network.Under(() => Barred = nodes.ToHashSet());
        network.Changed();
    }

    public Task OfferSnapshotAsync(long index, ReadOnlyMemory<byte> state, CancellationToken cancellationToken)
    {
        network.Under(() =>
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(index, Delivered);
            if (Disk.At(index) is { } entry)
            {
                Disk.Begin(new SnapshotDelivered(index, entry.Epoch, state));
            }
        });
        return Task.CompletedTask;
    }

    public Task<long> OpenEpochAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) =>
        Task.FromResult(network.Open(this, payload));

    public Task LeaveAsync(CancellationToken cancellationToken)
    {
        network.Under(() => HasLeft = true);
        news.Release();
        network.Changed();
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        network.Under(() => IsRunning = false);
        news.Release();
        network.Changed();
        return ValueTask.CompletedTask;
    }

    /// <summary>Hands an event to the consumer when its turn comes.</summary>
    public void Deliver(EngineEvent happening)
    {
        queue.Enqueue(happening);
        Delivered = happening.Index;
        news.Release();
    }

    public void Lose(string reason)
    {
        LostReason ??= $"{Self.Node} was declared lost: {reason}.";
        queue.Clear();
        news.Release();
    }

    private EngineEvent? Next()
    {
        isBusy = !IsOver && IsRunning && queue.Count > 0;
        return isBusy ? queue.Dequeue() : null;
    }
}
