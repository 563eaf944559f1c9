using System.Globalization;

namespace ClusterTools.Benchmarks.Failover;

/// <summary>What a corosync has written, with its own times: milliseconds of the machine's clock.</summary>
internal static class CorosyncLog
{
    private const string TimeFormat = "MMM dd HH:mm:ss.fff";

    /// <summary>When it had a new membership, from a time on.</summary>
    public static double[] Memberships(string log, double after) =>
    [
        .. File.ReadLines(log).Where(line => line.Contains("] A new membership", StringComparison.Ordinal))
            .Select(Time).OfType<double>().Where(time => time >= after),
    ];

    private static double? Time(string line) =>
        DateTime.TryParseExact(
            line[..Math.Min(line.Length, TimeFormat.Length)], TimeFormat, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeLocal | DateTimeStyles.AdjustToUniversal, out DateTime time)
            ? (time - DateTime.UnixEpoch).TotalMilliseconds
            : null;
}
