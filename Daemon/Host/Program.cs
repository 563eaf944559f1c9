using System.CommandLine;
using ClusterTools.Fencing.Lab;
using ClusterTools.Host;
using ClusterTools.Host.Commands;

// Called while a failed node's groups wait: nothing is loaded that it does not need.
if (args is ["fence-lab"])
{
    return await LabFenceAgent.RunAsync(Console.In, Console.Out, Console.Error).ConfigureAwait(false);
}

// What is printed may hold names, messages and files of anybody's: nothing in them speaks to the terminal.
Console.SetOut(new PlainWriter(Console.Out));
Console.SetError(new PlainWriter(Console.Error));
return await CommandLine.RunAsync(args).ConfigureAwait(false);
