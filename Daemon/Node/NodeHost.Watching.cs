using ClusterTools.Core;
using ClusterTools.Engines;

namespace ClusterTools.Node;

// What the feeding of the machine's watchdog goes by: that this life gets on with its work, and has quorum or stops in time.
public sealed partial class NodeHost
{
    private static readonly TimeSpan BeatInterval = TimeSpan.FromMilliseconds(500);

    private readonly Timer? beat;
    private long beatAt = BootClock.Now;
    private long soundUntil = long.MaxValue;

    /// <summary>
    /// Why the machine's watchdog must not be fed any more, as the end of a sentence; null: this life is sound. Waits for nothing.
    /// </summary>
    /// <param name="now">In <see cref="BootClock"/> milliseconds.</param>
    /// <param name="stallLimit">How long events may not have been handled, in milliseconds.</param>
    public string? WhyUnsound(long now, long stallLimit)
    {
        long silent = now - Interlocked.Read(ref beatAt);
        return silent > stallLimit ? $"this daemon has not got on with its work for {SpanText.Of(silent)}"
            : now > Interlocked.Read(ref soundUntil) ? "this node is without quorum and has not stopped its work in time"
            : null;
    }

    /// <summary>A watchdog can't be asked from elsewhere: what its node has said of it.</summary>
    private FenceDeviceStatus WatchdogStatus(string node, string method, string device) =>
        State.Nodes.GetValueOrDefault(node) is { Watchdog: { } armed, Member: true }
            ? new FenceDeviceStatus(node, method, device, true, true, $"armed, {SpanText.Of(armed.Timeout)}")
            : new FenceDeviceStatus(
                node, method, device, false, null,
                $"The node does not say that its watchdog is armed. Set \"watchdog\" in its {NodeSettings.FileName} and restart its daemon "
                    + "(clusterd restart).");

    /// <summary>Comes from the threads that handle events and takes what they hold: where they hang, this does not get through.</summary>
    private void OnBeat()
    {
        lock (gate)
        {
            long? until = stopUnaided ?? replica.SoundUntil(engine.LastConfirmed is > 0 and long then ? then : null, Token);
            Interlocked.Exchange(ref soundUntil, until is { } by ? by + WatchdogTimes.Grace : long.MaxValue);
            Interlocked.Exchange(ref beatAt, BootClock.Now);
        }
    }
}
