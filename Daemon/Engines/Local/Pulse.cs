using Microsoft.Data.Sqlite;

namespace ClusterTools.Engines.Local;

/// <summary>
/// This daemon's heartbeat: a thread of its own that beats five times per token while the daemon really works: its consumer takes
/// events, its writer can write, its observer looks. After a gap it first asks whether it is still a member.
/// </summary>
internal sealed class Pulse : IDisposable
{
    private readonly LocalEngineOptions options;
    private readonly string databasePath;
    private readonly Standing standing;
    private readonly Heartbeat heartbeat;
    private readonly LogWriter writer;
    private readonly Observer observer;
    private readonly Troubles troubles;
    private readonly Thread thread;
    private readonly ManualResetEventSlim stopping = new();
    private long lastBeat;

    public Pulse(
        LocalEngineOptions options, string databasePath, Standing standing, Heartbeat heartbeat, LogWriter writer, Observer observer,
        Troubles troubles)
    {
        this.options = options;
        this.databasePath = databasePath;
        this.standing = standing;
        this.heartbeat = heartbeat;
        this.writer = writer;
        this.observer = observer;
        this.troubles = troubles;
        thread = new Thread(Run) { IsBackground = true, Name = $"heartbeat {options.Node}", Priority = ThreadPriority.Highest };
    }

    public void Start()
    {
        lastBeat = BootClock.Now;
        heartbeat.Beat(lastBeat);
        thread.Start();
    }

    public void Dispose()
    {
        stopping.Set();
        if (thread.IsAlive)
        {
            thread.Join();
        }

        stopping.Dispose();
    }

    private void Run()
    {
        do
        {
            long now = BootClock.Now;
            if (now - lastBeat > options.Token)
            {
                standing.PostponeJudgement(now + options.Token / 2);
                if (!IsStillThere())
                {
                    continue;
                }
            }

            if (Examine(now) is { } found)
            {
                troubles.Say("hung", $"Counts as hung and does not beat: {found}", now);

                // Who does not beat may not call others silent: what holds it up may hold them up, too.
                standing.PostponeJudgement(now + options.Token);
            }
            else
            {
                troubles.End("hung", "Works again; beating.");
                heartbeat.Beat(now);
                lastBeat = now;
            }
        }
        while (!standing.IsOver && !stopping.Wait(options.BeatInterval));
    }

    private string? Examine(long now)
    {
        if (writer.TroubledSince is not 0 and long since && now - since > options.EffectiveWriteLimit)
        {
            return $"the log could not be written for {(now - since) / 1000.0:0.0} s.";
        }

        if (now - observer.LastLook > options.EffectiveWriteLimit)
        {
            return $"the log could not be read for {(now - observer.LastLook) / 1000.0:0.0} s.";
        }

        if (!standing.IsMember)
        {
            return null;
        }

        long stuck = standing.StuckFor(now);
        if (stuck > options.EffectiveConsumerLimit)
        {
            return $"the event consumer has made no progress for {stuck / 1000.0:0.0} s.";
        }

        long backlog = observer.LastSeenHead - standing.Handled;
        return backlog > EngineLimits.MaxBacklog ? $"{backlog} events wait for the consumer." : null;
    }

    private bool IsStillThere()
    {
        try
        {
            using LogDatabase database = LogDatabase.Open(databasePath, null, CancellationToken.None);
            long readAt = BootClock.Now;
            standing.See(database.ReadStateAlone(), readAt);
            return !standing.IsOver;
        }
        catch (Exception error) when (error is IOException or SqliteException or InvalidDataException or NotSupportedException
            or LogLostException)
        {
            troubles.Say("member", $"Cannot see whether this daemon is still a member: {error.Message}", BootClock.Now);
            return false;
        }
    }
}
