using System.CommandLine;
using ClusterTools.Host.Daemon;

namespace ClusterTools.Host.Commands;

/// <summary><c>clusterd run</c>: the daemon of one node.</summary>
internal static class RunCommand
{
    public static Command Create(Signals signals)
    {
        var state = new Option<string>("--state")
        {
            Description = "The node's state folder, made by 'clusterd init'.",
            Required = true,
            HelpName = "DIR",
        };
        var command = new Command(
            "run",
            "Run the daemon of a node. SIGTERM moves its groups away, or when the machine is shut down treats them by the shutdown policy, "
                + "and leaves the cluster; a second one ends it at once.")
        {
            state,
        };
        command.SetAction((parsed, cancel) => NodeDaemon.RunAsync(Path.GetFullPath(parsed.GetRequiredValue(state)), signals, cancel));
        return command;
    }
}
