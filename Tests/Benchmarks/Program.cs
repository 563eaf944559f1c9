using System.Diagnostics;
using System.Globalization;
using ClusterTools.Api;
using ClusterTools.Benchmarks;
using ClusterTools.Benchmarks.Commits;
using ClusterTools.Benchmarks.Failover;
using ClusterTools.Client;

// Arguments: lab, core, module (which parts; all of these when none is named), failover, commits, changes, calm, groups (several machines,
// as root; only when they are named), --daemon PATH and --module MANIFEST (without them only the Core is measured), --failovers N,
// --size NODESxGROUPS, --shells N, --runs N, --nodes N,N…, --groups N,N…, --minutes N.
string[] parts = ["lab", "core", "module"];
string[] machineParts = ["failover", "commits", "groups", "changes", "calm"];
bool Wanted(string part) => args.Contains(part) || (parts.Contains(part) && !args.Intersect([.. parts, .. machineParts]).Any());
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

if (args.Contains("changes") && Option("--context") is { } context)
{
    // Run by this program itself on the network of the machines.
    using ClusterClient client = ClusterClient.FromContext(context, null, WireJson.Default);
    var changes = new ConfigurationChanges(client, "web");
    for (int i = 0; i < 10; i++)
    {
        await changes.ChangeAsync(cancellation.Token);
    }

    for (int left = int.Parse(Option("--runs")!, CultureInfo.InvariantCulture); left > 0; left--)
    {
        long start = Stopwatch.GetTimestamp();
        await changes.ChangeAsync(cancellation.Token);
        Console.WriteLine(Stopwatch.GetElapsedTime(start).TotalMilliseconds.ToString(CultureInfo.InvariantCulture));
    }

    return;
}

if (Option("--daemon") is { } managing && Wanted("failover"))
{
    Console.WriteLine("## Failover of a service on three machines\n");
    var said = new List<string>();
    await FailoverBench.RunAsync(
        Path.GetFullPath(managing), int.Parse(Option("--runs") ?? "5", CultureInfo.InvariantCulture), said.Add, cancellation.Token);
    Console.WriteLine();
    said.ForEach(line => Console.WriteLine($"- {line}"));
    Console.WriteLine();
}

if (Wanted("commits"))
{
    Console.WriteLine("## Commits on several machines, 1 KB each\n");
    Console.WriteLine(CommitBench.Header);
    foreach (string nodes in (Option("--nodes") ?? "3").Split(','))
    {
        await CommitBench.RunAsync(
            int.Parse(nodes, CultureInfo.InvariantCulture), int.Parse(Option("--runs") ?? "3", CultureInfo.InvariantCulture), 500,
            Console.WriteLine, cancellation.Token);
    }

    Console.WriteLine();
    if (Option("--daemon") is { } resting)
    {
        Console.WriteLine("## Whole daemons at rest on several machines\n");
        Console.WriteLine(DaemonBench.RestHeader);
        foreach (string nodes in (Option("--nodes") ?? "3").Split(','))
        {
            await DaemonBench.RestAsync(
                Path.GetFullPath(resting), int.Parse(nodes, CultureInfo.InvariantCulture), Console.WriteLine, cancellation.Token);
        }

        Console.WriteLine();
    }
}

if (Option("--daemon") is { } changing && Wanted("changes"))
{
    Console.WriteLine("## Changes of configuration on several machines\n");
    Console.WriteLine(Distribution.Header);
    await DaemonBench.ChangesAsync(
        Path.GetFullPath(changing), int.Parse(Option("--runs") ?? "3", CultureInfo.InvariantCulture), 100, change =>
        Console.WriteLine(change.Row()), cancellation.Token);
    Console.WriteLine();
}

if (Option("--daemon") is { } watching && Wanted("calm"))
{
    Console.WriteLine("## False alarms on a busy machine\n");
    Console.WriteLine(DaemonBench.CalmHeader);
    await DaemonBench.CalmAsync(
        Path.GetFullPath(watching), int.Parse(Option("--nodes") ?? "3", CultureInfo.InvariantCulture),
        TimeSpan.FromMinutes(int.Parse(Option("--minutes") ?? "60", CultureInfo.InvariantCulture)), Console.WriteLine, cancellation.Token);
    Console.WriteLine();
}

if (Option("--daemon") is { } holding && Wanted("groups"))
{
    Console.WriteLine("## Many groups on several machines\n");
    Console.WriteLine(DaemonBench.GroupsHeader);
    foreach (string nodes in (Option("--nodes") ?? "3").Split(','))
    {
        foreach (string groups in (Option("--groups") ?? "10,100,1000").Split(','))
        {
            await DaemonBench.GroupsAsync(
                Path.GetFullPath(holding), int.Parse(nodes, CultureInfo.InvariantCulture), int.Parse(groups, CultureInfo.InvariantCulture),
                Console.WriteLine, cancellation.Token);
        }
    }

    Console.WriteLine();
}

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
