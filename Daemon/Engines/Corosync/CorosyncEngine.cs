using System.Runtime.CompilerServices;
using ClusterTools.Engines.Corosync.Storage;

namespace ClusterTools.Engines.Corosync;

/// <summary>
/// The engine for several machines: corosync's closed process groups give the order, a log on each node's own disk is what is committed.
/// What follows from what is decided by <see cref="Protocol"/>; this and <see cref="RingLoop"/> only carry things to and fro.
/// </summary>
public sealed class CorosyncEngine : IClusterEngine
{
    private readonly Troubles troubles;
    private volatile CorosyncEngineOptions options;
    private RingLoop? loop;
    private int runs;
    private volatile bool disposed;

    /// <summary>Does nothing but check the options; <see cref="RunAsync"/> opens the log and joins.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public CorosyncEngine(CorosyncEngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        this.options = options;
        troubles = new Troubles(options.Setup.Log);
    }

    /// <inheritdoc/>
    public Member Self => options.Setup.Self;

    /// <inheritdoc/>
    public long LastConfirmed => loop?.Confirmed ?? 0;

    /// <inheritdoc/>
    public EngineTrouble? Trouble => loop?.Trouble;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">It was enumerated before.</exception>
    public async IAsyncEnumerable<EngineEvent> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (Interlocked.Exchange(ref runs, 1) != 0)
        {
            throw new InvalidOperationException($"The events of {Self.Node} were enumerated before; a new run needs a new engine.");
        }

        RingLoop running = await Task.Run(Open, cancellationToken).ConfigureAwait(false);
        loop = running;
        if (disposed)
        {
            running.Dispose();
        }

        long index = 0;
        while (!running.IsOver && await running.Events.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            while (!running.IsOver && running.Events.TryRead(out EngineEvent? happening))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return happening;
                index = happening.Index;
                running.Handled();
            }
        }

        await running.Ended.ConfigureAwait(false);
        if (running.LostReason is { } reason)
        {
            yield return new Expelled(index, reason);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The payload is longer than <see cref="EngineLimits.MaxPayload"/>.</exception>
    public Task<long> ProposeAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        EngineLimits.CheckPayload(payload);
        return AskAsync((protocol, number, now) => protocol.Propose(number, payload, null, now), cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The payload is longer than <see cref="EngineLimits.MaxPayload"/>.</exception>
    public Task<long> ChangeVotesAsync(VoteTable votes, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(votes);
        EngineLimits.CheckPayload(payload);
        return AskAsync((protocol, number, now) => protocol.Propose(number, payload, votes, now), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<long> OpenEpochAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        EngineLimits.CheckPayload(payload);
        return AskAsync((protocol, number, now) => protocol.OpenEpoch(number, payload, now), cancellationToken);
    }

    /// <inheritdoc/>
    public long? LastHeard(Member member) => loop?.LastHeard(member);

    /// <inheritdoc/>
    public async ValueTask<bool> ConfirmAsync(CancellationToken cancellationToken)
    {
        if (loop is not { } running || disposed || running.IsOver)
        {
            return false;
        }

        try
        {
            return await running.ConfirmAsync().WaitAsync(TimeSpan.FromMilliseconds(options.AnswerLimit), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new EngineFailedException(
                $"{Self.Node} can't tell whether it is still in the cluster: nothing came back from corosync for "
                    + $"{options.AnswerLimit / 1000.0:0.#} s. Look whether corosync runs and its links are up (corosync-cfgtool -s).",
                e);
        }
    }

    /// <inheritdoc/>
    public void Bar(IReadOnlySet<string> nodes)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        loop?.Tell((protocol, now) => protocol.Bar(nodes, now));
    }

    /// <inheritdoc/>
    public void UseDisk(QuorumDiskSetup? disk) => loop?.UseDisk(disk);

    /// <inheritdoc/>
    public void SetScore(int score) => loop?.SetScore(score);

    /// <inheritdoc/>
    public void UseArbiter(bool isUsed) => loop?.UseArbiter(isUsed);

    /// <inheritdoc/>
    public void UseToken(int token)
    {
        CorosyncEngineOptions next = options with { Token = token };
        next.Validate();
        options = next;
        loop?.UseTimes(next);
    }

    /// <inheritdoc/>
    public QuorumArbiterStatus? Arbiter => loop?.Arbiter;

    /// <inheritdoc/>
    public QuorumDiskStatus? Disk => loop?.Disk;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">This node was not given that index yet.</exception>
    public Task OfferSnapshotAsync(long index, ReadOnlyMemory<byte> state, CancellationToken cancellationToken) =>
        Running().TellAsync((protocol, now) => protocol.OfferSnapshot(index, state, now)).WaitAsync(cancellationToken);

    /// <inheritdoc/>
    /// <remarks>The event stream then ends without an <see cref="Expelled"/>. Leaving twice, or when already lost, does nothing.</remarks>
    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        if (loop is { IsOver: false } running && !disposed)
        {
            await running.LeaveAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Stops without leaving: to the others this is a crash of the daemon.</summary>
    public async ValueTask DisposeAsync()
    {
        disposed = true;
        if (loop is { } running)
        {
            await Task.Run(running.Dispose).ConfigureAwait(false);
        }
    }

    private Task<long> AskAsync(Action<Protocol, long, long> ask, CancellationToken cancellationToken) =>
        Running().AskAsync(ask).WaitAsync(cancellationToken);

    private RingLoop Running() => loop is { } running && !disposed ? running : throw new NotQuorateException(
        $"{Self.Node} takes no part in the cluster now: its daemon is starting or ending. Nothing was changed.");

    private RingLoop Open()
    {
        if (!OperatingSystem.IsLinux())
        {
            string why = "The corosync engine runs on Linux only. Choose another one in node.json.";
            throw new EngineFailedException(why, new PlatformNotSupportedException(why));
        }

        Directory.CreateDirectory(options.Folder);
        string path = Path.Combine(options.Folder, "log.db");
        DiskLog? log = null;
        try
        {
            EngineSetup setup = options.Setup;
            log = DiskLog.Open(path, setup.MayBeNew || setup.AcceptAnyLog ? setup.Votes : null);
            return new RingLoop(options, log, log.Read(), troubles);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            log?.Dispose();
            throw new EngineFailedException(e.Message, e);
        }
    }
}
