using ClusterTools.Voting;
using Microsoft.Data.Sqlite;

namespace ClusterTools.Engines.Local;

/// <summary>
/// The one thread and connection of this daemon that write. Proposals that wait together are committed together; each transaction
/// first looks whether this life is still a member.
/// </summary>
internal sealed class LogWriter : IDisposable
{
    private const int QueueLimit = 1024;
    private const int GroupLimit = 64;
    private const int GroupBytes = 4 * 1024 * 1024;

    /// <summary>After how many bytes of its own this daemon moves the WAL to the database.</summary>
    private const long CheckpointBytes = 4 * 1024 * 1024;

    /// <summary>What a commit adds to the WAL beside its payloads: a few pages.</summary>
    private const long CommitBytes = 12 * 1024;

    private readonly LocalEngineOptions options;
    private readonly string databasePath;
    private readonly string heartbeatFolder;
    private readonly Standing standing;
    private readonly Heartbeat heartbeat;
    private readonly Action<Wake> wakeAll;
    private readonly Troubles troubles;
    private readonly Thread thread;
    private readonly SemaphoreSlim room = new(QueueLimit, QueueLimit);
    private readonly Queue<WriteRequest> queue = new();
    private readonly CancellationTokenSource stopping = new();
    private Func<LogDatabase, (bool Commit, Wake Wake)>? settle;
    private bool settleAsked;
    private bool ended;
    private LogDatabase? database;
    private long troubledSince;
    private volatile string? trouble;
    private long writtenBytes;
    private volatile bool checkpointing;

    public LogWriter(
        LocalEngineOptions options, string databasePath, string heartbeatFolder, Standing standing, Heartbeat heartbeat, Troubles troubles,
        Action<Wake> wakeAll)
    {
        this.options = options;
        this.databasePath = databasePath;
        this.heartbeatFolder = heartbeatFolder;
        this.standing = standing;
        this.heartbeat = heartbeat;
        this.troubles = troubles;
        this.wakeAll = wakeAll;
        thread = new Thread(Run) { IsBackground = true, Name = $"log writer {options.Node}" };
    }

    /// <summary>Since when (ms) a write has been failing or waiting; 0: none is.</summary>
    public long TroubledSince => Interlocked.Read(ref troubledSince);

    /// <summary>What has been in the way of writing for longer than the token time; null: nothing.</summary>
    public EngineTrouble? Trouble => TroubledSince is not 0 and long since && BootClock.Now - since > options.Token
        ? new EngineTrouble(since, trouble ?? $"The log '{databasePath}' has not taken a write since then.")
        : null;

    /// <summary>Starts, with what settles the membership.</summary>
    public void Start(Func<LogDatabase, (bool Commit, Wake Wake)> settleMembership)
    {
        settle = settleMembership;
        thread.Start();
    }

    /// <summary>Queues a request; waits while the queue is full.</summary>
    public async Task EnqueueAsync(WriteRequest request, CancellationToken cancellationToken)
    {
        await room.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (queue)
        {
            if (ended || stopping.IsCancellationRequested)
            {
                // It was not put into the queue, so that its room is free again.
                room.Release();
                request.Fail(Stopped());
                return;
            }

            queue.Enqueue(request);
            Monitor.Pulse(queue);
        }
    }

    /// <summary>Asks for a look at the membership, ahead of what waits. Asked twice before it is done is done once.</summary>
    public void RequestSettle()
    {
        lock (queue)
        {
            settleAsked = true;
            Monitor.Pulse(queue);
        }
    }

    /// <summary>This life is over: what waits is refused, and the thread ends.</summary>
    public void Retire()
    {
        lock (queue)
        {
            Monitor.Pulse(queue);
        }
    }

    public void Stop()
    {
        lock (queue)
        {
            stopping.Cancel();
            Monitor.Pulse(queue);
        }

        if (thread.IsAlive)
        {
            thread.Join();
        }
    }

    public void Dispose()
    {
        Stop();
        database?.Dispose();
        stopping.Dispose();
        room.Dispose();
    }

    private void Run()
    {
        try
        {
            while (Next() is { } work)
            {
                try
                {
                    work();
                }
                catch (Exception error) when (error is not OutOfMemoryException)
                {
                    // Whoever asked has been told; a thread that ended here would leave a daemon that can never write again.
                    troubles.Say("write", $"Write failed: {error.Message}", BootClock.Now);
                }
            }
        }
        finally
        {
            FailQueued();
        }
    }

    // What is to be done next: settling first, then proposals in groups; null when stopping.
    private Action? Next()
    {
        lock (queue)
        {
            while (true)
            {
                if (stopping.IsCancellationRequested || (standing.IsOver && queue.Count == 0))
                {
                    ended = true;
                    return null;
                }

                if (settleAsked)
                {
                    settleAsked = false;
                    return Settle;
                }

                if (queue.TryPeek(out WriteRequest? request))
                {
                    if (request is not Proposal)
                    {
                        Dequeue();
                        return () => Perform((IOperation)request);
                    }

                    List<Proposal> group = TakeGroup();
                    return () => Append(group);
                }

                if (TroubledSince == 0)
                {
                    Monitor.Wait(queue);
                }
                else if (!Monitor.Wait(queue, options.Token / 4))
                {
                    return Probe;
                }
            }
        }
    }

    private List<Proposal> TakeGroup()
    {
        List<Proposal> group = [];
        long size = 0;
        while (group.Count < GroupLimit && size < GroupBytes && queue.TryPeek(out WriteRequest? request) && request is Proposal proposal)
        {
            Dequeue();
            size += proposal.Payload.Length;
            group.Add(proposal);
        }

        return group;
    }

    private void Dequeue()
    {
        queue.Dequeue();
        room.Release();
    }

    private void Append(List<Proposal> group)
    {
        foreach (Proposal proposal in group.Where(proposal => proposal.IsCancelled))
        {
            proposal.Cancel();
        }

        group.RemoveAll(proposal => proposal.IsCancelled);
        if (group.Count == 0)
        {
            return;
        }

        List<(Proposal Proposal, long Index)> appended = [];
        try
        {
            Transact(log =>
            {
                long readAt = BootClock.Now;
                (long head, long epoch, ViewQuorum quorum, long? member, long? joiner) = log.ReadStanding(standing.Self.Node);
                standing.See(member, joiner, readAt);
                if (member != standing.Self.Incarnation || quorum != ViewQuorum.Quorate)
                {
                    NotQuorateException refusal = new(Refusal(member, quorum));
                    group.ForEach(proposal => proposal.Fail(refusal));
                    return false;
                }

                foreach (Proposal proposal in group)
                {
                    if (proposal.Votes is not null && ChangeVotes(log, proposal.Votes) is { } refused)
                    {
                        proposal.Fail(refused);
                        continue;
                    }

                    log.Insert(new LogRow(++head, epoch, LogKind.Entry, standing.Self, []), proposal.Payload);
                    appended.Add((proposal, head));
                }

                log.SetHead(head, epoch);
                return appended.Count > 0;
            });
        }
        catch (Exception error)
        {
            // Cleanly rolled back or not, the caller's remedy is the same: ask again with the same request id.
            UnknownOutcomeException unknown = new($"The log at '{databasePath}' did not take the entry: {error.Message}", error);
            group.ForEach(proposal => proposal.Fail(unknown));
            throw;
        }

        appended.ForEach(entry => entry.Proposal.Succeed(entry.Index));
        if (appended.Count > 0)
        {
            wakeAll(Wake.Entries);
            ConsiderCheckpoint(appended.Sum(entry => (long)entry.Proposal.Payload.Length));
        }
    }

    private NotQuorateException Stopped() => new(
        standing.IsOver ? Refusal(null, ViewQuorum.NotQuorate) : $"The daemon of {standing.Self.Node} is ending. Nothing was changed.");

    private string Refusal(long? member, ViewQuorum quorum) =>
        standing.HasLeft ? $"{standing.Self.Node} has left the cluster."
        : standing.LostReason is { } reason ? $"{reason} Nothing was changed."
        : member != standing.Self.Incarnation ? $"{standing.Self.Node} has not joined the cluster yet. Nothing was changed."
        : quorum == ViewQuorum.Contested ? $"{standing.Self.Node} has lost the other node of two, and nothing can be changed until that "
            + "is proven down. Nothing was changed."
        : $"{standing.Self.Node} has no quorum. Nothing was changed.";

    private static VotesRefusedException? ChangeVotes(LogDatabase log, VoteTable votes)
    {
        StoredState state = log.ReadState();
        string[] members = [.. state.Members.Select(seat => seat.Node)];
        if (!new JointMajority(state.Votes.Majority(state.Superseded), votes.Majority(state.Superseded)).IsHeldBy(members))
        {
            return new VotesRefusedException(
                $"The members ({string.Join(", ", members)}) do not hold a majority under both the old votes (of {state.Votes.Expected}) "
                    + "and the new "
                + $"(of {votes.Expected}). Start the missing nodes first, or change the votes in smaller steps.");
        }

        log.SetVotes(votes);
        return null;
    }

    private void Perform(IOperation operation)
    {
        Wake wake = Wake.None;
        try
        {
            Transact(log =>
            {
                (bool commit, wake) = operation.Run(log);
                return commit;
            });
        }
        catch (Exception error) when (error is IOException or SqliteException or InvalidDataException or TimeoutException)
        {
            operation.Fail(new UnknownOutcomeException($"The log at '{databasePath}' did not take it: {error.Message}", error));
            throw;
        }
        catch (Exception error)
        {
            operation.Fail(error);
            return;
        }

        operation.Succeed();
        wakeAll(wake);
    }

    private void Settle()
    {
        Wake wake = Wake.None;
        Transact(log =>
        {
            (bool commit, wake) = settle!(log);
            return commit;
        });
        wakeAll(wake);
    }

    private void Probe() => Transact(log =>
    {
        log.Probe();
        return true;
    });

    private void Transact(Func<LogDatabase, bool> body)
    {
        long begun = BootClock.Now;
        Interlocked.CompareExchange(ref troubledSince, begun, 0);
        heartbeat.EnterTransaction(begun);
        try
        {
            database ??= LogDatabase.Open(databasePath, null, stopping.Token);
            Begin(database, begun);
            bool commit = body(database);
            options.InTransaction?.Invoke();
            if (commit)
            {
                database.Commit();
            }
            else
            {
                database.Rollback();
            }

            EndTrouble();
        }
        catch (SqliteException error)
        {
            Reopen();
            Exception explained = LogFault.Explain(databasePath, error);
            trouble = explained.Message;
            throw explained;
        }
        catch (Exception error) when (error is not TimeoutException and not IOException and not InvalidDataException
            and not LogLostException)
        {
            // The body refused; the disk is all right.
            database?.Rollback();
            EndTrouble();
            throw;
        }
        catch (Exception error)
        {
            trouble = error.Message;
            Reopen();
            throw;
        }
        finally
        {
            heartbeat.LeaveTransaction();
        }
    }

    private void EndTrouble()
    {
        troubles.End("write", $"The log takes writes again, after {(BootClock.Now - TroubledSince) / 1000.0:0.0} s.");
        trouble = null;
        Interlocked.Exchange(ref troubledSince, 0);
    }

    // After an error of the disk a connection may not be trusted with its lock.
    private void Reopen()
    {
        database?.Rollback();
        database?.Dispose();
        database = null;
    }

    private void Begin(LogDatabase log, long begun)
    {
        // A lock held for so long is worth a look whether its holder is stopped.
        int patience = options.Token / 10;
        long inspectAt = begun + patience;
        for (int attempt = 0; !log.TryBegin(); attempt++)
        {
            stopping.Token.ThrowIfCancellationRequested();
            long now = BootClock.Now;
            if (now - begun > options.EffectiveWriteLimit)
            {
                throw new TimeoutException($"The write lock of the log '{databasePath}' is not free.{LockHolders.Describe(databasePath)}");
            }

            if (now >= inspectAt)
            {
                EndStoppedWriters(now);
                inspectAt = now + patience;
                trouble ??= now - TroubledSince > options.Token
                    ? $"The write lock of the log '{databasePath}' is not free.{LockHolders.Describe(databasePath)}"
                    : null;
            }

            // Other daemons hold the lock for a disk write at most, so the first looks come fast.
            Thread.Sleep(attempt < 4 ? 0 : 1);
        }
    }

    // A daemon that was stopped while it had the lock holds everybody up until it is gone; SQLite frees the lock of a dead process.
    // One that is not stopped but silent may only be starved, as in a start on a busy machine, and gets more time.
    private void EndStoppedWriters(long now)
    {
        foreach ((_, HeartbeatRecord record) in Heartbeat.ReadAll(heartbeatFolder))
        {
            if (record.Transaction == 0 || record.IsFresh(now, options.Token))
            {
                continue;
            }

            long since = Math.Max(record.Beat, record.Transaction);
            bool starved = now - since <= options.EffectiveWriteLimit && !record.Process.IsStopped;
            if (!starved && record.Process.Kill())
            {
                options.Log?.Invoke(
                    $"Ended process {record.Process.Id}: it was silent for {(now - record.Heard) / 1000.0:0.0} s inside a write "
                        + "transaction and held everybody up.");
            }
        }
    }

    private void ConsiderCheckpoint(long written)
    {
        writtenBytes += written + CommitBytes;
        if (checkpointing || writtenBytes < CheckpointBytes)
        {
            return;
        }

        writtenBytes = 0;
        checkpointing = true;
        _ = Task.Run(() =>
        {
            try
            {
                using LogDatabase connection = LogDatabase.Open(databasePath, null, stopping.Token);
                connection.Checkpoint();
            }
            catch (Exception error) when (error is IOException or SqliteException or InvalidDataException or LogLostException
                or OperationCanceledException or ObjectDisposedException)
            {
                troubles.Say("checkpoint", $"Checkpoint of '{databasePath}' failed: {error.Message}", BootClock.Now);
            }
            finally
            {
                checkpointing = false;
            }
        });
    }

    private void FailQueued()
    {
        lock (queue)
        {
            while (queue.TryPeek(out WriteRequest? request))
            {
                Dequeue();
                request.Fail(Stopped());
            }
        }
    }
}
