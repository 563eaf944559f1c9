namespace ClusterTools.Engines.Local;

/// <summary>
/// The engine for one machine: daemons share a folder with a SQLite database as the ordered log and a heartbeat file each. An append
/// looks in its own transaction whether its daemon is still a member, so that one that was declared lost can write nothing. Not for
/// several machines: a shared folder over a network has neither the locks nor the clock that this relies on.
/// </summary>
public sealed partial class LocalEngine : IClusterEngine
{
    private const int RowsPerCompaction = 5000;

    private readonly LocalEngineOptions options;
    private readonly string databasePath;
    private readonly string heartbeatFolder;
    private readonly Standing standing;
    private readonly LogMemory memory;
    private readonly Troubles troubles;
    private readonly SemaphoreSlim confirmGate = new(1, 1);
    private WakeSocket? socket;
    private Heartbeat? heartbeat;
    private LogWriter? writer;
    private Observer? observer;
    private Pulse? pulse;
    private ViewChange? views;
    private LogDatabase? reader;
    private LogDatabase? confirmer;
    private int runs;
    private volatile bool started;
    private volatile bool stopped;
    private bool disposed;

    /// <summary>Does nothing but check the options; <see cref="RunAsync"/> opens and joins.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public LocalEngine(LocalEngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        this.options = options;
        databasePath = Path.Combine(options.Folder, "log.db");
        heartbeatFolder = options.HeartbeatFolder ?? Path.Combine(options.Folder, "heartbeats");
        Self = new Member(options.Node, options.Incarnation);
        standing = new Standing(Self);
        memory = new LogMemory(options.MemoryFile, options.AcceptAnyLog);
        troubles = new Troubles(options.Log);
    }

    /// <inheritdoc/>
    public Member Self { get; }

    /// <inheritdoc/>
    public long LastConfirmed => standing.LastConfirmed;

    /// <inheritdoc/>
    public long? LastHeard(Member member) => Heartbeat.Read(heartbeatFolder, member) is { Heard: > 0 and long heard } ? heard : null;

    /// <inheritdoc/>
    public EngineTrouble? Trouble => started && !disposed ? writer?.Trouble : null;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The payload is longer than <see cref="EngineLimits.MaxPayload"/>.</exception>
    public Task<long> ProposeAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) =>
        AppendAsync(payload, null, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The payload is longer than <see cref="EngineLimits.MaxPayload"/>.</exception>
    public Task<long> ChangeVotesAsync(VoteTable votes, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(votes);
        return AppendAsync(payload, votes, cancellationToken);
    }

    private async Task<long> AppendAsync(ReadOnlyMemory<byte> payload, VoteTable? votes, CancellationToken cancellationToken)
    {
        EngineLimits.CheckPayload(payload);
        Proposal proposal = new(payload, votes, cancellationToken);
        await Started().EnqueueAsync(proposal, cancellationToken).ConfigureAwait(false);
        return await proposal.Outcome.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> ConfirmAsync(CancellationToken cancellationToken)
    {
        if (standing.IsOver || !started || disposed)
        {
            return false;
        }

        await confirmGate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await InWordsOfTheContract(() => ValueTask.FromResult(Guard(() => Confirm(cancellationToken)))).ConfigureAwait(false);
        }
        finally
        {
            confirmGate.Release();
        }
    }

    private bool Confirm(CancellationToken cancellationToken)
    {
        if (confirmer is null)
        {
            confirmer = LogDatabase.Open(databasePath, null, cancellationToken);
            confirmer.Trust();
        }

        long readAt = BootClock.Now;
        standing.See(confirmer.ReadStateAlone(), readAt);
        return !standing.IsOver;
    }

    /// <inheritdoc/>
    public void Bar(IReadOnlySet<string> nodes)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        IReadOnlySet<string> before = standing.Barred;
        standing.Bar(nodes, BootClock.Now);
        if (!before.SetEquals(nodes))
        {
            observer?.LookSoon();
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">This node has not handled that index yet.</exception>
    public async Task OfferSnapshotAsync(long index, ReadOnlyMemory<byte> state, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, Interlocked.Read(ref position));
        ReadOnlyMemory<byte>? snapshot = state;
        while (await PerformAsync(log => Views.Compact(log, index, snapshot, RowsPerCompaction), cancellationToken).ConfigureAwait(false))
        {
            // In portions, so that nobody waits long for the write lock.
            snapshot = null;
        }
    }

    /// <inheritdoc/>
    public Task<long> OpenEpochAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        EngineLimits.CheckPayload(payload);
        return PerformAsync(log => Views.Open(log, payload), cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>The event stream then ends without an <see cref="Expelled"/>. Leaving twice, or when already lost, does nothing.</remarks>
    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        if (standing.IsOver || !started)
        {
            return;
        }

        await PerformAsync(
            log =>
            {
                (bool Commit, Wake Wake, bool Answer) outcome = Views.Leave(log);

                // From here on being absent from the view means having left, not having been lost.
                standing.Leave();
                return outcome;
            },
            cancellationToken).ConfigureAwait(false);
        heartbeat?.Delete();
    }

    /// <summary>
    /// Stops without leaving: to the others this is a crash, noticed when the token is up. Call <see cref="LeaveAsync"/> before to leave.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        await Task.Run(() =>
        {
            pulse?.Dispose();
            observer?.Dispose();
            writer?.Dispose();
            if (standing.IsOver || !started)
            {
                heartbeat?.Delete();
            }

            heartbeat?.Dispose();
            socket?.Dispose();
            memory.Dispose();
        }).ConfigureAwait(false);
        stopped = true;
        standing.Notify();
        await confirmGate.WaitAsync().ConfigureAwait(false);
        confirmer?.Dispose();
        confirmer = null;
        confirmGate.Release();
    }

    private ViewChange Views =>
        views
            ?? throw new NotQuorateException(
                $"{Self.Node} takes no part in the cluster now: its daemon is starting or ending. Nothing was changed.");

    private LogWriter Started() => started && !disposed
        ? writer!
        : throw new NotQuorateException(
            $"{Self.Node} takes no part in the cluster now: its daemon is starting or ending. Nothing was changed.");

    private async Task<T> PerformAsync<T>(Func<LogDatabase, (bool Commit, Wake Wake, T Answer)> body, CancellationToken cancellationToken)
    {
        Operation<T> operation = new(body);
        await Started().EnqueueAsync(operation, cancellationToken).ConfigureAwait(false);
        return await operation.Outcome.WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}
