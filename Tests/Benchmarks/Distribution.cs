using System.Diagnostics;
using System.Globalization;

namespace ClusterTools.Benchmarks;

/// <summary>Milliseconds of repeated runs: quoted as minimum, median, 95th and 99th percentile and maximum.</summary>
internal sealed record Distribution(string Name, double[] Milliseconds, string? Budget = null)
{
    public double Median => Quantile(0.5);

    public static Distribution Measure(string name, int runs, Action work, string? budget = null, int warmUp = 2)
    {
        for (int i = 0; i < warmUp; i++)
        {
            work();
        }

        double[] times = new double[runs];
        for (int i = 0; i < runs; i++)
        {
            long start = Stopwatch.GetTimestamp();
            work();
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        return new Distribution(name, times, budget);
    }

    public double Quantile(double q)
    {
        double[] sorted = [.. Milliseconds.Order()];
        return sorted.Length == 0 ? double.NaN : sorted[Math.Min(sorted.Length - 1, (int)(q * sorted.Length))];
    }

    /// <summary>A row of a Markdown table.</summary>
    public string Row() =>
        $"| {Name} | {Milliseconds.Length} | {Number(Milliseconds.Min())} | {Number(Median)} | {Number(Quantile(0.95))} | "
            + $"{Number(Quantile(0.99))} | {Number(Milliseconds.Max())} | {Budget ?? "–"} |";

    public static string Header =>
        "| what | runs | min ms | median ms | p95 ms | p99 ms | max ms | budget |\n|---|---:|---:|---:|---:|---:|---:|---|";

    private static string Number(double value) =>
        value.ToString(Math.Abs(value) switch { >= 100 => "N0", >= 1 => "N1", >= 0.01 => "N3", _ => "N5" }, CultureInfo.InvariantCulture);
}
