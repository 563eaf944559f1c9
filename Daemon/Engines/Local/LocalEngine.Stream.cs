using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace ClusterTools.Engines.Local;

// Delivery: the consumer's own calls read the log, so that nothing piles up in memory.
public sealed partial class LocalEngine
{
    private long position;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">It was enumerated before, or the incarnation is not greater than all before
    /// it.</exception>
    public async IAsyncEnumerable<EngineEvent> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (Interlocked.Exchange(ref runs, 1) != 0)
        {
            throw new InvalidOperationException($"The events of {Self.Node} were enumerated before; a new run needs a new engine.");
        }

        await using IAsyncEnumerator<EngineEvent> events = DeliverAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await InWordsOfTheContract(() => events.MoveNextAsync()).ConfigureAwait(false))
        {
            yield return events.Current;
        }
    }

    // What is below this engine is nobody else's to know.
    private static async ValueTask<T> InWordsOfTheContract<T>(Func<ValueTask<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException or NotSupportedException
            or SqliteException or UnknownOutcomeException)
        {
            throw new EngineFailedException(error.Message, error);
        }
    }

    private async IAsyncEnumerable<EngineEvent> DeliverAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Run(() => Start(cancellationToken), cancellationToken).ConfigureAwait(false);
        try
        {
            await JoinAsync(cancellationToken).ConfigureAwait(false);
            standing.Join();
            SnapshotDelivered snapshot = ReadSnapshot();
            yield return snapshot;
            Handle(snapshot.Index, ready: true);
            long generation = 0;
            while (!standing.HasLeft && !stopped)
            {
                cancellationToken.ThrowIfCancellationRequested();
                LogBatch batch = ReadBatch();
                if (standing.IsOver || IsGap(batch))
                {
                    break;
                }

                await foreach (EngineEvent committed in RowsAsync(batch, cancellationToken).ConfigureAwait(false))
                {
                    yield return committed;
                }

                if (standing.IsOver)
                {
                    break;
                }

                StoredState state = batch.State;
                if (position < state.Head)
                {
                    continue;
                }

                if (state.Quorum != ViewQuorum.Quorate && state.Generation > generation && state.HasMember(Self))
                {
                    generation = state.Generation;
                    standing.MakeProgress();
                    yield return ViewWithoutQuorum(state);
                    standing.MakeProgress();
                    standing.HandleGeneration(generation);
                    observer!.LookSoon();
                    continue;
                }

                await IdleAsync(cancellationToken).ConfigureAwait(false);
            }

            if (standing.LostReason is { } reason)
            {
                yield return new Expelled(position, reason);
            }
        }
        finally
        {
            reader?.Dispose();
            reader = null;
        }
    }

    private async IAsyncEnumerable<EngineEvent> RowsAsync(LogBatch batch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (LogRow row in batch.Rows)
        {
            if (standing.IsOver || !await IsAwakeAsync(cancellationToken).ConfigureAwait(false))
            {
                yield break;
            }

            Interlocked.Exchange(ref position, row.Index);
            standing.MakeProgress();
            yield return ToEvent(row);
            Handle(row.Index, ready: false);
        }
    }

    private async Task IdleAsync(CancellationToken cancellationToken)
    {
        memory.See(position, idle: true);
        if (observer!.AwaitsConsumer)
        {
            observer.LookSoon();
        }

        await standing.AwaitNewsAsync(cancellationToken).ConfigureAwait(false);
    }

    private SnapshotDelivered ReadSnapshot()
    {
        StoredSnapshot stored = Guard(() => reader!.ReadSnapshot()) ?? new StoredSnapshot(0, 0, []);
        if (stored.Damage is { } damage)
        {
            options.Log?.Invoke(damage);
        }

        Interlocked.Exchange(ref position, stored.Index);
        return new SnapshotDelivered(stored.Index, stored.Epoch, stored.State);
    }

    private static ViewChanged ViewWithoutQuorum(StoredState state) => new(
        state.Head, state.Epoch, [.. state.Members.Select(seat => seat.Member)], state.Quorum, Continuous: false,
        state.Count(state.Members));

    /// <summary>
    /// Whether rows are missing that were dropped because a newer snapshot holds what they did; a new life begins with it.
    /// </summary>
    /// <exception cref="InvalidDataException">They are missing, and no snapshot holds what they did.</exception>
    private bool IsGap(LogBatch batch)
    {
        long next = batch.Rows.Count > 0 ? batch.Rows[0].Index : batch.State.Head + 1;
        if (next <= position + 1)
        {
            return false;
        }

        if (Guard(() => reader!.ReadSnapshotIndex()) <= position)
        {
            throw LogFault.Damaged(databasePath, $"the rows from {position + 1} to {next - 1} of the table 'log' are missing.");
        }

        standing.Lose($"The log after {position} was dropped before {Self.Node} had read it.");
        return true;
    }

    // Who begins has no share in the log yet, and may wait for whoever holds its lock.
    private async Task JoinAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await PerformAsync(JoinKnown, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (UnknownOutcomeException e) when (e.InnerException is TimeoutException && !stopped)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>Joins the log that this node knows, or its first one; no other.</summary>
    private (bool Commit, Wake Wake, long Answer) JoinKnown(LogDatabase log)
    {
        StoredState state = log.ReadState();
        memory.Check(databasePath, state.Log, state.Head);
        if (state.Head == 0 && !options.MayBeNew)
        {
            throw new LogLostException(
                $"The log '{databasePath}' is new, and this node has been in a cluster. "
                    + "What was committed in the log before would be lost.");
        }

        (bool commit, Wake wake, long answer) = Views.Join(log);
        memory.Begin(state.Log);
        log.Trust();
        reader!.Trust();
        return (commit, wake, answer);
    }

    private void Handle(long index, bool ready)
    {
        standing.Handle(index);
        memory.See(index, idle: false);
        standing.MakeProgress();
        heartbeat!.SetPosition(index);
        if (ready)
        {
            heartbeat.SetReady();
            observer!.WakeAll(Wake.Membership);
        }
    }

    private LogBatch ReadBatch()
    {
        long readAt = BootClock.Now;
        LogBatch batch = Guard(() => reader!.ReadBatch(position));
        standing.See(batch.State, readAt);
        return batch;
    }

    // A daemon that has just woken hands out nothing before it knows that it is still a member.
    private async ValueTask<bool> IsAwakeAsync(CancellationToken cancellationToken) =>
        !standing.IsMember || BootClock.Now - standing.LastConfirmed <= options.Token
            || await ConfirmAsync(cancellationToken).ConfigureAwait(false);

    private EngineEvent ToEvent(LogRow row)
    {
        if (row.Kind == LogKind.Entry)
        {
            return new Committed(row.Index, row.Epoch, row.Origin, row.Payload);
        }

        try
        {
            return JsonSerializer.Deserialize(row.Payload, StoredJson.Default.ViewPayload) is { Members: not null } view
                ? new ViewChanged(row.Index, row.Epoch, view.Members, ViewQuorum.Quorate, view.Continuous, view.Votes)
                : throw new JsonException("It is empty.");
        }
        catch (JsonException error)
        {
            throw LogFault.Damaged(
                databasePath, $"the members in row {row.Index} of the table 'log' can't be read ({error.Message.TrimEnd('.')}).", error);
        }
    }

    private T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (SqliteException error)
        {
            throw LogFault.Explain(databasePath, error);
        }
    }

    private void Start(CancellationToken cancellationToken)
    {
        LogIntegrity.Load();
        Directory.CreateDirectory(options.Folder);
        socket = new WakeSocket();
        Heartbeat.RemoveEarlier(Directory.CreateDirectory(heartbeatFolder).FullName, Self);
        heartbeat = Heartbeat.Create(heartbeatFolder, Self, socket.Port);
        views = new ViewChange(options, heartbeatFolder, standing, heartbeat);
        writer = new LogWriter(options, databasePath, heartbeatFolder, standing, heartbeat, troubles, wake => observer!.WakeAll(wake));
        observer = new Observer(options, databasePath, standing, socket, views, writer, troubles);
        pulse = new Pulse(options, databasePath, standing, heartbeat, writer, observer, troubles);

        // Opening may recover the log under a lock that holds the others up; beating tells slow from stopped.
        pulse.Start();
        heartbeat.EnterTransaction(BootClock.Now);
        try
        {
            reader = LogDatabase.Open(databasePath, memory.Knows || !options.MayBeNew ? null : options.Votes, cancellationToken);
            reader.CheckPages();
        }
        catch (SqliteException error)
        {
            throw LogFault.Explain(databasePath, error);
        }
        finally
        {
            heartbeat.LeaveTransaction();
        }

        writer.Start(views.Settle);
        observer.Start();
        started = true;
    }
}
