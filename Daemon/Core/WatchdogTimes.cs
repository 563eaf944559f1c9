using System.Globalization;
using ClusterTools.Core.Configuration;

namespace ClusterTools.Core;

/// <summary>
/// How long a machine with a watchdog can go on after the others have lost it, and how long they wait until that proves it down
/// (FEATURES C9): one arithmetic for the machine, which keeps to it, for the configuration, and for who waits.
/// </summary>
public static class WatchdogTimes
{
    /// <summary>How much later than the deadline a machine may reset itself until its watchdog is not fed any more, in ms.</summary>
    public const int Grace = 2_000;

    /// <summary>How much longer than a machine can go on the others wait, in milliseconds.</summary>
    public const int Margin = 5_000;

    /// <summary>Shortest and longest timeout of a watchdog, in seconds.</summary>
    public const int ShortestTimeout = 3;

    /// <inheritdoc cref="ShortestTimeout"/>
    public const int LongestTimeout = 600;

    /// <summary>Longest wait for the proof, in seconds.</summary>
    public const int LongestWait = 7_200;

    // A daemon whose own word does not come back for 10 s, or three tokens, has no quorum; the ring's members notice a loss at times of
    // their own.
    private const int AnswerLimit = 10_000;
    private const int Tokens = 3;

    /// <summary>The longest that a node goes on as a member after the others have lost it, in milliseconds.</summary>
    /// <param name="token">Token time in milliseconds.</param>
    public static int Notice(int token) => Math.Max(AnswerLimit, Tokens * token) + (Tokens * token);

    /// <summary>Within how many milliseconds of its loss a node has stopped what it runs, or its watchdog has reset its machine.</summary>
    /// <param name="token">Token time in milliseconds.</param>
    /// <param name="quorumLossDeadline">In milliseconds.</param>
    /// <param name="timeout">The watchdog's, in milliseconds.</param>
    public static long Within(int token, int quorumLossDeadline, int timeout) =>
        (long)Notice(token) + quorumLossDeadline + Grace + timeout;

    /// <summary>The shortest wait that proves something by a configuration, in milliseconds.</summary>
    /// <param name="timing">The configuration's.</param>
    /// <param name="timeout">The watchdog's, in seconds.</param>
    public static long LeastWait(ClusterTiming timing, int timeout)
    {
        ArgumentNullException.ThrowIfNull(timing);
        return Within(timing.Token, timing.QuorumLossDeadline, timeout * 1000) + Margin;
    }

    /// <summary>What <see cref="LeastWait"/> is the sum of, in words.</summary>
    public static string Describe(ClusterTiming timing, int timeout)
    {
        ArgumentNullException.ThrowIfNull(timing);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{SpanText.Of(Notice(timing.Token))} until it notices (by the token time), "
                + $"{SpanText.Of(timing.QuorumLossDeadline + Grace)} to stop its work (by quorumLossDeadline), "
                + $"{SpanText.Of(timeout * 1000L)} of its watchdog, and {SpanText.Of(Margin)} to be sure");
    }
}
