namespace ClusterTools.Guests.Tests;

/// <summary>A clock that stands still until a test lets time pass.</summary>
internal sealed class HandClock : TimeProvider
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Lock gate = new();
    private readonly List<Alarm> alarms = [];
    private readonly List<TaskCompletionSource> waiting = [];
    private TimeSpan now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        lock (gate)
        {
            return now.Ticks;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Assert.Equal(Timeout.InfiniteTimeSpan, period);
        var alarm = new Alarm(this, () => callback(state));
        alarm.Change(dueTime, period);
        return alarm;
    }

    /// <summary>Lets time pass, as soon as somebody waits for just this moment.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        TimeSpan then = now + time;
        Alarm[] due = [];
        while (due is [])
        {
            TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (gate)
            {
                if (alarms.Exists(alarm => alarm.Due == then))
                {
                    now = then;
                    due = [.. alarms.Where(alarm => alarm.Due <= then).OrderBy(static alarm => alarm.Due)];
                    alarms.RemoveAll(due.Contains);
                    continue;
                }

                waiting.Add(changed);
            }

            await changed.Task.WaitAsync(Limit, TestContext.Current.CancellationToken);
        }

        Array.ForEach(due, static alarm => alarm.Ring());
    }

    private sealed class Alarm(HandClock clock, Action ring) : ITimer
    {
        public TimeSpan Due { get; private set; }

        public Action Ring => ring;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            TaskCompletionSource[] told;
            lock (clock.gate)
            {
                clock.alarms.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan)
                {
                    return true;
                }

                Due = clock.now + dueTime;
                clock.alarms.Add(this);
                told = [.. clock.waiting];
                clock.waiting.Clear();
            }

            Array.ForEach(told, static one => one.TrySetResult());
            return true;
        }

        public void Dispose()
        {
            lock (clock.gate)
            {
                clock.alarms.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
