using Microsoft.Data.Sqlite;

namespace ClusterTools.Engines.Local;

/// <summary>
/// Watches the others: wakes when somebody says so and at the very moment at which a silent peer's token is up, and otherwise a few
/// times per token.
/// </summary>
internal sealed class Observer : IDisposable
{
    private readonly LocalEngineOptions options;
    private readonly string databasePath;
    private readonly Standing standing;
    private readonly WakeSocket socket;
    private readonly ViewChange viewChange;
    private readonly LogWriter writer;
    private readonly Troubles troubles;
    private readonly Thread thread;
    private readonly CancellationTokenSource stopping = new();
    private LogDatabase? database;
    private volatile int[] ports = [];
    private long lastLook = BootClock.Now;
    private StoredState? lastState;
    private long lastVersion;
    private long lastSeenHead;
    private long lastSeenGeneration;
    private long awaitsConsumerSince;

    public Observer(
        LocalEngineOptions options, string databasePath, Standing standing, WakeSocket socket, ViewChange viewChange, LogWriter writer,
        Troubles troubles)
    {
        this.options = options;
        this.databasePath = databasePath;
        this.standing = standing;
        this.socket = socket;
        this.viewChange = viewChange;
        this.writer = writer;
        this.troubles = troubles;
        thread = new Thread(Run) { IsBackground = true, Name = $"observer {options.Node}", Priority = ThreadPriority.AboveNormal };
    }

    /// <summary>When it last looked.</summary>
    public long LastLook => Interlocked.Read(ref lastLook);

    /// <summary>The last index of the log as last seen.</summary>
    public long LastSeenHead => Interlocked.Read(ref lastSeenHead);

    /// <summary>A joiner waits for this node's consumer.</summary>
    public bool AwaitsConsumer => Interlocked.Read(ref awaitsConsumerSince) != 0;

    public void Start()
    {
        thread.Start();
    }

    /// <summary>Wakes the other daemons, and this one's stream and observer as needed.</summary>
    public void WakeAll(Wake wake)
    {
        if (wake == Wake.None)
        {
            return;
        }

        standing.Notify();
        socket.Send(wake, ports);
        if (wake.HasFlag(Wake.Membership))
        {
            LookSoon();
        }
    }

    /// <summary>Makes this observer look now.</summary>
    public void LookSoon() => socket.Send(Wake.Membership, [socket.Port]);

    public void Stop()
    {
        stopping.Cancel();
        socket.Send(Wake.Membership, [socket.Port]);
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
    }

    private void Run()
    {
        while (!stopping.IsCancellationRequested && !standing.IsOver)
        {
            long now = BootClock.Now;
            if (now - LastLook > options.Token / 2)
            {
                // This daemon was itself stopped or starved; perhaps the others were with it.
                standing.PostponeJudgement(now + options.Token / 2);
            }

            Interlocked.Exchange(ref lastLook, now);
            long due = now + options.BeatInterval;
            try
            {
                due = Math.Min(due, Look());
                troubles.End("read", "The log can be read again.");
            }
            catch (SqliteException error)
            {
                troubles.Say("read", LogFault.Explain(databasePath, error).Message, now);
                database?.Dispose();
                database = null;
                lastState = null;
            }
            catch (Exception error) when (error is IOException or InvalidDataException or NotSupportedException or LogLostException)
            {
                troubles.Say("read", error.Message, now);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            AwaitWake(due);
        }

        // This life is over: whether its consumer is hung or not, nobody writes for it any more.
        writer.Retire();
    }

    private void AwaitWake(long due)
    {
        do
        {
            Wake wake = socket.Wait(Math.Max(1, due - BootClock.Now));
            if (wake != Wake.None)
            {
                standing.Notify();
            }

            if (wake.HasFlag(Wake.Membership))
            {
                return;
            }
        }
        while (BootClock.Now < due && !stopping.IsCancellationRequested);
    }

    // Says when to look again.
    private long Look()
    {
        database ??= LogDatabase.Open(databasePath, null, stopping.Token);
        long readAt = BootClock.Now;
        long version = database.ReadDataVersion();
        if (version != lastVersion || lastState is null)
        {
            // The version was read first: what is committed in between is read now or seen next time.
            lastState = database.ReadStateAlone();
            lastVersion = version;
        }

        StoredState state = lastState;
        standing.See(state, readAt);
        if (standing.IsOver)
        {
            return long.MaxValue;
        }

        ViewDecision.Facts facts = viewChange.ReadFacts(state);
        ports =
        [
            .. facts.Heard.Where(pair => pair.Key != standing.Self).Select(pair => pair.Value.Port).Where(port => port is > 0 and <= 65535),
        ];
        if (state.Head > LastSeenHead || state.Generation > lastSeenGeneration)
        {
            // In case the wake-up got lost.
            standing.Notify();
        }

        Interlocked.Exchange(ref lastSeenHead, state.Head);
        lastSeenGeneration = state.Generation;
        ViewDecision decision = ViewDecision.Decide(facts);
        Interlocked.Exchange(ref awaitsConsumerSince, !decision.AwaitsConsumer ? 0 : AwaitsConsumer ? awaitsConsumerSince : facts.Now);
        if (decision.Changes)
        {
            writer.RequestSettle();
        }
        else if (AwaitsConsumer && facts.Now - awaitsConsumerSince > options.BeatInterval)
        {
            viewChange.BePatient();
            writer.RequestSettle();
        }

        return decision.Due;
    }
}
