using System.CommandLine;
using System.Runtime.InteropServices;
using ClusterTools.Core;

namespace ClusterTools.Host.Commands;

internal static class VersionCommand
{
    /// <summary>The daemon's version, as the assembly says.</summary>
    public static string Version { get; } = typeof(VersionCommand).Assembly.GetName().Version!.ToString(3);

    public static Command Create()
    {
        var command = new Command("version", "Print the version of this program.");
        command.SetAction(_ =>
        {
            Console.Out.WriteLine(
                $"clusterd {Version}, functional level {Cluster.FunctionalLevel}, {RuntimeInformation.FrameworkDescription}, "
                    + $"{RuntimeInformation.RuntimeIdentifier}");
            return ExitCode.Success;
        });
        return command;
    }
}
