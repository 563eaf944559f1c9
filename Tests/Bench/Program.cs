using ClusterTools.Bench;

Console.WriteLine(Distribution.Header);
foreach ((int nodes, int groups) in new[] { (3, 20), (100, 1_000), (1_000, 10_000) })
{
    foreach (Distribution row in CoreBench.Run(nodes, groups))
    {
        Console.WriteLine(row.Row());
    }
}

(double perSecond, int events) = CoreBench.Throughput();
Console.WriteLine($"Apply, 5 nodes × 100 groups: {perSecond:N0} events a second ({events:N0} events).");
