using ClusterTools.Demos;

// Arguments: README.md, the daemon's program, the module's folder, PowerShell.
if (args is not [var readme, var daemon, var module, var shell])
{
    Console.Error.WriteLine("Run it as ./build.sh demo machines.");
    return 2;
}

using var cancellation = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    cancellation.Cancel();
};
return await MachinesDemo.RunAsync(Chapter.Read(readme), daemon, module, shell, cancellation.Token) ? 0 : 1;
