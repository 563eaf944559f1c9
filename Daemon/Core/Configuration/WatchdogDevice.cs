using System.Collections.Immutable;
using System.Globalization;

namespace ClusterTools.Core.Configuration;

/// <summary>
/// A fence device without an agent: the node's own watchdog, which clusterd feeds there. Waiting long enough is the proof (FEATURES C9).
/// </summary>
/// <param name="Timeout">The longest timeout of the node's watchdog, in seconds.</param>
/// <param name="Wait">How long after its loss a node is proven down, in milliseconds.</param>
public sealed record WatchdogDevice(int Timeout, long Wait)
{
    /// <summary>What stands in an agent's place.</summary>
    public const string Agent = "watchdog";

    private const string TimeoutName = "timeout";
    private const string WaitName = "wait";

    /// <summary>Whether a fence device is one.</summary>
    public static bool Is(FenceDevice? device) => device?.Agent == Agent;

    /// <summary>What a step of a method says of the watchdog of its node; null: what it says is wrong.</summary>
    public static WatchdogDevice? Of(ClusterConfiguration configuration, FenceDevice device, FenceStep step) =>
        WhyWrong(configuration, device, step) is null ? Read(configuration, Given(device, step)) : null;

    /// <summary>What is wrong with a step of a method, and what to do; null: nothing.</summary>
    public static (string Message, string Remedy)? WhyWrong(ClusterConfiguration configuration, FenceDevice device, FenceStep step)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(step);
        ImmutableSortedDictionary<string, string> given = Given(device, step);
        if (given.Keys.FirstOrDefault(name => name is not (TimeoutName or WaitName)) is { } unknown)
        {
            return ($"has the parameter '{unknown}', which a watchdog has not", $"Its parameters are '{TimeoutName}' and '{WaitName}'.");
        }

        if (Seconds(given, TimeoutName) is not (>= WatchdogTimes.ShortestTimeout and <= WatchdogTimes.LongestTimeout and int timeout))
        {
            return (
                $"says no '{TimeoutName}' from {WatchdogTimes.ShortestTimeout} to {WatchdogTimes.LongestTimeout} seconds",
                $"Give '{TimeoutName}', in seconds: that of \"watchdog\" in the nodes' node.json, or more.");
        }

        if (configuration.TwoNode)
        {
            return (
                "proves nothing of two nodes: each of them goes on without the other and feeds its own watchdog",
                "Use a device that cuts the other off, or a third vote (another node, a quorum device) and no two_node.");
        }

        long least = (WatchdogTimes.LeastWait(configuration.Timing, timeout) + 999) / 1000;
        return given.TryGetValue(WaitName, out string? said)
            && !(Seconds(given, WaitName) is { } wait && wait >= least && wait <= WatchdogTimes.LongestWait)
            ? ($"waits for '{said}' seconds, and a node could go on for longer: "
                    + $"{WatchdogTimes.Describe(configuration.Timing, timeout)} make {least} s",
                $"Give a '{WaitName}' from {least} to {WatchdogTimes.LongestWait} seconds, or leave it out: it is then {least}. A shorter "
                    + "quorumLossDeadline, token time or timeout makes it shorter.")
            : null;
    }

    private static WatchdogDevice Read(ClusterConfiguration configuration, ImmutableSortedDictionary<string, string> given)
    {
        int timeout = Seconds(given, TimeoutName)!.Value;
        return new WatchdogDevice(
            timeout, Seconds(given, WaitName) is { } wait ? wait * 1000L : WatchdogTimes.LeastWait(configuration.Timing, timeout));
    }

    private static ImmutableSortedDictionary<string, string> Given(FenceDevice device, FenceStep step) =>
        device.Parameters.SetItems(step.Parameters);

    private static int? Seconds(ImmutableSortedDictionary<string, string> given, string name) =>
        given.TryGetValue(name, out string? text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds)
            ? seconds
            : null;
}
