using ClusterTools.Demos;

// Arguments: which demo, README.md, the daemon's program, the module's folder, PowerShell.
if (args is not [var name, var readme, var daemon, var module, var shell])
{
    Console.Error.WriteLine("Run it as ./build.sh demo machines, demo guests or bench migrations.");
    return 2;
}

using var cancellation = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    cancellation.Cancel();
};
var programs = new Programs(daemon, module, shell);
await using ChapterDemo demo = name switch
{
    "guests" => new GuestsDemo(programs),
    "migrations" => new MigrationBench(programs, pairs: 30),
    _ => new MachinesDemo(programs),
};
return await demo.RunAsync(readme, cancellation.Token) ? 0 : 1;
