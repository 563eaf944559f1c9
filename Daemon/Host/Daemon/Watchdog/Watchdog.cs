using ClusterTools.Core;
using ClusterTools.Engines;
using ClusterTools.Node;

namespace ClusterTools.Host.Daemon;

/// <summary>
/// Feeds the machine's watchdog from a thread of its own, as long as the node is sound: a daemon that hangs or dies, and a node that has
/// lost quorum and can't stop its work, takes its machine with it (FEATURES A2, C5).
/// </summary>
internal sealed class Watchdog : IDisposable
{
    private const int FeedsATimeout = 4;
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(1);

    private readonly WatchdogDevice device;
    private readonly UnreleasedWatchdog mark;
    private readonly Func<long, long, string?> whyUnsound;
    private readonly Action<JournalSeverity, string> say;
    private readonly ManualResetEventSlim ending = new();
    private readonly Thread thread;
    private volatile string? starved;

    private Watchdog(
        WatchdogDevice device, UnreleasedWatchdog mark, Func<long, long, string?> whyUnsound, Action<JournalSeverity, string> say)
    {
        this.device = device;
        this.mark = mark;
        this.whyUnsound = whyUnsound;
        this.say = say;
        thread = new Thread(Feed) { Name = "watchdog", IsBackground = true, Priority = ThreadPriority.Highest };
    }

    /// <summary>What its driver took.</summary>
    public TimeSpan Timeout => device.Timeout;

    /// <summary>Opens the watchdog of the settings, if they name one, and begins to feed it.</summary>
    /// <param name="settings">The node's.</param>
    /// <param name="stateFolder">Where it is kept that there is a watchdog to be released.</param>
    /// <param name="whyUnsound">From the time and how long a daemon may hang, in ms: why it must not be fed; null: it may.</param>
    /// <param name="say">Writes the journal.</param>
    /// <exception cref="IOException">It can't be used; the message says why and what to do.</exception>
    /// <exception cref="InvalidDataException">An earlier daemon has left the machine to its watchdog.</exception>
    public static Watchdog? Start(
        NodeSettings settings, string stateFolder, Func<long, long, string?> whyUnsound, Action<JournalSeverity, string> say)
    {
        var mark = new UnreleasedWatchdog(stateFolder);
        mark.Check();
        if (settings.Watchdog is not { } wanted)
        {
            return null;
        }

        WatchdogDevice device = WatchdogDevice.Open(wanted);
        try
        {
            mark.Write(device);
        }
        catch
        {
            device.Release();
            throw;
        }

        var watchdog = new Watchdog(device, mark, whyUnsound, say);
        string took = $"{device.Timeout.TotalSeconds:0}s" == wanted.Timeout ? "" : $" (asked for: {wanted.Timeout})";
        say(
            took.Length == 0 ? JournalSeverity.Information : JournalSeverity.Warning,
            $"{device.Path} ({device.Identity}) is armed: this machine is reset {SpanText.Of(device.Timeout)}{took} after this daemon has "
                + "ended without leave, hangs, or has no quorum and can't stop its work."
                + (device.IsForGood ? " It can't be released again (nowayout): stopping the daemon resets the machine, too." : ""));
        watchdog.thread.Start();
        return watchdog;
    }

    /// <summary>From now on it is not fed, whatever comes.</summary>
    public void Starve(string why) => starved ??= why;

    /// <summary>Lets go of it: nothing here needs the machine reset any more.</summary>
    public void Release()
    {
        ending.Set();
        thread.Join();
        if (starved is not null)
        {
            return;
        }

        mark.Remove();
        if (device.Release())
        {
            say(JournalSeverity.Information, $"{device.Path} is released: this machine is not reset by it.");
        }
        else
        {
            say(
                JournalSeverity.Warning,
                $"{device.Path} can't be released (nowayout): this machine is reset in {SpanText.Of(device.Timeout)} unless the daemon is "
                    + "started again before.");
        }
    }

    /// <summary>Without <see cref="Release"/> before it, the machine is reset.</summary>
    public void Dispose()
    {
        ending.Set();
        thread.Join();
        device.Dispose();
        ending.Dispose();
    }

    private void Feed()
    {
        WatchdogNative.RunInRealTime();
        TimeSpan interval = device.Timeout / FeedsATimeout;
        interval = interval < LongestInterval ? interval : LongestInterval;
        long stallLimit = (long)device.Timeout.TotalMilliseconds;
        string? unsound = null;
        do
        {
            string? before = unsound;
            unsound = starved ?? whyUnsound(BootClock.Now, stallLimit) ?? device.Feed();
            if (unsound is not null && before is null)
            {
                say(
                    JournalSeverity.Error,
                    $"{device.Path} is not fed any more: {unsound}. This machine is reset within {SpanText.Of(device.Timeout)}.");
            }
            else if (unsound is null && before is not null)
            {
                say(JournalSeverity.Warning, $"{device.Path} is fed again: this node goes on with its work.");
            }
        }
        while (!ending.Wait(interval));
    }
}
