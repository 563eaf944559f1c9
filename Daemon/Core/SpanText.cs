using System.Globalization;

namespace ClusterTools.Core;

/// <summary>
/// Spans of time as people read them, in two units at most: <c>350 ms</c>, <c>12 s</c>, <c>3 min 20 s</c>, <c>4 d 3 h</c>.
/// </summary>
public static class SpanText
{
    /// <param name="milliseconds">The span.</param>
    public static string Of(long milliseconds) => Of(TimeSpan.FromMilliseconds(milliseconds));

    /// <param name="span">The span; before now when negative.</param>
    public static string Of(TimeSpan span) => span switch
    {
        { Ticks: < 0 } => span == TimeSpan.MinValue ? Of(TimeSpan.MinValue + TimeSpan.FromTicks(1)) : "-" + Of(span.Negate()),
        { TotalSeconds: < 1 } => $"{span.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture)} ms",
        { TotalSeconds: < 10 } when span.Milliseconds >= 50 => span.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s",
        { TotalMinutes: < 1 } => $"{(int)span.TotalSeconds} s",
        { TotalHours: < 1 } => Two(span.Minutes, "min", span.Seconds, "s"),
        { TotalDays: < 1 } => Two(span.Hours, "h", span.Minutes, "min"),
        _ => Two((int)span.TotalDays, "d", span.Hours, "h"),
    };

    private static string Two(int large, string largeUnit, int small, string smallUnit) =>
        small == 0 ? $"{large} {largeUnit}" : $"{large} {largeUnit} {small} {smallUnit}";
}
