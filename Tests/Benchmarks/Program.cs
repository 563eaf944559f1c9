using System.Globalization;
using ClusterTools.Benchmarks;

// Arguments: lab, core, module (which parts; all when none is named), --daemon PATH and --module MANIFEST (without them only the Core is
// measured), --failovers N, --size NODESxGROUPS, --shells N.
string[] parts = ["lab", "core", "module"];
bool Wanted(string part) => !args.Intersect(parts).Any() || args.Contains(part);
string? Option(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

(int Nodes, int Groups)[] sizes = Option("--size") is { } size
    ? [(int.Parse(size.Split('x')[0], CultureInfo.InvariantCulture), int.Parse(size.Split('x')[1], CultureInfo.InvariantCulture))]
    : [(3, 20), (100, 1_000), (1_000, 10_000)];
using var cancellation = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    cancellation.Cancel();
};

if (Option("--daemon") is { } daemon && Wanted("lab"))
{
    Console.WriteLine("## Three daemons in a lab\n");
    var said = new List<string>();
    Console.WriteLine(Distribution.Header);
    await LabBench.RunAsync(
        daemon, int.Parse(Option("--failovers") ?? "30", CultureInfo.InvariantCulture), row =>
        Console.WriteLine(row.Row()), said.Add, cancellation.Token);
    Console.WriteLine();
    said.ForEach(line => Console.WriteLine($"- {line}"));
    Console.WriteLine();
}

if (Option("--daemon") is { } clusterd && Option("--module") is { } module && Wanted("module"))
{
    Console.WriteLine("## The module in PowerShell\n");
    var said = new List<string>();
    Console.WriteLine(Distribution.Header);
    await ModuleBench.RunAsync(
        clusterd, module, int.Parse(Option("--shells") ?? "20", CultureInfo.InvariantCulture), row =>
        Console.WriteLine(row.Row()), said.Add, cancellation.Token);
    Console.WriteLine();
    said.ForEach(line => Console.WriteLine($"- {line}"));
    Console.WriteLine();
}

if (Wanted("core"))
{
    Console.WriteLine("## The Core alone\n");
    Console.WriteLine(Distribution.Header);
    foreach ((int nodes, int groups) in sizes)
    {
        foreach (Distribution row in CoreBench.Run(nodes, groups))
        {
            Console.WriteLine(row.Row());
        }
    }

    (double perSecond, int events) = CoreBench.Throughput();
    Console.WriteLine();
    Console.WriteLine(
        $"- Apply, 5 nodes × 100 groups, groups failing and recovering: {perSecond:N0} events a second ({events:N0} events).");
}
