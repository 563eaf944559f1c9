using System.Globalization;
using System.Text.Json.Serialization;
using ClusterTools.Core;

namespace ClusterTools.Node;

/// <summary>The machine's watchdog, which resets it when it is not fed any more: part of <c>node.json</c>.</summary>
public sealed record WatchdogSettings
{
    private const int ShortestSeconds = WatchdogTimes.ShortestTimeout;
    private const int LongestSeconds = WatchdogTimes.LongestTimeout;

    /// <summary>The device, such as <c>/dev/watchdog</c>.</summary>
    public string Device { get; init; } = "/dev/watchdog";

    /// <summary>
    /// After how long without being fed the watchdog resets the machine, in whole seconds: <c>10s</c>. From 3 s to 600 s.
    /// </summary>
    public string Timeout { get; init; } = "10s";

    /// <summary><see cref="Timeout"/> in seconds; null: it is none.</summary>
    [JsonIgnore]
    public int? Seconds =>
        Timeout.EndsWith('s') && int.TryParse(Timeout.AsSpan()[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out int n)
            && n is >= ShortestSeconds and <= LongestSeconds ? n : null;

    /// <summary>What its driver took, in seconds; null: the watchdog is not armed.</summary>
    [JsonIgnore]
    public int? TakenSeconds { get; init; }

    /// <summary>What is wrong, and what to do; null: nothing.</summary>
    public string? WhyWrong() =>
        !IsDevice ? $"\"watchdog\": the device '{BoundedEvent.Shown(Device)}' is no file below /dev. Give its full path, such as "
            + "/dev/watchdog."
        : Seconds is null ? $"\"watchdog\": the timeout '{BoundedEvent.Shown(Timeout)}' is not from {ShortestSeconds}s to "
            + $"{LongestSeconds}s. Give whole seconds, such as \"10s\"."
        : null;

    private bool IsDevice => Device.StartsWith("/dev/", StringComparison.Ordinal) && Device.Length > "/dev/".Length
        && !Device.Contains('\0', StringComparison.Ordinal) && Path.GetFullPath(Device) == Device;
}
