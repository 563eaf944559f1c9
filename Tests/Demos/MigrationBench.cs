using System.Diagnostics;
using System.Globalization;

namespace ClusterTools.Demos;

/// <summary>
/// Migrations asked of the cluster and by virsh alone, in turn, of the same guest between the same two hosts: how long each takes from the
/// question to the answer, and how long the guest stands still, by what it writes.
/// </summary>
internal sealed class MigrationBench(Programs programs, int pairs) : TwoHosts(programs)
{
    private const int Resamples = 10_000;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(1);

    private readonly List<(double Time, double Gap)> ours = [];
    private readonly List<(double Time, double Gap)> alone = [];

    protected override async Task ShowAsync(IReadOnlyList<IReadOnlyList<Step>> blocks, CancellationToken cancel)
    {
        await BeginAsync(cancel).ConfigureAwait(false);
        await TypeAllAsync(blocks[0], cancel).ConfigureAwait(false);
        // New-Cluster has put them beside the contexts, under the cluster's name.
        string credentials = Path.Combine(Shared("root"), "hosts");
        int at = 1;
        for (int pair = 0; pair < pairs; pair++)
        {
            // Both orders, and both ways.
            foreach (bool isOurs in pair % 4 is 0 or 3 ? new[] { true, false } : [false, true])
            {
                string from = Hosts[at];
                at = 1 - at;
                string to = Hosts[at];
                string command = isOurs
                    ? $"cd '{credentials}'; curl -sS --fail --cacert ca.pem --cert-type P12 --cert admin.pfx: -X POST "
                        + $"-d '{{\"node\":\"{to}\"}}' -H 'Content-Type: application/json' "
                        + $"'https://{Network.Address("n1")}:7450/v1/groups/ticker/migrate?wait=60'"
                    : "virsh -q migrate --live --p2p --auto-converge --abort-on-error --unsafe ticker "
                        + $"qemu+tcp://{Network.Address(to)}/system";
                (isOurs ? ours : alone).Add(await MeasureAsync(isOurs ? "n1" : from, command, cancel).ConfigureAwait(false));
                await Session.TypeAsync(
                    $"while (($g = Get-ClusterGuest ticker).Host -ne '{to}' -or $g.ActiveOn.Count -ne 1 -or $g.Phase -ne 'Started') "
                        + "{ Start-Sleep -Milliseconds 50 }; Start-Sleep -Milliseconds 300", cancel).ConfigureAwait(false);
            }
        }

        Console.WriteLine($"\n{pairs} pairs      asked of the cluster   by virsh alone    ratio of the medians (95 %)");
        Tell("time, ms", m => m.Time);
        Tell("gap, ms", m => m.Gap);
        if (Ticks.WhyTwo is { } two)
        {
            throw new DemoException($"The guest has not always been one: {two}.");
        }
    }

    private async Task<(double Time, double Gap)> MeasureAsync(string host, string command, CancellationToken cancel)
    {
        using var ending = new CancellationTokenSource();
        Task<double> gap = Task.Factory.StartNew(
            () => LongestGap(ending.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        long began = Stopwatch.GetTimestamp();
        await RunAsync(host, command, cancel).ConfigureAwait(false);
        double time = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        await Task.Delay(100, cancel).ConfigureAwait(false);
        await ending.CancelAsync().ConfigureAwait(false);
        return (time, await gap.ConfigureAwait(false));
    }

    /// <summary>In milliseconds, between two times that the guest wrote.</summary>
    private double LongestGap(CancellationToken ending)
    {
        long last = Stopwatch.GetTimestamp();
        long length = new FileInfo(Serial).Length;
        TimeSpan longest = TimeSpan.Zero;
        while (!ending.IsCancellationRequested)
        {
            Thread.Sleep(Look);
            long now = new FileInfo(Serial).Length;
            if (now != length)
            {
                length = now;
                TimeSpan gap = Stopwatch.GetElapsedTime(last);
                last = Stopwatch.GetTimestamp();
                longest = gap > longest ? gap : longest;
            }
        }

        return longest.TotalMilliseconds;
    }

    private void Tell(string what, Func<(double Time, double Gap), double> of)
    {
        double[] a = [.. ours.Select(of)];
        double[] b = [.. alone.Select(of)];
        var chance = new Random(1);
        double[] ratios = [.. Enumerable.Range(0, Resamples).Select(_ => Median(Again(a, chance)) / Median(Again(b, chance))).Order()];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what,-10} {Median(a),8:0} ({a.Min():0}-{a.Max():0}) {Median(b),12:0} ({b.Min():0}-{b.Max():0})   "
                + $"{Median(a) / Median(b):0.00} ({ratios[Resamples / 40]:0.00}-{ratios[Resamples - (Resamples / 40)]:0.00})"));
    }

    private static double[] Again(double[] sample, Random chance) => [.. sample.Select(_ => sample[chance.Next(sample.Length)])];

    private static double Median(double[] sample)
    {
        double[] sorted = [.. sample.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
