using System.Globalization;
using ClusterTools.Engines.Tests;
using ClusterTools.Engines.Tests.Corosync.Network;

namespace ClusterTools.Benchmarks.Commits;

/// <summary>
/// Commits of the engine over real corosyncs on machines in namespaces, and beside them, over the same corosyncs, what process groups do
/// alone. All engines are in this process.
/// </summary>
internal static class CommitBench
{
    private const int Size = 1024;
    private const int Proposers = 256;
    private const string Memory = "/dev/shm";
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    public static string Header =>
        "| nodes | log on | commits | one proposer: median ms | p99 ms | 256 proposers on one node: commits a second | on all nodes "
            + "| process groups alone, one sender: messages a second | all send | commits of messages |\n"
            + "|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|";

    /// <summary>Measures, and says each row; all figures but the latencies are medians of the rounds.</summary>
    public static async Task RunAsync(int nodes, int rounds, int commits, Action<string> row, CancellationToken cancel)
    {
        string[] names = [.. Enumerable.Range(1, nodes).Select(i => $"n{i}")];
        await using var network = new CorosyncNetwork(names, isWhole: false);
        await network.InitializeAsync().ConfigureAwait(false);
        (string Words, string? Root)[] disks = [("memory (tmpfs)", Memory), ("disk", null)];
        List<double>[] times = [[], []];
        List<double>[] one = [[], []];
        List<double>[] many = [[], []];
        List<double> alone = [];
        List<double> all = [];
        for (int round = 0; round < rounds; round++)
        {
            for (int at = 0; at < disks.Length; at++)
            {
                cancel.ThrowIfCancellationRequested();
                Console.Error.WriteLine($"{nodes} nodes, round {round + 1}, {disks[at].Words}");
                alone.Add(await CpgRate.MeasureAsync(network, names, 1, Size, Window).ConfigureAwait(false));
                all.Add(await CpgRate.MeasureAsync(network, names, nodes, Size, Window).ConfigureAwait(false));
                using var folder = new TemporaryFolder(disks[at].Root);
                await using var engines = new EngineNodes(network, names, folder.Path);
                await engines.TogetherAsync().ConfigureAwait(false);
                await engines.OneByOneAsync(100, Size, Window).ConfigureAwait(false);
                times[at].AddRange(await engines.OneByOneAsync(commits, Size, Longest).ConfigureAwait(false));
                one[at].Add(await engines.RateAsync(1, Proposers, Size, Window).ConfigureAwait(false));
                many[at].Add(await engines.RateAsync(nodes, Proposers, Size, Window).ConfigureAwait(false));
            }
        }

        for (int at = 0; at < disks.Length; at++)
        {
            var latency = new Distribution("", [.. times[at]]);
            double best = Math.Max(Median(one[at]), Median(many[at]));
            row(string.Create(
                CultureInfo.InvariantCulture,
                $"| {nodes} | {disks[at].Words} | {times[at].Count} | {latency.Median:N2} | {latency.Quantile(0.99):N2} | "
                    + $"{Median(one[at]):N0} | {Median(many[at]):N0} | {Median(alone):N0} | {Median(all):N0} | "
                    + $"{best / Math.Max(Median(alone), Median(all)):P0} |"));
        }
    }

    private static double Median(List<double> values) => new Distribution("", [.. values]).Median;
}
